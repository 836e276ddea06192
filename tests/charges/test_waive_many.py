from dataclasses import replace

import pytest

from amerce.access.actors import Actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.errors import TypeNotWaivable
from amerce.charges.models import Fee, FeeType
from amerce.charges.waive_many import Waived, waive_many
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk, now
from tests.charges.checks import assert_books_agree, nothing_written
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LOST = "LOSTITEMREPLACEMENTFEE"


def many(library, *fees: Fee, actor: Actor | None = None, comment: str = "") -> list[Waived]:
    return waive_many(
        actor=actor or library.staff("user_manager"),
        at=NOON,
        institution=library.institution,
        patron_ids={fee.patron_id for fee in fees},
        choose_fees=lambda: [fee.pk for fee in fees],
        reason="OTHER",
        comment=comment,
        data={},
    )


def told(row: Transfer) -> tuple[object, ...]:
    return (row.kind, row.debit, row.credit, row.amount_minor, row.vat_minor, row.reason, row.credit_fee_id is None)


@pytest.mark.parametrize("type_code", ["OTHER", LOST])
def test_each_fee_is_waived_as_one_waiver_would_waive_it(library, type_code):
    FeeType.objects.filter(code=type_code).update(vat_rate_bp=1000)
    alone, together = library.charge(999, type_code), library.charge(999, type_code, patron=library.new_patron("ada"))
    Desk(library).pay(alone, amount=333)
    ada = Desk(library)
    ada.patron = together.patron
    ada.pay(together, amount=333)

    Desk(library).waive(alone)
    (waived,) = many(library, together)

    one, other = (Transfer.objects.get(kind="WAIVE", fee=fee) for fee in (alone, together))
    assert told(one) == told(other)
    assert waived == Waived(together.patron_id, 1, 666, 3, 3)
    assert [
        (now(fee).status, now(fee).remaining_minor, now(fee).waived_minor, now(fee).closed_as)
        for fee in (alone, together)
    ] == [(now(alone).status, now(alone).remaining_minor, 666, now(alone).closed_as)] * 2
    assert_books_agree()


def test_a_disputed_fee_is_waived_where_it_stands(library):
    fee = library.charge(500)
    Desk(library).dispute(fee)

    many(library, fee)

    assert Transfer.objects.get(kind="WAIVE").credit == "patron:disputed"
    assert_books_agree()


def test_one_fee_that_cannot_be_waived_refuses_all(library):
    closed, unwaivable, fine = library.charge(100), library.charge(200, "LOCKERKEY"), library.charge(300)
    FeeType.objects.filter(code="LOCKERKEY").update(is_waivable=False)
    Desk(library).pay(closed, amount=100)

    assert many(library, closed) == []  # of which nothing is owed
    with nothing_written(), pytest.raises(TypeNotWaivable):
        many(library, fine, unwaivable)


def test_only_with_the_privilege_and_no_ceiling_of_a_single_waiver_holds(library):
    fee = library.charge(500)
    others = {each: frozenset({None}) for each in Privilege if each is not Privilege.BULK_WAIVE}
    with nothing_written(), pytest.raises(NotAllowed):
        many(library, fee, actor=replace(library.staff("user_manager"), grants=others))

    low = {(Privilege.FEE_WAIVE, None): 1, (Privilege.BULK_WAIVE, None): 1}
    assert many(library, fee, actor=replace(library.staff("user_manager"), ceilings=low))[0].amount_minor == 500
