"""The notes of a loan, the green check mark and the way back."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.access.models import Account
from amerce.circulation.models import Loan, LoanNote
from tests.circulation.lending import lend
from tests.web.account import Desk, open_record, text, words
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


@pytest.fixture
def loan(library: Library) -> Loan:
    return lend(library, item=library.new_item("Pnin"))


def all_loans(desk: Desk) -> str:
    return text(desk.client.get(f"/patron-services/{desk.library.patron.pk}/?tab=loans&display=all"))


def test_a_note_is_written_read_and_marked_in_the_list(desk: Desk, loan: Loan) -> None:
    assert "Loan notes of Pnin" not in all_loans(desk)

    answer = desk.post(f"loans/{loan.pk}/notes/", {"text": "Water on page 3"}, follow=True)

    note = LoanNote.objects.get()
    assert (note.loan_id, note.text, note.created_by) == (
        loan.pk,
        "Water on page 3",
        "circulation_desk_operator-account",
    )
    assert "Water on page 3" in words(answer)
    assert "The note is written." in words(answer)
    assert 'aria-label="Loan notes of Pnin"' in all_loans(desk)


def test_a_note_says_the_name_of_who_wrote_it_with_the_login_as_title(desk: Desk, loan: Loan) -> None:
    Account.objects.filter(username="circulation_desk_operator-account").update(name="Rita Okafor")
    desk.post(f"loans/{loan.pk}/notes/", {"text": "Water on page 3"})
    desk.post(f"loans/{loan.pk}/notes/", {"text": "Page 4 too"})
    LoanNote.objects.filter(text="Page 4 too").update(created_by="command line")

    page = text(desk.get(f"loans/{loan.pk}/notes/"))

    assert 'title="circulation_desk_operator-account">Rita Okafor</td>' in page
    assert 'title="command line">command line</td>' in page


def test_the_page_leads_back_to_where_it_was_opened(desk: Desk, loan: Loan, library: Library) -> None:
    here = f"/patron-services/{library.patron.pk}/?tab=loans"

    page = text(desk.get(f"loans/{loan.pk}/notes/?next=/patron-services/{library.patron.pk}/%3Ftab%3Dloans"))

    assert f'<a class="button-quiet back" href="{here}">&lt; back</a>' in page.replace("< back", "&lt; back")


def test_an_empty_note_is_refused_at_its_field(desk: Desk, loan: Loan) -> None:
    answer = desk.post(f"loans/{loan.pk}/notes/", {"text": "  "})

    assert answer.status_code == 422
    assert "Write the note first." in words(answer)
    assert not LoanNote.objects.exists()


def test_a_loan_of_somebody_else_is_not_found(desk: Desk, library: Library) -> None:
    loan = lend(library, patron=library.new_patron("other"))

    answer = desk.post(f"loans/{loan.pk}/notes/", {"text": "Mine"})

    assert answer.status_code == 404
    assert not LoanNote.objects.exists()


def test_who_may_only_look_reads_and_writes_nothing(
    sign_in: Callable[..., Client], library: Library, loan: Loan
) -> None:
    auditor = open_record(sign_in, library, "auditor")

    page = text(auditor.get(f"loans/{loan.pk}/notes/"))
    answer = auditor.post(f"loans/{loan.pk}/notes/", {"text": "Mine"})

    assert "Add note" not in page
    assert answer.status_code == 403
    assert not LoanNote.objects.exists()
