from datetime import UTC, datetime

import pytest
from django.db import connection

from amerce.access.can import AboveCeiling
from amerce.access.privileges import Privilege
from amerce.access.save_role import RoleSaid, save_role
from amerce.bulk.errors import StillRunning
from amerce.bulk.job import SLICE_FEES
from amerce.bulk.models import WaivedPatron
from amerce.bulk.queries import get_waiver, last_told, report
from amerce.bulk.undo import UNDO_BULK_WAIVING, undo_bulk_waiver
from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.inputs.errors import RowNotFound
from amerce.jobs.cancel import cancel_run
from amerce.jobs.claim import claim_run
from amerce.jobs.enqueue import enqueue
from amerce.jobs.errors import JobRefused
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice, run_to_end
from amerce.ledger.models import PatronAccount, Transfer
from amerce.ledger.verify import verify
from tests.bulk.waiving import finish, start, told, undo, waive_in_bulk
from tests.charges.acts import Desk, now
from tests.charges.checks import assert_books_agree, nothing_written
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LOST = "LOSTITEMREPLACEMENTFEE"


def assert_whole(library) -> None:
    assert_books_agree()
    assert verify(library.institution.pk).findings == []


def test_an_undo_opens_every_fee_again_by_transactions_that_name_the_waivers(library):
    fees = [library.charge(1000), library.charge(250), library.charge(9900, LOST)]
    waiver = waive_in_bulk(library)
    waived = list(Transfer.objects.filter(kind="WAIVE").order_by("pk").values_list("pk", flat=True))

    ended = undo(library, waiver)

    assert UNDO_BULK_WAIVING.summary(ended) == "patrons=1 fees=3 total=111.50 left=0"
    assert [(now(fee).status, now(fee).remaining_minor, now(fee).waived_minor) for fee in fees] == [
        ("ACTIVE", 1000, 0),
        ("ACTIVE", 250, 0),
        ("ACTIVE", 9900, 0),
    ]
    corrections = Transfer.objects.filter(kind="CORRECTION").order_by("seq")
    assert list(corrections.values_list("corrects_id", flat=True)) == waived[::-1]
    assert {each.actor_name for each in corrections} == {"main-user_manager"}
    assert Event.objects.get(name="transfer.corrected").data["transfers"] == waived
    assert PatronAccount.objects.get(patron=library.patron).balance_minor == 11150
    assert WaivedPatron.objects.get().undone_minor == 11150
    assert_whole(library)


def lower_ceiling(library, ceiling_minor: int) -> None:
    library.staff("user_manager")
    said = RoleSaid(label="User manager", privileges={Privilege.BULK_WAIVE: ceiling_minor})
    save_role(actor=library.staff("general_system_administrator"), at=NOON, code="user_manager", said=said)


def test_the_ceiling_holds_for_all_that_the_run_waived(library):
    library.charge(1000)
    library.charge(500)
    waiver = waive_in_bulk(library)
    lower_ceiling(library, 1499)

    with nothing_written(), pytest.raises(AboveCeiling) as refused:
        undo_bulk_waiver(actor=library.staff("user_manager"), at=NOON, waiver_id=waiver.pk)

    assert (refused.value.amount_minor, refused.value.ceiling_minor) == (1500, 1499)
    lower_ceiling(library, 1500)
    assert undo(library, waiver).counts["total_minor"] == 1500


def test_the_job_started_by_its_name_asks_the_ceiling_of_its_starter_too(library):
    fee = library.charge(1500)
    waiver = waive_in_bulk(library)
    lower_ceiling(library, 1499)
    actor = library.staff("user_manager")
    run = enqueue(actor=actor, at=NOON, name=UNDO_BULK_WAIVING.name, given={"waiver": str(waiver.pk)})

    held = claim_run(run.pk, worker="tests", now=NOON)
    assert held is not None
    ended = run_to_end(held, worker="tests", clock=lambda: NOON)

    assert (ended.state, ended.error) == ("failed", "It would undo more than 14.99 USD, which is the most.")
    assert now(fee).remaining_minor == 0
    assert not Transfer.objects.filter(kind="CORRECTION").exists()


def test_undone_twice_nothing_moves_a_second_time(library):
    library.charge(1000)
    waiver = waive_in_bulk(library)
    undo(library, waiver)

    with nothing_written():
        again = undo_bulk_waiver(actor=library.staff("user_manager"), at=NOON, waiver_id=waiver.pk)

    assert again.replayed
    assert JobRun.objects.count() == 2


def test_what_was_corrected_or_whose_credit_was_used_since_is_reported_and_stays(library):
    desk = Desk(library)
    corrected, lost, plain = library.charge(1000), library.charge(9900, LOST), library.charge(250)
    waiver = waive_in_bulk(library)
    desk.correct(Transfer.objects.get(kind="WAIVE", fee=corrected))
    desk.pay()  # all: the bound credit is used up on the lost item fee
    balance = desk.balance()

    ended = undo(library, waiver)

    assert UNDO_BULK_WAIVING.summary(ended) == "patrons=1 fees=1 total=2.50 left=2"
    assert told(ended) == [
        ("bulk_undo.CreditAlreadyUsed", {"patron_id": desk.patron.pk, "fee_id": lost.pk, "amount_minor": 9900}),
        ("bulk_undo.AlreadyCorrected", {"patron_id": desk.patron.pk, "fee_id": corrected.pk, "amount_minor": 1000}),
    ]
    assert now(plain).remaining_minor == 250
    assert desk.balance() == balance + 250
    assert_whole(library)


def test_an_undo_that_was_cut_off_and_the_one_after_it_are_one_report(library, monkeypatch):
    monkeypatch.setitem(SLICE_FEES, connection.vendor, 1)
    patrons = [library.patron, library.new_patron("second")]
    for patron in patrons:
        library.charge(1000, patron=patron)
    waiver = waive_in_bulk(library)
    for patron in patrons:
        desk = Desk(library)
        desk.patron = patron
        desk.correct(Transfer.objects.get(kind="WAIVE", account__patron=patron))
    manager = library.staff("user_manager")
    first = undo_bulk_waiver(actor=manager, at=NOON, waiver_id=waiver.pk)
    held = claim_run(first.run_id, worker="tests", now=NOON)
    assert held is not None
    run_slice(held, worker="tests", clock=lambda: NOON)
    cancel_run(actor=manager, at=NOON, run_id=first.run_id)

    undo(library, waiver)

    waiver = get_waiver(manager, waiver.pk)
    left = [(each.user, each.code) for each in report(waiver) if each.code]
    assert left == [("jdoe", "bulk_undo.AlreadyCorrected"), ("second", "bulk_undo.AlreadyCorrected")]
    assert len(last_told(waiver, 20)) == 2


def test_the_comment_names_the_day_of_the_institution(library):
    library.institution.time_zone = "America/New_York"
    library.institution.save()
    library.charge(1000)
    late = datetime(2026, 3, 3, 2, 30, tzinfo=UTC)
    waiver = start(library, at=late)
    finish(waiver.run_id, late)

    undo(library, waiver, late)

    correction = Transfer.objects.get(kind="CORRECTION")
    assert correction.note.text == "Undo of the bulk waiver of Mar 2, 2026."


def test_a_fee_that_went_to_the_bursar_since_is_reported(library):
    desk = Desk(library)
    loan = desk.new_loan()
    desk.bring_to(loan, 500)
    fee = Fee.objects.get()
    waiver = waive_in_bulk(library)
    desk.bring_to(loan, 800)
    desk.export(fee)

    ended = undo(library, waiver)

    assert told(ended) == [
        ("bulk_undo.FeeAtBursar", {"patron_id": desk.patron.pk, "fee_id": fee.pk, "amount_minor": 500})
    ]
    assert WaivedPatron.objects.get().undone_minor == 0
    assert_whole(library)


def test_a_fine_that_was_lowered_since_opens_for_no_more_than_was_reckoned_last(library):
    desk = Desk(library)
    loan = desk.new_loan()
    desk.bring_to(loan, 1000)
    waiver = waive_in_bulk(library)
    desk.bring_to(loan, 700)

    undo(library, waiver)

    assert now(Fee.objects.get()).remaining_minor == 700
    assert desk.balance() == 700
    assert_whole(library)


def test_what_was_waived_by_hand_or_charged_since_is_left_alone(library):
    desk = Desk(library)
    by_hand, bulk = library.charge(300), library.charge(1000)
    desk.waive(by_hand)
    waiver = waive_in_bulk(library)
    later = library.charge(70)
    desk.waive(later)

    undo(library, waiver)

    assert [now(each).remaining_minor for each in (by_hand, bulk, later)] == [0, 1000, 0]


def test_many_patrons_are_undone_slice_by_slice(library, monkeypatch):
    monkeypatch.setitem(SLICE_FEES, connection.vendor, 3)
    for number in range(5):
        patron = library.new_patron(f"p{number}")
        for _ in range(number + 1):
            library.charge(100, patron=patron)
    waiver = waive_in_bulk(library)

    ended = undo(library, waiver)

    assert UNDO_BULK_WAIVING.summary(ended) == "patrons=5 fees=15 total=15.00 left=0"
    assert (ended.expected, ended.counts["looked_at"]) == (5, 5)
    assert set(PatronAccount.objects.values_list("active_minor", flat=True)) == {100, 200, 300, 400, 500}
    assert_whole(library)


@pytest.mark.parametrize("typed", ["", "9" * 5000])
def test_a_run_that_goes_on_is_not_undone_by_the_command_line_either(library, typed):
    library.charge(1000)
    waiver = start(library)

    with nothing_written(), pytest.raises(JobRefused):
        enqueue(
            actor=library.staff("user_manager"),
            at=NOON,
            name=UNDO_BULK_WAIVING.name,
            given={"waiver": typed or str(waiver.pk)},
        )


def test_a_run_that_goes_on_is_not_undone(library):
    library.charge(1000)
    waiver = start(library)

    with nothing_written(), pytest.raises(StillRunning):
        undo_bulk_waiver(actor=library.staff("user_manager"), at=NOON, waiver_id=waiver.pk)


def test_the_waiver_of_another_institution_is_not_found(library, other_library):
    library.charge(1000)
    waiver = waive_in_bulk(library)

    with nothing_written(), pytest.raises(RowNotFound):
        undo_bulk_waiver(actor=other_library.staff("user_manager"), at=NOON, waiver_id=waiver.pk)
