from dataclasses import replace

import pytest

from amerce.access.actors import Actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.correct_many import TakenBack, correct_many
from amerce.charges.models import Fee
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk, now
from tests.charges.checks import assert_books_agree, nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def many(library: Library, *rows: Transfer, actor: Actor | None = None) -> list[TakenBack]:
    transfers: dict[int, list[Transfer]] = {}
    for row in rows:
        transfers.setdefault(row.account.patron_id, []).append(row)
    return correct_many(
        actor=actor or library.staff("user_manager"),
        at=NOON,
        institution=library.institution,
        transfers=transfers,
        comment="Taken back",
        data={},
    )


def told(row: Transfer) -> tuple[object, ...]:
    return (row.kind, row.debit, row.credit, row.amount_minor, row.vat_minor, row.reason)


def waiver_of(fee: Fee) -> Transfer:
    return Transfer.objects.get(kind="WAIVE", fee=fee)


@pytest.mark.parametrize("disputed", [False, True])
@pytest.mark.parametrize("type_code", ["OTHER", "LOSTITEMREPLACEMENTFEE"])
def test_each_is_taken_back_as_one_correction_would(library, type_code, disputed):
    ada = Desk(library)
    ada.patron = library.new_patron("ada")
    desks = (Desk(library), ada)
    fees = [desk.charge(999, type_code) for desk in desks]
    for desk, fee in zip(desks, fees, strict=True):
        if disputed:
            desk.dispute(fee)
        desk.waive(fee, amount=None if disputed else 400)

    desks[0].correct(waiver_of(fees[0]))
    (taken,) = many(library, waiver_of(fees[1]))

    one, other = (Transfer.objects.get(kind="CORRECTION", fee=fee) for fee in fees)
    assert told(one) == told(other)
    assert [each.pk for each in taken.rows] == [waiver_of(fees[1]).pk]
    assert [(now(fee).status, now(fee).remaining_minor, now(fee).waived_minor) for fee in fees] == [
        ("INDISPUTE" if disputed else "ACTIVE", 999, 0)
    ] * 2
    assert_books_agree()


def test_what_cannot_be_taken_back_is_answered_and_the_rest_is_done(library):
    desk = Desk(library)
    done, open_again, dispute = library.charge(100), library.charge(200), library.charge(300)
    desk.waive(open_again)
    desk.waive(done)
    desk.dispute(dispute)
    desk.correct(waiver_of(done))

    (taken,) = many(library, *Transfer.objects.filter(kind__in=("WAIVE", "DISPUTE")))

    assert [(row.fee_id, type(refusal).__name__) for row, refusal in taken.refused] == [
        (dispute.pk, "NotCorrectable"),
        (done.pk, "AlreadyCorrected"),
    ]
    assert [row.fee_id for row in taken.rows] == [open_again.pk]
    assert_books_agree()


def test_of_a_patron_of_whom_nothing_can_be_taken_back_nothing_is_written(library):
    fee = library.charge(100)
    Desk(library).waive(fee)
    Desk(library).correct(waiver_of(fee))

    with nothing_written():
        (taken,) = many(library, waiver_of(fee))

    assert (taken.rows, taken.amount_minor) == ([], 0)


def test_only_with_the_privilege(library):
    fee = library.charge(100)
    Desk(library).waive(fee)
    others = {each: frozenset({None}) for each in Privilege if each is not Privilege.BULK_WAIVE}

    with nothing_written(), pytest.raises(NotAllowed):
        many(library, waiver_of(fee), actor=replace(library.staff("user_manager"), grants=others))
