"""Claimed Return, Lost and Found from the menu of a loan."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amerce.charges.models import Fee
from amerce.circulation.models import Loan, TermsOfUse
from tests.charges.checks import nothing_written
from tests.circulation.lending import lend
from tests.web.account import HTMX, Desk, open_record, text, words
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    TermsOfUse.objects.filter(institution=library.institution).update(
        replacement_minor=9900, process_fee_minor=2000, overdue_rate_minor=150, grace_minutes=0
    )
    return open_record(sign_in, library, "circulation_desk_operator")


@pytest.fixture
def loan(library: Library) -> Loan:
    return lend(library, item=library.new_item("Pnin"), due_at=timezone.now() + timedelta(days=3))


def offered(desk: Desk) -> list[str]:
    page = text(desk.client.get(f"/patron-services/{desk.library.patron.pk}/?tab=loans&display=all"))
    return re.findall(r"/loans/\d+/(claimed-return|lost|found)/[^>]*>([^<]*)</a>", page)


def status(loan: Loan) -> str:
    return Loan.objects.get(pk=loan.pk).status


def test_the_menu_offers_what_the_status_allows(desk: Desk, loan: Loan) -> None:
    assert offered(desk) == [("claimed-return", "Claimed Return"), ("lost", "Lost")]

    desk.post(f"loans/{loan.pk}/claimed-return/")
    assert status(loan) == "CLAIMED_RETURN"
    assert offered(desk) == [("lost", "Lost"), ("found", "Found")]

    desk.post(f"loans/{loan.pk}/lost/")
    assert status(loan) == "LOST"
    assert offered(desk) == [("found", "Found")]

    desk.post(f"loans/{loan.pk}/found/")
    assert status(loan) == "NORMAL"
    assert offered(desk) == [("claimed-return", "Claimed Return"), ("lost", "Lost")]


def test_lost_says_first_what_it_will_cost_and_then_charges_that(desk: Desk, loan: Loan, library: Library) -> None:
    with nothing_written():
        asked = desk.get(f"loans/{loan.pk}/lost/", headers=HTMX)

    said = words(asked)
    assert "Lost item replacement fee the amount of the terms $99.00" in said
    assert "Lost item process fee $20.00" in said
    assert "Charged now $119.00" in said
    assert "The overdue fine" not in said

    answer = desk.post(f"loans/{loan.pk}/lost/", headers=HTMX)

    assert answer["HX-Redirect"] == f"/patron-services/{library.patron.pk}/?tab=loans&display=all"
    charged = dict(Fee.objects.values_list("type__code", "original_minor"))
    assert charged == {"LOSTITEMREPLACEMENTFEE": 9900, "LOSTITEMPROCESSFEE": 2000}


def test_lost_names_the_price_of_the_item_and_what_becomes_of_the_overdue_fine(desk: Desk, library: Library) -> None:
    item = library.new_item("Pnin")
    item.price_minor = 4550
    item.save()
    loan = lend(library, item=item, due_at=timezone.now() - timedelta(days=2, hours=1))

    goes = words(desk.get(f"loans/{loan.pk}/lost/", headers=HTMX))
    library.institution.overdue_at_lost_loan = True
    library.institution.save()
    stays = words(desk.get(f"loans/{loan.pk}/lost/", headers=HTMX))

    assert "Lost item replacement fee the price of the item $45.50" in goes
    assert "The overdue fine of $4.50 goes while the item is lost." in goes
    assert "The overdue fine stays at $4.50 and grows no more." in stays


def test_what_was_charged_before_for_the_loan_is_not_announced_again(desk: Desk, loan: Loan) -> None:
    desk.post(f"loans/{loan.pk}/lost/")
    desk.post(f"loans/{loan.pk}/found/")

    said = words(desk.get(f"loans/{loan.pk}/lost/", headers=HTMX))

    assert "Lost item process fee charged before $0.00" in said
    assert "Charged now $99.00" in said


def test_a_page_that_is_out_of_date_is_refused_in_one_sentence(desk: Desk, loan: Loan) -> None:
    desk.post(f"loans/{loan.pk}/lost/")

    with nothing_written():
        answer = desk.post(f"loans/{loan.pk}/claimed-return/", headers=HTMX)

    assert answer.status_code == 422
    assert 'role="alert"' in text(answer)
    assert status(loan) == "LOST"


def test_a_mark_nobody_knows_is_not_found(desk: Desk, loan: Loan) -> None:
    assert desk.get(f"loans/{loan.pk}/stolen/").status_code == 404


def test_who_may_only_look_is_offered_nothing_and_refused(
    sign_in: Callable[..., Client], library: Library, loan: Loan
) -> None:
    auditor = open_record(sign_in, library, "auditor")

    assert offered(auditor) == []
    assert auditor.post(f"loans/{loan.pk}/lost/").status_code == 403
    assert status(loan) == "NORMAL"
