from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from amerce.charges.dispute import dispute
from amerce.charges.models import Fee, FeeType
from amerce.charges.pay import pay
from amerce.charges.restore import restore
from amerce.charges.waive import waive
from amerce.circulation.models import Loan
from amerce.circulation.overdue_fines import OVERDUE_FINES, SLICE_LOANS
from amerce.events.models import Event
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun
from amerce.ledger.models import PatronAccount, Transfer
from tests.charges.acts import Desk
from tests.circulation.lending import lend
from tests.jobs.running import queue, run
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

NAME = OVERDUE_FINES.name
END_OF_JUNE = datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)


def summary(ended: JobRun) -> str:
    assert ended.state == JobRun.State.DONE, ended.error
    return OVERDUE_FINES.summary(ended)


def test_a_late_loan_gets_one_fine_that_names_loan_item_owner_and_policy(library):
    loan = lend(library, due_at=END_OF_JUNE, item=library.new_item("The leopard", "39007000000009"))

    ended = run(library, NAME, as_of="2024-07-15")

    fee = Fee.objects.select_related("type", "note").get()
    assert summary(ended) == "looked_at=1 made=1 raised=0 total=3.75"
    assert (fee.type.code, fee.original_minor, fee.remaining_minor, fee.status) == ("OVERDUEFINE", 375, 375, "ACTIVE")
    assert (fee.loan_id, fee.item_id, fee.owner_id) == (loan.pk, loan.item_id, library.library.pk)
    assert (fee.title, fee.barcode, fee.created_at) == ("The leopard", "39007000000009", NOON)
    assert fee.note.text == (
        "Date generated: 07/15/2024, Due: 06/30/2024, Fine Policy/ies: Standard loan: $0.25 per day"
    )
    assert Transfer.objects.get().actor_name == "job overdue-fines"


def test_the_same_day_again_adds_nothing(library):
    lend(library, due_at=END_OF_JUNE)
    run(library, NAME, as_of="2024-07-15")
    events = Event.objects.count()

    ended = run(library, NAME, as_of="2024-07-15")

    assert summary(ended) == "looked_at=1 made=0 raised=0 total=0.00"
    assert (Transfer.objects.count(), Fee.objects.count()) == (1, 1)
    assert Event.objects.count() == events + 2  # that a run was queued, and that it is done


def test_a_later_day_adds_the_difference_to_the_same_fee(library):
    lend(library, due_at=END_OF_JUNE)
    run(library, NAME, as_of="2024-07-15")

    ended = run(library, NAME, as_of="2024-07-20")

    assert summary(ended) == "looked_at=1 made=0 raised=1 total=1.25"
    assert Fee.objects.get().remaining_minor == 500
    assert list(Transfer.objects.order_by("seq").values_list("kind", "amount_minor")) == [
        ("CHARGE", 375),
        ("CHARGE", 125),
    ]


def test_an_earlier_day_adds_nothing(library):
    lend(library, due_at=END_OF_JUNE)
    run(library, NAME, as_of="2024-07-15")

    assert summary(run(library, NAME, as_of="2024-07-10")) == "looked_at=1 made=0 raised=0 total=0.00"


def test_what_was_paid_meanwhile_stays_paid_and_only_the_new_days_are_owed(library):
    lend(library, due_at=END_OF_JUNE)
    run(library, NAME, as_of="2024-07-15")
    pay(
        actor=library.operator,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=None,
        amount_minor=375,
        method="CASH",
    )

    ended = run(library, NAME, as_of="2024-07-17")

    fee = Fee.objects.get()
    assert summary(ended) == "looked_at=1 made=0 raised=1 total=0.50"
    assert (fee.status, fee.original_minor, fee.paid_minor, fee.remaining_minor) == ("ACTIVE", 425, 375, 50)


def test_what_was_taken_back_meanwhile_is_charged_again_by_a_later_day(library):
    loan = lend(library, due_at=END_OF_JUNE)
    run(library, NAME, as_of="2024-07-15")
    Desk(library).bring_to(loan, 300)

    ended = run(library, NAME, as_of="2024-07-16")

    fee = Fee.objects.get()
    assert summary(ended) == "looked_at=1 made=0 raised=1 total=1.00"
    assert (fee.original_minor, fee.reduced_minor, fee.remaining_minor) == (475, 75, 400)


def test_a_disputed_fine_waits(library):
    lend(library, due_at=END_OF_JUNE)
    run(library, NAME, as_of="2024-07-15")
    dispute(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=[Fee.objects.get().pk])

    assert summary(run(library, NAME, as_of="2024-07-20")) == "looked_at=1 made=0 raised=0 total=0.00"


def test_days_in_dispute_are_never_charged_also_not_after_a_restore(library):
    # given a fine of 9 days, in dispute from the 2nd to the 12th
    lend(library, due_at=datetime(2026, 2, 20, 23, 59, 59, tzinfo=UTC))
    run(library, NAME, as_of="2026-03-01")
    disputed = {"patron_id": library.patron.pk, "fee_ids": [Fee.objects.get().pk]}
    dispute(actor=library.operator, at=NOON, **disputed)
    restore(actor=library.manager, at=NOON + timedelta(days=10), **disputed)

    ended = run(library, NAME, at=NOON + timedelta(days=20), as_of="2026-03-20")

    # then 28 days less 10 are charged
    assert summary(ended) == "looked_at=1 made=0 raised=1 total=2.25"
    assert Fee.objects.get().original_minor == 450


def test_a_dispute_that_ended_in_a_waiver_froze_the_days_until_then(library):
    lend(library, due_at=datetime(2026, 2, 20, 23, 59, 59, tzinfo=UTC))
    run(library, NAME, as_of="2026-03-01")
    fee = Fee.objects.get()
    dispute(actor=library.operator, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])
    waive(
        actor=library.manager,
        at=NOON + timedelta(days=10),
        patron_id=library.patron.pk,
        amounts_minor={fee.pk: None},
        reason="OTHER",
    )

    ended = run(library, NAME, at=NOON + timedelta(days=20), as_of="2026-03-20")

    assert summary(ended) == "looked_at=1 made=0 raised=1 total=2.25"
    assert Fee.objects.get().remaining_minor == 225


def test_within_the_grace_it_looks_and_charges_nothing(library):
    lend(library, due_at=END_OF_JUNE)

    assert summary(run(library, NAME, as_of="2024-07-01")) == "looked_at=1 made=0 raised=0 total=0.00"
    assert not Fee.objects.exists()
    assert not PatronAccount.objects.exists()


@pytest.mark.parametrize("status", [Loan.Status.CLAIMED_RETURN, Loan.Status.LOST])
def test_a_loan_claimed_returned_or_lost_is_not_looked_at(library, status):
    lend(library, due_at=END_OF_JUNE, status=status)

    assert summary(run(library, NAME, as_of="2024-07-15")) == "looked_at=0 made=0 raised=0 total=0.00"


def test_a_loan_that_came_back_or_is_due_that_day_is_not_looked_at(library):
    lend(library, due_at=END_OF_JUNE, returned_at=END_OF_JUNE + timedelta(days=30))
    lend(library, due_at=END_OF_JUNE + timedelta(days=15))

    assert summary(run(library, NAME, as_of="2024-07-15")) == "looked_at=0 made=0 raised=0 total=0.00"


def test_days_are_those_of_the_institutions_zone():
    library = Library.new("WEST", time_zone="America/Los_Angeles")
    lend(library, due_at=datetime(2024, 7, 1, 6, 59, 59, tzinfo=UTC))  # the end of 30 June in Davis

    assert summary(run(library, NAME, as_of="2024-07-15")) == "looked_at=1 made=1 raised=0 total=3.75"


def test_without_a_day_it_is_today_in_the_institutions_zone():
    library = Library.new("EAST", time_zone="Pacific/Auckland")
    lend(library, due_at=datetime(2026, 2, 28, 10, 59, 59, tzinfo=UTC))  # the end of 28 February in Auckland

    ended = run(library, NAME, at=NOON)  # one in the night of 3 March in Auckland

    assert ended.params == {"as_of": "2026-03-03"}
    assert summary(ended) == "looked_at=1 made=1 raised=0 total=0.75"


def test_a_currency_without_decimals_has_none_in_the_total():
    library = Library.new("JP", currency_code="JPY")
    library.institution.terms_of_use.update(overdue_rate_minor=10, overdue_maximum_minor=1000)
    lend(library, due_at=END_OF_JUNE)

    assert summary(run(library, NAME, as_of="2024-07-15")) == "looked_at=1 made=1 raised=0 total=150"


def test_more_loans_than_a_slice_are_all_looked_at_once(library, monkeypatch):
    monkeypatch.setitem(SLICE_LOANS, connection.vendor, 80)
    for number in range(81):
        lend(library, due_at=END_OF_JUNE - timedelta(seconds=number % 3))  # in another order than that of their ids

    ended = run(library, NAME, as_of="2024-07-15")

    assert (ended.expected, summary(ended)) == (81, "looked_at=81 made=81 raised=0 total=303.75")
    assert PatronAccount.objects.get().active_minor == 81 * 375


def test_loans_of_another_institution_are_not_touched(library, other_library):
    lend(other_library, due_at=END_OF_JUNE)

    assert summary(run(library, NAME, as_of="2024-07-15")) == "looked_at=0 made=0 raised=0 total=0.00"
    assert not Fee.objects.exists()


def test_with_the_fee_type_disabled_the_run_charges_all_the_same(library):
    lend(library, due_at=END_OF_JUNE)
    FeeType.objects.filter(code="OVERDUEFINE").update(is_enabled=False, is_manual=False)

    assert summary(run(library, NAME, as_of="2024-07-15")) == "looked_at=1 made=1 raised=0 total=3.75"
    assert Fee.objects.get().type.code == "OVERDUEFINE"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "as_of is a day written as 2024-07-15, not “”."),
        ("15.7.2024", "as_of is a day written as 2024-07-15, not “15.7.2024”."),
        ("20240715", "as_of is a day written as 2024-07-15, not “20240715”."),
        ("2024-02-30", "There is no day 2024-02-30."),
        ("0000-01-01", "There is no day 0000-01-01."),
        ("2026-03-03", "2026-03-03 has not come yet: days are charged when they have passed."),
    ],
)
def test_what_is_no_day_that_has_come_is_refused_and_no_run_is_made(library, typed, sentence):
    with pytest.raises(JobRefused) as refusal:
        queue(library, NAME, as_of=typed)

    assert str(refusal.value) == sentence
    assert not JobRun.objects.exists()


@pytest.mark.parametrize(
    ("nightly", "expected"),
    [(False, "looked_at=0 made=0 raised=0 total=0.00"), (True, "looked_at=1 made=1 raised=0 total=3.75")],
)
def test_on_schedule_it_charges_only_where_fines_are_charged_every_night(library, nightly, expected):
    library.institution.accrues_nightly = nightly
    library.institution.save()
    lend(library, due_at=END_OF_JUNE)

    ended = run(library, NAME, as_of="2024-07-15", scheduled="yes")

    assert (summary(ended), ended.expected) == (expected, int(nightly))


def test_whether_it_is_on_schedule_is_yes_or_no(library):
    with pytest.raises(JobRefused, match="scheduled is yes or no, not “perhaps”"):
        run(library, NAME, scheduled="perhaps")

    assert not JobRun.objects.exists()
