from datetime import timedelta

import pytest
from django.db import connection

from amerce.access.privileges import Privilege
from amerce.access.save_role import RoleSaid, save_role
from amerce.bulk.job import BULK_WAIVING, SLICE_FEES
from amerce.bulk.models import WaivedPatron
from amerce.charges.models import Fee, FeeType
from amerce.events.models import Event, EventDelivery
from amerce.jobs.claim import claim_run
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_to_end
from amerce.ledger.models import PatronAccount, Transfer
from amerce.ledger.verify import verify
from tests.bulk.waiving import finish, start, told, waive_in_bulk
from tests.charges.acts import Desk, now
from tests.charges.checks import assert_books_agree
from tests.circulation.lending import lend
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LOST = "LOSTITEMREPLACEMENTFEE"


def assert_whole(library) -> None:
    assert_books_agree()
    assert verify(library.institution.pk).findings == []


def test_a_run_waives_what_the_preview_showed_in_the_name_of_who_started_it(library):
    fee, other = library.charge(1000), library.charge(250, "LOCKERKEY")

    waiver = waive_in_bulk(library, comment="Amnesty week")

    assert waiver.run is not None
    assert BULK_WAIVING.summary(waiver.run) == "patrons=1 fees=2 total=12.50 skipped=0"
    assert [(now(each).status, now(each).closed_as, now(each).waived_minor) for each in (fee, other)] == [
        ("CLOSED", "waived", 1000),
        ("CLOSED", "waived", 250),
    ]
    rows = Transfer.objects.filter(kind="WAIVE").select_related("note")
    assert {(row.actor_name, row.reason, row.debit, row.note.text, row.desk_id) for row in rows} == {
        ("main-user_manager", "OTHER", "waived:OTHER", "Amnesty week", library.desk.pk)
    }
    assert_whole(library)


def test_one_event_a_patron_says_what_was_waived_and_by_which_bulk_waiver(library):
    fee, other = library.charge(1000), library.charge(250)

    waiver = waive_in_bulk(library)

    event = Event.objects.get(name="fee.waived")
    assert (event.patron_id, event.data["reason"], event.data["bulk_waiver"]) == (library.patron.pk, "OTHER", waiver.pk)
    assert [(line["fee_id"], line["amount_minor"]) for line in event.data["lines"]] == [(fee.pk, 1000), (other.pk, 250)]


def test_what_is_left_is_reported_with_why(library):
    FeeType.objects.filter(code="LOCKERKEY").update(is_waivable=False)
    rich = library.new_patron("rich")
    library.charge(500)
    key = library.charge(300, "LOCKERKEY")
    much = library.charge(9000, patron=rich)

    waiver = waive_in_bulk(library, threshold_minor=5000)

    assert waiver.run is not None
    assert BULK_WAIVING.summary(waiver.run) == "patrons=1 fees=1 total=5.00 skipped=2"
    assert told(waiver.run) == [
        (
            "bulk_waiving.not_waivable",
            {"patron_id": library.patron.pk, "fee_ids": [key.pk], "amount_minor": 300, "total_minor": 800},
        ),
        (
            "bulk_waiving.above_threshold",
            {"patron_id": rich.pk, "fee_ids": [much.pk], "amount_minor": 9000, "total_minor": 9000},
        ),
    ]
    assert now(much).remaining_minor == 9000


def test_what_happened_between_confirmation_and_run_counts(library):
    paid, grown = library.charge(1000), library.charge(100, patron=library.new_patron("grown"))
    waiver = start(library, threshold_minor=2000)
    Desk(library).pay(paid, amount=1000)
    library.charge(5000, patron=grown.patron)

    ended = finish(waiver.run_id)

    assert waiver.preview["waived"] == {"patrons": 2, "fees": 2, "amount_minor": 1100}
    assert BULK_WAIVING.summary(ended) == "patrons=0 fees=0 total=0.00 skipped=1"
    assert [code for code, _data in told(ended)] == ["bulk_waiving.above_threshold"]
    assert not Transfer.objects.filter(kind="WAIVE").exists()


def test_a_loan_is_overdue_by_the_time_of_the_run_and_not_of_another(library):
    other = library.new_patron("other")
    library.charge(1000)
    left = library.charge(700, patron=other)
    lend(library, due_at=NOON + timedelta(hours=2))
    lend(library, patron=other, due_at=NOON - timedelta(days=1))

    now_due = waive_in_bulk(library, excludes_overdue=True)
    fee = library.charge(1000)
    later = start(library, excludes_overdue=True)
    finish(later.run_id, NOON + timedelta(hours=3))

    assert now_due.run is not None
    assert BULK_WAIVING.summary(now_due.run) == "patrons=1 fees=1 total=10.00 skipped=1"
    assert [now(each).status for each in (fee, left)] == ["ACTIVE", "ACTIVE"]


def test_what_a_bound_credit_will_pay_is_not_waived_again(library):
    lost, other = library.charge(10000, LOST), library.charge(300, patron=library.new_patron("other"))
    Desk(library).waive(lost, amount=4000)

    waiver = waive_in_bulk(library)

    assert waiver.run is not None
    assert BULK_WAIVING.summary(waiver.run) == "patrons=2 fees=2 total=63.00 skipped=0"
    assert (now(lost).waived_minor, now(other).waived_minor) == (10000, 300)
    assert_whole(library)


def test_a_run_waives_no_more_than_its_starter_may_although_more_is_owed_by_then(library):
    library.staff("user_manager")
    said = RoleSaid(label="User manager", privileges={Privilege.BULK_WAIVE: 1500, Privilege.PATRON_VIEW: None})
    save_role(actor=library.staff("general_system_administrator"), at=NOON, code="user_manager", said=said)
    fee = library.charge(1500)
    waiver = start(library)
    library.charge(1, patron=library.new_patron("later"))

    held = claim_run(waiver.run_id, worker="tests", now=NOON)
    assert held is not None
    ended = run_to_end(held, worker="tests", clock=lambda: NOON)

    assert (ended.state, ended.error) == (
        JobRun.State.FAILED,
        "More is owed than when this was confirmed: it would waive more than 15.00 USD, which is the most.",
    )
    assert now(fee).remaining_minor == 1500
    assert not Transfer.objects.filter(kind="WAIVE").exists()


def test_a_lost_item_fee_keeps_its_remainder_and_gets_a_bound_credit(library):
    fee = library.charge(9900, LOST)

    waive_in_bulk(library)

    credit = Fee.objects.get(bound_to=fee)
    assert (now(fee).status, now(fee).remaining_minor, now(fee).waived_minor) == ("ACTIVE", 9900, 9900)
    assert (credit.status, credit.remaining_minor) == ("ACTIVE", -9900)
    assert PatronAccount.objects.get(patron=library.patron).balance_minor == 0
    assert_whole(library)


def test_a_lost_loan_whose_charges_were_waived_is_closed_by_what_hangs_on_the_event(library):
    desk = Desk(library)
    loan = desk.new_loan()
    desk.bring_to(loan, 5000, LOST)

    waive_in_bulk(library)

    event = Event.objects.get(name="fee.waived")
    assert event.data["lost_loans"] == [loan.pk]
    assert EventDelivery.objects.filter(event=event, handler="close_paid_lost_loan").count() == 1


def test_the_vat_of_what_is_waived_is_kept_as_with_one_waiver(library):
    FeeType.objects.filter(code="OTHER").update(vat_rate_bp=1000)
    Desk(library).pay(library.charge(1000), amount=333)

    waive_in_bulk(library)

    assert sum(Transfer.objects.filter(kind__in=("PAYMENT", "WAIVE")).values_list("vat_minor", flat=True)) == 91


def test_many_patrons_are_waived_slice_by_slice_each_in_one(library, monkeypatch):
    monkeypatch.setitem(SLICE_FEES, connection.vendor, 4)
    patrons = [library.new_patron(f"p{number}") for number in range(5)]
    for number, patron in enumerate(patrons):
        for _ in range(number + 1):
            library.charge(100, patron=patron)

    waiver = waive_in_bulk(library)

    assert waiver.run is not None
    assert BULK_WAIVING.summary(waiver.run) == "patrons=5 fees=15 total=15.00 skipped=0"
    assert (waiver.run.expected, waiver.run.counts["looked_at"]) == (5, 5)
    kept = WaivedPatron.objects.order_by("patron_id")
    assert list(kept.values_list("patron_id", "fees", "amount_minor", "first_seq", "last_seq")) == [
        (patron.pk, n, 100 * n, n + 1, 2 * n) for n, patron in enumerate(patrons, start=1)
    ]
    assert_whole(library)


def test_a_bulk_waiver_that_has_its_run_gets_no_second_by_the_command_line(library):
    from amerce.bulk.job import read_waiver_param
    from amerce.jobs.job import JobRefused

    library.charge(100)
    waiver = waive_in_bulk(library)

    for typed in (str(waiver.pk), "0", "x", "9" * 30):
        with pytest.raises(JobRefused):
            read_waiver_param({"waiver": typed}, library.institution.pk, NOON)
    assert JobRun.objects.count() == 1
