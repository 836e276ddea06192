from datetime import UTC, date, datetime, timedelta

import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.charges.correct import correct
from amerce.charges.dispute import dispute
from amerce.charges.export import export
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.charges.waive import waive
from amerce.circulation import recalculate
from amerce.circulation.add_closure import RECALCULATION, ClosureAdded, add_closure
from amerce.circulation.models import CalendarException, Loan, LoanSpell
from amerce.circulation.recalculate import RECALCULATE, SLICE_LOANS
from amerce.circulation.remove_closure import remove_closure
from amerce.circulation.return_item import return_item
from amerce.events.models import Event
from amerce.jobs.claim import claim
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice, run_to_end
from amerce.ledger.models import PatronAccount, Transfer
from tests.charges.checks import assert_books_agree, nothing_written
from tests.circulation.configuring import administrator
from tests.circulation.lending import lend
from tests.jobs.running import run
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

DUE = datetime(2026, 2, 19, 23, 59, 59, tzinfo=UTC)
FINE = 275
"""Eleven days late by the end of NOON's day, at 0.25; three of them are closed afterwards."""


@pytest.fixture
def library(library: Library) -> Library:
    """Closed days are not charged."""
    library.institution.terms_of_use.update(charges_closed_time=False)
    return library


def charged(library: Library, **columns) -> Loan:  # type: ignore[no-untyped-def]
    """A loan that was late on ten days of February and one of March, all charged."""
    loan = lend(library, due_at=DUE, **columns)
    run(library, "overdue-fines")
    return loan


def added(library: Library, first: int = 23, last: int = 25, **said) -> ClosureAdded:  # type: ignore[no-untyped-def]
    """A closing of days of February."""
    days = {"first_on": date(2026, 2, first), "last_on": date(2026, 2, last)}
    plain = {"library_id": library.library.pk, "reason": "Water in the stacks", **days}
    return add_closure(actor=administrator(library), at=NOON, **{**plain, **said})


def close(library: Library, first: int = 23, last: int = 25, **said) -> JobRun:  # type: ignore[no-untyped-def]
    """A closing of days of February, and the run that follows, ended."""
    run_id = added(library, first, last, **said).run_id
    taken = claim(worker="test", now=NOON)
    assert taken is not None and taken.pk == run_id
    return run_to_end(taken, worker="test", clock=lambda: NOON)


def summary(ended: JobRun) -> str:
    assert ended.state == JobRun.State.DONE, ended.error
    return RECALCULATE.summary(ended)


def amounts(fee: Fee | None = None) -> tuple[int, ...]:
    """Charged, taken back, remaining, paid and waived."""
    fee = fee or Fee.objects.get(original_minor__gt=0)
    fee.refresh_from_db()
    return fee.original_minor, fee.reduced_minor, fee.remaining_minor, fee.paid_minor, fee.waived_minor


def balance() -> int:
    return PatronAccount.objects.get().balance_minor


def test_days_closed_afterwards_are_taken_back_and_the_history_says_so(library):
    loan = charged(library)

    ended = close(library)

    assert summary(ended) == "looked_at=1 lowered=1 total=0.75"
    assert amounts() == (FINE, 75, 200, 0, 0)
    kinds = Transfer.objects.order_by("seq").values_list("kind", "amount_minor", "note__text")
    assert list(kinds)[1:] == [("REDUCTION", 75, "Closed from 2026-02-23 to 2026-02-25: Water in the stacks")]
    event = Event.objects.get(name="fee.lowered")
    assert (event.data["loan"], event.data["closure"]) == (loan.pk, CalendarException.objects.get().pk)
    assert event.actor_name == "job recalculate-overdue-fines"
    assert_books_agree()


def test_a_loan_that_came_back_is_lowered_by_the_days_of_its_lateness_alone(library):
    loan = charged(library)
    Loan.objects.update(returned_at=NOON - timedelta(hours=1))

    ended = close(library, 18, 21)  # the 18th and the 19th were before it was late

    assert summary(ended) == "looked_at=1 lowered=1 total=0.50"
    assert loan.pk == Fee.objects.get().loan_id
    assert amounts() == (FINE, 50, 225, 0, 0)


def test_run_twice_nothing_moves(library):
    charged(library)
    closure = close(library).params["closure"]

    before = list(Transfer.objects.order_by("pk").values()), list(Fee.objects.order_by("pk").values())
    again = run(library, RECALCULATION, closure=str(closure))

    assert summary(again) == "looked_at=0 lowered=0 total=0.00"
    assert (list(Transfer.objects.order_by("pk").values()), list(Fee.objects.order_by("pk").values())) == before
    assert amounts() == (FINE, 75, 200, 0, 0)


def test_the_days_of_a_second_closing_are_taken_back_as_well_and_no_day_twice(library):
    charged(library)
    close(library, 23, 25)

    assert summary(close(library, 25, 26)) == "looked_at=1 lowered=1 total=0.25"
    assert amounts() == (FINE, 100, 175, 0, 0)
    assert_books_agree()


@pytest.mark.parametrize(("first", "last", "left"), [(23, 25, 200), (24, 26, 175)])
def test_two_closings_entered_before_either_run_take_each_day_back_once(library, first, last, left):
    charged(library)
    added(library)
    added(library, first, last, library_id=None)

    for _ in range(2):
        taken = claim(worker="test", now=NOON)
        assert taken is not None
        run_to_end(taken, worker="test", clock=lambda: NOON)

    assert amounts() == (FINE, FINE - left, left, 0, 0)
    assert_books_agree()


def test_what_was_paid_above_the_new_amount_becomes_a_credit_to_the_cent(library):
    charged(library)
    pay(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=FINE, method="CASH")

    assert summary(close(library)) == "looked_at=1 lowered=1 total=0.75"

    assert amounts() == (FINE, 75, 0, FINE, 0)
    assert balance() == -75
    assert_books_agree()


def test_of_a_fine_paid_in_part_the_open_part_goes_first(library):
    charged(library)
    pay(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=225, method="CASH")

    close(library)  # 0.50 is open, 2.25 was paid, the new amount is 2.00

    assert amounts() == (FINE, 75, 0, 225, 0)
    assert balance() == -25
    assert_books_agree()


def test_what_was_waived_is_never_owed_to_the_patron(library):
    charged(library)
    fee = Fee.objects.get()
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={fee.pk: None}, reason="OTHER")

    assert summary(close(library)) == "looked_at=1 lowered=0 total=0.00"

    assert amounts() == (FINE, 0, 0, 0, FINE)
    assert balance() == 0


def test_a_disputed_fine_is_lowered_in_dispute(library):
    charged(library)
    fee = Fee.objects.get()
    dispute(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])

    assert summary(close(library)) == "looked_at=1 lowered=1 total=0.75"

    assert amounts() == (FINE, 75, 200, 0, 0)
    assert PatronAccount.objects.get().disputed_minor == 200
    assert_books_agree()


def test_an_exported_fine_comes_back_as_a_credit(library):
    charged(library)
    fee = Fee.objects.get()
    export(
        actor=library.staff("bursar_clerk"),
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[fee.pk],
        awaits_payment=False,
    )

    assert summary(close(library)) == "looked_at=1 lowered=1 total=0.75"

    assert balance() == -75
    assert_books_agree()


def test_a_lateness_that_a_renewal_ended_is_lowered_too(library):
    loan = charged(library)
    LoanSpell.objects.create(
        institution=library.institution, loan=loan, kind=LoanSpell.Kind.LATE, began_at=DUE, ended_at=NOON
    )
    Loan.objects.update(due_at=NOON + timedelta(days=28))

    assert summary(close(library)) == "looked_at=1 lowered=1 total=0.75"
    assert amounts() == (FINE, 75, 200, 0, 0)


def test_terms_that_changed_since_do_not_lower_more_than_the_days_concerned(library):
    charged(library)
    library.institution.terms_of_use.update(overdue_rate_minor=10)

    assert summary(close(library)) == "looked_at=1 lowered=1 total=0.30"
    assert amounts() == (FINE, 30, 245, 0, 0)


def test_a_fine_at_its_maximum_stays_there(library):
    loan = lend(library, due_at=DUE - timedelta(days=200))
    run(library, "overdue-fines")

    assert summary(close(library)) == "looked_at=1 lowered=0 total=0.00"
    assert amounts(Fee.objects.get(loan=loan)) == (1000, 0, 1000, 0, 0)


def test_where_closed_time_is_charged_nothing_changes(library):
    library.institution.terms_of_use.update(charges_closed_time=True)
    charged(library)

    assert summary(close(library)) == "looked_at=1 lowered=0 total=0.00"


def test_days_that_were_not_charged_yet_are_not_taken_back(library):
    charged(library)  # up to the 2nd of March

    ended = run_closure(library, date(2026, 3, 3), date(2026, 3, 4), at=NOON + timedelta(days=3))

    assert summary(ended) == "looked_at=1 lowered=0 total=0.00"


def test_a_closing_of_another_library_or_institution_lowers_nothing(library, other_library):
    charged(library)
    other_library.institution.terms_of_use.update(charges_closed_time=False)

    assert summary(close(other_library, library_id=None)) == "looked_at=0 lowered=0 total=0.00"
    assert amounts() == (FINE, 0, FINE, 0, 0)


def test_a_closing_of_every_library_lowers_in_each(library):
    charged(library)

    assert summary(close(library, library_id=None)) == "looked_at=1 lowered=1 total=0.75"


def test_removing_the_closing_of_past_days_gives_nothing_back(library):
    charged(library)
    close(library)

    remove_closure(actor=administrator(library), at=NOON, closure_id=CalendarException.objects.get().pk)

    run(library, "overdue-fines")

    assert amounts() == (FINE, 75, 200, 0, 0)


def test_more_loans_than_a_slice_are_all_lowered_and_after_a_run_that_failed_the_next_goes_on(library):
    for _each in range(SLICE_LOANS + 1):
        lend(library, due_at=DUE)
    run(library, "overdue-fines")
    closure = added(library).closure_id
    first = claim(worker="test", now=NOON)
    assert first is not None
    after_a_slice = run_slice(first, worker="test", clock=lambda: NOON)
    JobRun.objects.filter(pk=first.pk).update(state=JobRun.State.FAILED)

    ended = run(library, RECALCULATION, closure=str(closure))

    assert after_a_slice.counts["lowered"] == SLICE_LOANS
    assert (ended.expected, summary(ended)) == (1, "looked_at=1 lowered=1 total=0.75")
    assert PatronAccount.objects.get().active_minor == (SLICE_LOANS + 1) * 200
    assert_books_agree()


def test_a_loan_without_terms_is_left_as_it_is(library):
    charged(library)
    library.institution.terms_of_use.all().delete()

    assert summary(close(library)) == "looked_at=1 lowered=0 total=0.00"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Easter", "closure is the number of a closing of the calendar, not “Easter”."),
        ("999999", "The calendar has no closing 999999."),
    ],
)
def test_what_is_no_closing_is_refused(library, typed, sentence):
    with nothing_written(), pytest.raises(JobRefused) as refused:
        run(library, RECALCULATION, closure=typed)

    assert str(refused.value) == sentence


def test_who_may_not_accrue_lowers_nothing(library):
    loan = charged(library)
    nobody = system_actor(library.institution.pk, "nobody")

    with nothing_written(), pytest.raises(NotAllowed):
        recalculate._lower(
            nobody, NOON, loan, CalendarException(reason="x"), old_minor={}, new_minor={}, least_minor={}
        )


def run_closure(library: Library, first_on: date, last_on: date, *, at: datetime) -> JobRun:
    add_closure(actor=administrator(library), at=at, library_id=None, first_on=first_on, last_on=last_on, reason="Snow")
    taken = claim(worker="test", now=at)
    assert taken is not None
    return run_to_end(taken, worker="test", clock=lambda: at)


@pytest.mark.parametrize("dated_back", [False, True])
def test_a_return_after_the_closing_was_entered_has_left_its_days_out_whatever_the_terms_are_since(
    library: Library, dated_back: bool
) -> None:
    # given a closing of three charged days, and before its run the return and cheaper terms
    loan = charged(library)
    run_id = added(library).run_id
    later = NOON + timedelta(hours=1)
    given = {"returned_at": NOON - timedelta(hours=1)} if dated_back else {}
    return_item(actor=library.manager, at=later, barcode=loan.item.barcode, **given)
    assert amounts() == (FINE, 75, 200, 0, 0)
    library.institution.terms_of_use.update(overdue_rate_minor=10)

    # when the run comes
    taken = claim(worker="test", now=later)
    assert taken is not None and taken.pk == run_id
    ended = run_to_end(taken, worker="test", clock=lambda: later)

    # then nothing is taken back twice
    assert summary(ended) == "looked_at=1 lowered=0 total=0.00"
    assert amounts() == (FINE, 75, 200, 0, 0)


def test_a_return_before_the_closing_was_entered_is_lowered_by_its_days(library: Library) -> None:
    loan = charged(library)
    return_item(actor=library.manager, at=NOON - timedelta(minutes=1), barcode=loan.item.barcode)

    assert summary(close(library)) == "looked_at=1 lowered=1 total=0.75"


def test_a_closing_lowers_what_waits_for_the_end_of_a_dispute(library):
    loan = charged(library)
    fee = Fee.objects.get()
    who = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk, "fee_ids": [fee.pk]}
    dispute(**who)
    Fee.objects.update(waiting_minor=200)  # as a return whose terms had become dearer leaves it
    Loan.objects.update(returned_at=NOON - timedelta(hours=1))

    close(library)

    fee.refresh_from_db()
    assert (loan.pk, amounts(fee)[1], fee.waiting_minor) == (fee.loan_id, 0, 125)


def test_two_closings_after_a_waiver_are_both_taken_off_once_it_is_corrected(library):
    charged(library)
    fee = Fee.objects.get()
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={fee.pk: None}, reason="OTHER")
    close(library, 23, 24)
    close(library, 25, 26)

    row = Transfer.objects.get(kind="WAIVE")
    correct(actor=library.manager, at=NOON, patron_id=library.patron.pk, transfer_ids=[row.pk])

    assert amounts(fee) == (FINE, 100, 175, 0, 0)
    assert_books_agree()
