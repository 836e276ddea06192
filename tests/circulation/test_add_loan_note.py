"""Notes on loans (row A5)."""

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.add_loan_note import add_loan_note
from amerce.circulation.errors import LoanNotFound, NoteEmpty
from amerce.circulation.models import Loan, LoanNote
from amerce.inputs.errors import TextMalformed, TextTooLong
from tests.charges.checks import nothing_written
from tests.circulation.lending import lend
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def loan(library: Library) -> Loan:
    return lend(library)


def write(library: Library, loan: Loan, text: str, **columns: object) -> LoanNote:
    given = {"actor": library.operator, "patron_id": library.patron.pk, **columns}
    return add_loan_note(at=NOON, loan_id=loan.pk, text=text, **given)


def test_it_is_kept_with_who_wrote_it_and_when(library: Library, loan: Loan) -> None:
    write(library, loan, "  Cover torn already ")

    assert LoanNote.objects.values_list("loan", "text", "created_at", "created_by").get() == (
        loan.pk, "Cover torn already", NOON, library.operator.name,
    )  # fmt: skip


@pytest.mark.parametrize(("text", "refusal"), [("  ", NoteEmpty), ("x" * 1001, TextTooLong), ("a\0b", TextMalformed)])
def test_words_that_cannot_be_kept_are_refused(
    library: Library, loan: Loan, text: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal), nothing_written():
        write(library, loan, text)

    assert LoanNote.objects.count() == 0


def test_on_a_loan_of_somebody_else_nothing_is_written(library: Library, loan: Loan, other_library: Library) -> None:
    with pytest.raises(LoanNotFound), nothing_written():
        write(library, loan, "Torn", patron_id=library.new_patron("other").pk)
    with pytest.raises(LoanNotFound), nothing_written():
        write(library, loan, "Torn", actor=other_library.operator)

    assert LoanNote.objects.count() == 0


def test_it_takes_the_privilege(library: Library, loan: Loan) -> None:
    with pytest.raises(NotAllowed), nothing_written():
        write(library, loan, "Torn", actor=library.staff("auditor"))
