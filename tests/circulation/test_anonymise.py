"""Returned loans lose their patron (row E3)."""

from datetime import date, datetime, timedelta

import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.circulation.add_loan_note import add_loan_note
from amerce.circulation.anonymise import ANONYMISE_LOANS, SLICE_LOANS, SLICE_REQUESTS, Anonymising, anonymising
from amerce.circulation.cancel_request import cancel_request
from amerce.circulation.checkout import checkout
from amerce.circulation.models import Loan, LoanNote, LoanSpell, Request, TermsOfUse
from amerce.events.models import Event
from amerce.events.queries import of_patron
from amerce.institutions.models import Institution
from amerce.jobs.claim import LEASE, claim
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice, run_to_end
from amerce.ledger.verify import verify
from amerce.patrons.models import Note, Proxy
from tests.charges.checks import nothing_written
from tests.circulation.desk import LoanDesk
from tests.circulation.keeping import charged_for, midnight, note_on, nothing_changes
from tests.circulation.lending import lend
from tests.jobs.running import queue, run
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

NAME = ANONYMISE_LOANS.name
LONG_AGO = NOON - timedelta(days=61)
CUT = midnight(60)


def summary(ended: JobRun) -> str:
    assert ended.state == JobRun.State.DONE, ended.error
    return ANONYMISE_LOANS.summary(ended)


def returned(library: Library, at: datetime = LONG_AGO, **columns) -> Loan:  # type: ignore[no-untyped-def]
    return lend(library, due_at=at, returned_at=at, **columns)


def borrowers() -> list[int | None]:
    return list(Loan.objects.order_by("pk").values_list("patron_id", flat=True))


def by_the_desk(library: Library, *, note: str = "") -> Loan:
    """A loan that was lent, renewed, claimed and brought back in December 2025, by the commands of the desk."""
    desk = LoanDesk(library)
    loan = desk.lend(library.new_item(), at=CUT - timedelta(days=30))
    desk.renew(loan, at=CUT - timedelta(days=20))
    desk.claim(loan, at=CUT - timedelta(days=12))
    if note:
        add_loan_note(actor=library.operator, at=NOON, patron_id=library.patron.pk, loan_id=loan.pk, text=note)
    desk.take_back(loan, at=CUT - timedelta(days=10))
    return loan


def test_a_return_loses_its_patron_and_its_notes_and_keeps_its_spells(library):
    loan = by_the_desk(library, note="Jane called about it")

    ended = run(library, NAME)

    assert summary(ended) == "looked_at=1 anonymised=1 kept=0 notes=1 requests=0"
    kept = Loan.objects.get()
    assert (kept.patron_id, kept.item_id, kept.returned_at) == (None, loan.item_id, CUT - timedelta(days=10))
    assert not LoanNote.objects.exists()
    assert LoanSpell.objects.get().kind == "claimed"


def test_its_events_stay_and_say_no_more_to_whom_it_was_lent(library):
    by_the_desk(library, note="Jane called about it")
    told = Event.objects.filter(name__startswith="loan.").order_by("pk")
    happened = list(told.values_list("name", flat=True))

    run(library, NAME)

    assert list(told.values_list("name", flat=True)) == happened
    assert happened == [
        "loan.checked_out", "loan.renewed", "loan.claimed_returned", "loan.noted", "loan.returned",
    ]  # fmt: skip
    assert set(told.values_list("patron_id", flat=True)) == {None}


def test_what_happened_to_the_patron_otherwise_stays_theirs(library):
    desk = LoanDesk(library)
    by_the_desk(library)
    later = desk.lend(library.new_item(), at=NOON)
    library.charge(1000)

    run(library, NAME)

    mine = list(of_patron(library.institution.pk, library.patron.pk).values_list("name", "data"))
    assert [name for name, _data in mine] == ["loan.checked_out", "fee.assessed"][::-1]
    assert mine[1][1]["loan"] == later.pk


@pytest.mark.parametrize("type_code", ["OTHER", "DAMAGEDITEMFINE"])
def test_a_return_with_a_fine_or_fee_keeps_its_patron_its_notes_and_its_events(library, type_code):
    loan = returned(library)
    note_on(loan)
    charged_for(loan, library.charge(100, type_code, item=loan.item))

    assert summary(run(library, NAME)) == "looked_at=1 anonymised=0 kept=1 notes=0 requests=0"
    assert (borrowers(), LoanNote.objects.count()) == ([library.patron.pk], 1)
    assert verify().findings == []


def test_a_return_whose_fee_was_paid_keeps_its_patron(library):
    loan = returned(library)
    charged_for(loan, library.charge(100, item=loan.item))
    pay(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=100, method="CASH")

    assert summary(run(library, NAME)) == "looked_at=1 anonymised=0 kept=1 notes=0 requests=0"


@pytest.mark.parametrize(
    ("returned_at", "expected"),
    [
        (CUT, "looked_at=0 anonymised=0 kept=0 notes=0 requests=0"),
        (CUT - timedelta(seconds=1), "looked_at=1 anonymised=1 kept=0 notes=0 requests=0"),
    ],
)
def test_sixty_days_are_whole_days_after_the_return(library, returned_at, expected):
    returned(library, returned_at)

    assert summary(run(library, NAME)) == expected


def test_days_are_those_of_the_institutions_zone():
    library = Library.new("WEST", time_zone="America/Los_Angeles")
    returned(library, CUT + timedelta(hours=7))  # one in the night of the last day of December

    ended = run(library, NAME)

    assert ended.params == {"before": "2026-01-01", "dry_run": False}
    assert summary(ended) == "looked_at=1 anonymised=1 kept=0 notes=0 requests=0"


def test_what_the_institution_has_set_counts_unless_other_days_are_given(library):
    Institution.objects.update(anonymise_after_days=100)
    returned(library)

    assert summary(run(library, NAME)) == "looked_at=0 anonymised=0 kept=0 notes=0 requests=0"
    assert summary(run(library, NAME, days="30")) == "looked_at=1 anonymised=1 kept=0 notes=0 requests=0"


@pytest.mark.parametrize("status", list(Loan.Status))
def test_a_loan_that_is_out_is_never_touched(library, status):
    lend(library, due_at=LONG_AGO, status=status)

    with nothing_changes():
        run(library, NAME, days="0")


def test_a_lost_loan_that_left_the_list_and_is_not_back_is_never_touched(library):
    loan = lend(library, due_at=LONG_AGO, status=Loan.Status.LOST)
    Loan.objects.filter(pk=loan.pk).update(closed_at=LONG_AGO)

    assert summary(run(library, NAME, days="0")) == "looked_at=0 anonymised=0 kept=0 notes=0 requests=0"
    assert borrowers() == [library.patron.pk]


def test_run_twice_nothing_changes(library):
    by_the_desk(library)
    run(library, NAME)
    before = list(Loan.objects.values())

    assert summary(run(library, NAME)) == "looked_at=0 anonymised=0 kept=0 notes=0 requests=0"
    assert list(Loan.objects.values()) == before


def test_a_dry_run_counts_what_would_be_done_and_does_nothing(library):
    loan, charged = returned(library), returned(library)
    note_on(loan)
    charged_for(charged, library.charge(100, item=charged.item))

    with nothing_changes():
        ended = run(library, NAME, dry_run="yes")

    assert (ended.expected, summary(ended)) == (2, "dry_run=yes looked_at=2 anonymised=1 kept=1 notes=1 requests=0")
    assert anonymising(library.institution, date(2026, 1, 1)) == Anonymising(2, 1, 1, 1, 0)
    assert summary(run(library, NAME)) == "looked_at=2 anonymised=1 kept=1 notes=1 requests=0"


def test_more_returns_than_a_slice_are_all_anonymised_and_a_run_cut_off_goes_on(library):
    for number in range(2 * SLICE_LOANS + 1):
        returned(library, LONG_AGO - timedelta(seconds=number % 3))  # in another order than that of their ids
    charged = Loan.objects.order_by("returned_at", "pk")[SLICE_LOANS - 1]
    charged_for(charged, library.charge(100, item=charged.item))
    queue(library, NAME)
    first = claim(worker="one", now=NOON)
    after_a_slice = run_slice(first, worker="one", clock=lambda: NOON)
    tomorrow = NOON + timedelta(days=1) + LEASE
    ended = run_to_end(claim(worker="two", now=tomorrow), worker="two", clock=lambda: tomorrow)

    assert after_a_slice.counts == {"looked_at": 60, "anonymised": 59, "kept": 1, "notes": 0, "requests": 0}
    assert (ended.expected, summary(ended)) == (121, "looked_at=121 anonymised=120 kept=1 notes=0 requests=0")
    assert list(Loan.objects.filter(patron__isnull=False)) == [charged]


def test_returns_of_another_institution_are_not_touched(library, other_library):
    returned(other_library)

    assert summary(run(library, NAME)) == "looked_at=0 anonymised=0 kept=0 notes=0 requests=0"
    assert anonymising(library.institution, date(2026, 1, 1)) == Anonymising(0, 0, 0, 0, 0)
    assert borrowers() == [other_library.patron.pk]


def test_an_event_that_moved_money_keeps_its_patron_for_another_loan_renewed_with_it(library):
    TermsOfUse.objects.update(overdue_rate_minor=25, loan_length=5)
    desk = LoanDesk(library)
    late = desk.lend(library.new_item(), at=CUT - timedelta(days=40))
    other = desk.lend(library.new_item(), at=CUT - timedelta(days=33))
    desk.renew(late, other, at=CUT - timedelta(days=32))
    for loan in (late, other):
        desk.take_back(loan, at=CUT - timedelta(days=30))

    assert summary(run(library, NAME)) == "looked_at=2 anonymised=1 kept=1 notes=0 requests=0"
    renewed = Event.objects.get(name="loan.renewed")
    assert (renewed.patron_id, Fee.objects.get().loan_id) == (library.patron.pk, late.pk)
    assert [loan_id for loan_id, _due_at in renewed.data["loans"]] == [late.pk]
    assert verify().findings == []


def test_a_renewal_of_several_loans_stays_the_patrons_until_the_last_of_them_is_forgotten(library):
    desk = LoanDesk(library)
    first, second = (desk.lend(library.new_item(), at=CUT - timedelta(days=12)) for _each in range(2))
    desk.renew(first, second, at=CUT - timedelta(days=10))
    desk.take_back(first, at=CUT - timedelta(days=5))
    desk.take_back(second, at=CUT + timedelta(days=1))

    run(library, NAME)

    renewed = Event.objects.get(name="loan.renewed")
    assert renewed.patron_id == library.patron.pk
    assert [loan_id for loan_id, _due_at in renewed.data["loans"]] == [second.pk]

    run(library, NAME, days="30")

    assert borrowers() == [None, None]
    assert Event.objects.get(name="loan.renewed").patron_id is None


def waited(library: Library, closed_at: datetime | None = LONG_AGO, **columns) -> Request:  # type: ignore[no-untyped-def]
    return Request.objects.create(
        institution=library.institution,
        patron=library.patron,
        item=library.new_item(),
        pickup=library.library,
        placed_at=LONG_AGO - timedelta(days=9),
        closed_at=closed_at,
        **columns,
    )


def test_a_request_that_ended_long_ago_and_its_events_say_no_more_who_waited(library):
    desk = LoanDesk(library)
    item, given_up = library.new_item(), library.new_item()
    desk.request(item, at=CUT - timedelta(days=40))
    cancelled = desk.request(given_up, at=CUT - timedelta(days=40))
    cancel_request(
        actor=library.operator, at=LONG_AGO, patron_id=library.patron.pk, request_id=cancelled.pk, note="Bought, Jane"
    )
    desk.take_back(desk.lend(item, at=CUT - timedelta(days=30)), at=CUT - timedelta(days=10))

    assert summary(run(library, NAME)) == "looked_at=3 anonymised=1 kept=0 notes=0 requests=2"

    assert set(Request.objects.values_list("patron_id", flat=True)) == {None}
    told = Event.objects.filter(name__startswith="request.").order_by("pk")
    assert list(told.values_list("name", "patron_id")) == [
        ("request.placed", None), ("request.placed", None), ("request.cancelled", None), ("request.fulfilled", None),
    ]  # fmt: skip
    assert told.get(name="request.cancelled").data["note"] is None
    assert not Note.objects.exists()
    assert summary(run(library, NAME)) == "looked_at=0 anonymised=0 kept=0 notes=0 requests=0"


@pytest.mark.parametrize("closed_at", [None, CUT])
def test_a_request_that_is_open_or_ended_later_keeps_its_patron(library, closed_at):
    waited(library, closed_at)

    with nothing_changes():
        ended = run(library, NAME)

    assert summary(ended) == "looked_at=0 anonymised=0 kept=0 notes=0 requests=0"


def test_a_fee_of_the_loan_keeps_the_loan_and_not_the_request(library):
    loan = returned(library)
    charged_for(loan, library.charge(100, item=loan.item))
    waited(library)

    assert summary(run(library, NAME)) == "looked_at=2 anonymised=0 kept=1 notes=0 requests=1"
    assert (borrowers(), Request.objects.get().patron_id) == ([library.patron.pk], None)
    assert verify().findings == []


def test_more_requests_than_a_slice_are_all_anonymised_and_a_dry_run_counts_them(library):
    for _each in range(SLICE_REQUESTS + 1):
        waited(library)

    with nothing_changes():
        dry = run(library, NAME, dry_run="yes")

    assert (dry.expected, summary(dry)) == (41, "dry_run=yes looked_at=41 anonymised=0 kept=0 notes=0 requests=41")
    assert summary(run(library, NAME)) == "looked_at=41 anonymised=0 kept=0 notes=0 requests=41"
    assert set(Request.objects.values_list("patron_id", flat=True)) == {None}


def test_who_came_and_why_a_block_was_no_bar_are_forgotten_too(library):
    proxy = library.new_patron("helper")
    Proxy.objects.create(
        institution=library.institution, patron=library.patron, proxy=proxy, created_at=NOON, created_by="Operator"
    )
    item, other = library.new_item(), library.new_patron("other")
    LoanDesk(library).request(item, at=CUT - timedelta(days=40), patron=other)
    checkout(
        actor=library.manager, at=CUT - timedelta(days=30), patron_id=library.patron.pk, barcode=item.barcode,
        override_reason="Jane reads it today", proxy_id=proxy.pk,
    )  # fmt: skip
    LoanDesk(library).take_back(Loan.objects.get(), at=CUT - timedelta(days=20))

    run(library, NAME)

    told = Event.objects.get(name="loan.checked_out")
    assert (told.patron_id, told.data["override"]) == (None, {"note": None, "blocks": ["awaited"]})
    assert "proxy" not in told.data
    assert not Note.objects.exists()
    assert Request.objects.get().patron_id == other.pk


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"days": ""}, "days is a whole number up to 36500, not “”."),
        ({"days": "-1"}, "days is a whole number up to 36500, not “-1”."),
        ({"days": "36501"}, "days is a whole number up to 36500, not “36501”."),
        ({"days": "9" * 400}, f"days is a whole number up to 36500, not “{'9' * 400}”."),
        ({"days": "²"}, "days is a whole number up to 36500, not “²”."),
        ({"dry_run": "maybe"}, "dry_run is yes or no, not “maybe”."),
    ],
)
def test_what_is_no_parameter_is_refused_and_no_run_is_made(library, given, sentence):
    with pytest.raises(JobRefused) as refused:
        queue(library, NAME, **given)

    assert str(refused.value) == sentence
    assert not JobRun.objects.exists()


def test_who_may_not_purge_anonymises_nothing(library):
    returned(library)
    nobody = system_actor(library.institution.pk, "nobody", Privilege.LOAN_MARK)

    queued = queue(library, NAME)

    with nothing_written(), pytest.raises(NotAllowed):
        ANONYMISE_LOANS.slice(queued, nobody, NOON)
