from dataclasses import replace
from datetime import timedelta

import pytest

from amerce.charges.assess import assess
from amerce.charges.errors import CreatedInFuture, OwnerUnknown
from amerce.charges.models import Fee
from amerce.events.models import Event, EventDelivery
from amerce.institutions.models import Library as LibraryRow
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk, now, state
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_charge_is_owed_in_full_and_stands_in_the_income_of_its_type(desk: Desk) -> None:
    outcome = assess(
        actor=desk.manager,
        at=NOON,
        patron_id=desk.patron.pk,
        type_code="OTHER",
        amount_minor=1250,
        comment="broken cup",
    )

    fee = Fee.objects.get()
    row = Transfer.objects.get()
    assert state(fee) == ("ACTIVE", "", 1250)
    assert (fee.original_minor, fee.created_at, fee.status_at, fee.note.text) == (1250, NOON, NOON, "broken cup")
    assert (row.kind, row.debit, row.credit, row.amount_minor) == ("CHARGE", "patron:active", "income:OTHER", 1250)
    assert (row.account.patron_id, row.fee_id, row.note_id) == (desk.patron.pk, fee.pk, fee.note_id)
    assert (outcome.balance_minor, outcome.seq, outcome.payment_id) == (1250, 1, None)


@pytest.mark.parametrize(
    ("amount_minor", "rate_bp", "vat_minor"),
    [(1000, 1000, 91), (1000, 2000, 167), (1, 1000, 0), (6, 1000, 1), (1000, 0, 0), (1190, 1900, 190), (1000, 775, 72)],
)
def test_vat_is_included_in_the_amount(desk: Desk, amount_minor: int, rate_bp: int, vat_minor: int) -> None:
    desk.vat_rate("OTHER", rate_bp)

    fee = desk.charge(amount_minor)

    assert (fee.vat_rate_bp, Transfer.objects.get().vat_minor) == (rate_bp, vat_minor)


def test_a_credit_is_typed_positive_and_stands_negative(desk: Desk) -> None:
    credit = desk.charge(300, "CREDIT")

    row = Transfer.objects.get()
    assert (credit.original_minor, credit.remaining_minor, credit.is_credit) == (-300, -300, True)
    assert (row.kind, row.debit, row.credit, row.amount_minor) == ("CREDIT", "income:CREDIT", "patron:credit", 300)
    assert desk.balance() == -300


def test_the_owner_of_a_library_owned_fee_is_the_library_of_the_desk(desk: Desk) -> None:
    assert desk.charge(100, "OTHER").owner_id == desk.library.library.pk


def test_another_library_of_the_institution_can_be_the_owner(desk: Desk) -> None:
    branch = LibraryRow.objects.create(institution=desk.library.institution, code="BRANCH", name="Branch")

    outcome = assess(
        actor=desk.manager,
        at=NOON,
        patron_id=desk.patron.pk,
        type_code="OTHER",
        amount_minor=100,
        owner_library_id=branch.pk,
    )

    assert Fee.objects.get(pk=outcome.lines[0].fee_id).owner_id == branch.pk


def test_an_institution_owned_fee_has_no_library_and_needs_no_desk(desk: Desk) -> None:
    actor = desk.library.staff("circulation_desk_manager", at_desk=False)

    assess(actor=actor, at=NOON, patron_id=desk.patron.pk, type_code="CARDRENEWAL", amount_minor=100)

    assert Fee.objects.get().owner_id is None
    assert (Transfer.objects.get().library_id, Transfer.objects.get().desk_id) == (None, None)


def test_title_and_barcode_of_the_item_are_kept(desk: Desk) -> None:
    item = desk.library.new_item("Invisible cities", "39007000000001")

    fee = desk.charge(100, item=item)

    assert (fee.item_id, fee.title, fee.barcode) == (item.pk, "Invisible cities", "39007000000001")


def test_title_and_barcode_stay_when_the_item_is_deleted(desk: Desk) -> None:
    item = desk.library.new_item("Invisible cities", "39007000000001")
    fee = desk.charge(100, item=item)

    item.delete()

    fee = now(fee)
    assert (fee.item_id, fee.title, fee.barcode) == (None, "Invisible cities", "39007000000001")


def test_the_ceiling_itself_can_be_charged(desk: Desk) -> None:
    assert desk.charge(10_000_000).remaining_minor == 10_000_000


def test_a_program_is_at_no_desk_and_names_the_library(library: Library) -> None:
    program = replace(library.staff("circulation_desk_manager", at_desk=False), is_application=True)
    inputs = {"actor": program, "at": NOON, "patron_id": library.patron.pk, "type_code": "OTHER", "amount_minor": 100}

    with nothing_written(), pytest.raises(OwnerUnknown):
        assess(**inputs)
    made = assess(**inputs, owner_library_id=library.library.pk)
    assert Fee.objects.get(pk=made.lines[0].fee_id).owner == library.library


def test_what_was_charged_elsewhere_bears_its_time_and_never_a_later_one(library: Library) -> None:
    inputs = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk, "type_code": "OTHER"}
    before = NOON - timedelta(days=40)

    made = assess(**inputs, amount_minor=100, created_at=before)

    fee = Fee.objects.get(pk=made.lines[0].fee_id)
    assert (fee.created_at, fee.transfers.get().at) == (before, before)
    event = Event.objects.get(name="fee.assessed")
    assert (event.at, event.data["charged_at"]) == (NOON, before.isoformat())
    assert not EventDelivery.objects.filter(next_at__lt=NOON).exists()
    with nothing_written(), pytest.raises(CreatedInFuture):
        assess(**inputs, amount_minor=100, created_at=NOON + timedelta(seconds=1))
