"""Returned loans and closed requests leave the lists for good, and no money moves (row E3)."""

from datetime import date, datetime, timedelta

import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.circulation.models import Item, Loan, LoanNote, LoanSpell, Request, TermsOfUse
from amerce.circulation.purge import PURGE_RETURNS, SLICE_ROWS, Purging, purging
from amerce.institutions.models import Institution
from amerce.jobs.claim import LEASE, claim
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice, run_to_end
from amerce.ledger.models import PatronAccount, Transfer
from amerce.ledger.verify import verify
from tests.charges.checks import assert_books_agree, nothing_written
from tests.circulation.desk import LoanDesk
from tests.circulation.keeping import charged_for, midnight, note_on, nothing_changes
from tests.circulation.lending import lend
from tests.jobs.running import queue, run
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

NAME = PURGE_RETURNS.name
CUT = midnight(180)
LONG_AGO = CUT - timedelta(days=1)
NOTHING = "looked_at=0 loans=0 notes=0 requests=0 fees=0"


def summary(ended: JobRun) -> str:
    assert ended.state == JobRun.State.DONE, ended.error
    return PURGE_RETURNS.summary(ended)


def returned(library: Library, at: datetime = LONG_AGO, **columns) -> Loan:  # type: ignore[no-untyped-def]
    return lend(library, due_at=at, returned_at=at, **columns)


def requested(library: Library, closed_at: datetime | None) -> Request:
    return Request.objects.create(
        institution=library.institution,
        patron=library.patron,
        item=library.new_item(),
        pickup=library.library,
        placed_at=LONG_AGO,
        closed_at=closed_at,
    )


def test_a_late_return_goes_with_notes_and_spells_and_its_fine_keeps_title_barcode_and_dates(library):
    # given a loan that was late, claimed returned, brought back, and cost 2.50
    TermsOfUse.objects.update(overdue_rate_minor=25, loan_length=5)
    desk = LoanDesk(library)
    lent_at = LONG_AGO - timedelta(days=30)
    loan = desk.lend(library.new_item("Pnin", "39007"), at=lent_at)
    desk.claim(loan, at=lent_at + timedelta(days=15))
    desk.take_back(loan, at=lent_at + timedelta(days=20))
    note_on(loan)
    pay(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=50, method="CASH")
    money = [list(each.objects.order_by("pk").values()) for each in (Transfer, PatronAccount)]
    fee = Fee.objects.values().get()

    # when
    ended = run(library, NAME)

    # then
    assert summary(ended) == "looked_at=1 loans=1 notes=1 requests=0 fees=1"
    assert not any(each.objects.exists() for each in (Loan, LoanNote, LoanSpell))
    assert Item.objects.filter(barcode="39007").exists()
    dates = {"loaned_at": lent_at, "due_at": loan.due_at, "returned_at": lent_at + timedelta(days=20)}
    assert Fee.objects.values().get() == {**fee, "loan_id": None, **dates}
    assert (fee["title"], fee["barcode"]) == ("Pnin", "39007")
    assert [list(each.objects.order_by("pk").values()) for each in (Transfer, PatronAccount)] == money
    assert_books_agree()
    assert verify().findings == []


def test_a_fee_that_is_owed_still_is_owed_as_before_and_can_be_paid(library):
    loan = returned(library)
    fee = charged_for(loan, library.charge(1000, item=loan.item))
    run(library, NAME)

    pay(
        actor=library.operator,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[fee.pk],
        amount_minor=1000,
        method="CASH",
    )

    fee.refresh_from_db()
    assert (fee.status, fee.paid_minor, fee.loan_id) == ("CLOSED", 1000, None)
    assert verify().findings == []


def test_what_was_anonymised_before_goes_as_well(library):
    returned(library)
    run(library, "anonymise-loans")

    assert summary(run(library, NAME)) == "looked_at=1 loans=1 notes=0 requests=0 fees=0"
    assert not Loan.objects.exists()


def test_closed_requests_go_and_open_ones_stay(library):
    requested(library, LONG_AGO)
    still_kept, still_open = requested(library, CUT), requested(library, None)

    assert summary(run(library, NAME)) == "looked_at=1 loans=0 notes=0 requests=1 fees=0"
    assert list(Request.objects.order_by("pk")) == [still_kept, still_open]


@pytest.mark.parametrize(("returned_at", "is_kept"), [(CUT, True), (CUT - timedelta(seconds=1), False)])
def test_a_hundred_and_eighty_days_are_whole_days_after_the_return(library, returned_at, is_kept):
    returned(library, returned_at)

    run(library, NAME)

    assert Loan.objects.exists() == is_kept


def test_what_the_institution_has_set_counts_unless_other_days_are_given(library):
    Institution.objects.update(returns_kept_days=400)
    returned(library)

    assert summary(run(library, NAME)) == NOTHING
    assert summary(run(library, NAME, days="100")) == "looked_at=1 loans=1 notes=0 requests=0 fees=0"


@pytest.mark.parametrize("status", list(Loan.Status))
def test_a_loan_that_is_out_is_never_touched(library, status):
    lend(library, due_at=LONG_AGO, status=status)

    with nothing_changes():
        assert summary(run(library, NAME, days="0")) == NOTHING


def test_a_lost_loan_that_left_the_list_and_is_not_back_is_never_touched(library):
    loan = lend(library, due_at=LONG_AGO, status=Loan.Status.LOST)
    Loan.objects.filter(pk=loan.pk).update(closed_at=LONG_AGO)

    with nothing_changes():
        assert summary(run(library, NAME, days="0")) == NOTHING


def test_run_twice_nothing_changes(library):
    returned(library)
    run(library, NAME)

    with nothing_changes():
        assert summary(run(library, NAME)) == NOTHING


def test_a_dry_run_counts_what_would_be_done_and_does_nothing(library):
    loan = returned(library)
    note_on(loan)
    charged_for(loan, library.charge(100, item=loan.item))
    requested(library, LONG_AGO)

    with nothing_changes():
        ended = run(library, NAME, dry_run="yes")

    assert (ended.expected, summary(ended)) == (2, "dry_run=yes looked_at=2 loans=1 notes=1 requests=1 fees=1")
    assert purging(library.institution, date(2025, 9, 3)) == Purging(2, 1, 1, 1, 1)
    assert summary(run(library, NAME)) == "looked_at=2 loans=1 notes=1 requests=1 fees=1"


def test_more_than_a_slice_are_all_purged_and_a_run_cut_off_goes_on(library):
    for _each in range(SLICE_ROWS + 1):
        returned(library)
    for _each in range(SLICE_ROWS + 3):
        requested(library, LONG_AGO)
    queue(library, NAME)
    first = claim(worker="one", now=NOON)
    after_a_slice = run_slice(first, worker="one", clock=lambda: NOON)
    later = NOON + LEASE * 2

    ended = run_to_end(claim(worker="two", now=later), worker="two", clock=lambda: later)

    assert (after_a_slice.counts["loans"], after_a_slice.counts["requests"]) == (60, 60)
    assert (ended.expected, summary(ended)) == (124, "looked_at=124 loans=61 notes=0 requests=63 fees=0")
    assert not Loan.objects.exists()
    assert not Request.objects.exists()


def test_what_is_of_another_institution_is_not_touched(library, other_library):
    loan = returned(other_library)
    note_on(loan)
    requested(other_library, LONG_AGO)

    with nothing_changes():
        assert summary(run(library, NAME)) == NOTHING
    assert purging(library.institution, date(2025, 9, 3)) == Purging(0, 0, 0, 0, 0)


def test_who_may_not_purge_deletes_nothing(library):
    returned(library)
    queued = queue(library, NAME)
    nobody = system_actor(library.institution.pk, "nobody", Privilege.LOAN_MARK)

    with nothing_written(), pytest.raises(NotAllowed):
        PURGE_RETURNS.slice(queued, nobody, NOON)
