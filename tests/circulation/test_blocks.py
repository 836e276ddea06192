"""When a patron is blocked, when no more, and what it takes to be let through (row C7)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amerce.access.can import NotAllowed
from amerce.charges.pay import pay
from amerce.circulation.blocks import (
    Action,
    Block,
    Expired,
    Inactive,
    Manual,
    OwesTooLong,
    OwesTooMuch,
    PatronBlocked,
    blocks_of,
    let_through,
)
from amerce.circulation.models import BlockRule
from amerce.inputs.errors import TextTooLong
from amerce.patrons.blocks import BlockFacts, lift_block, set_block
from amerce.patrons.models import Note, Patron, UserGroup
from amerce.patrons.queries import PatronNotFound
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
TODAY = NOON.date()


def rule(library: Library, **columns: Any) -> BlockRule:
    return BlockRule.objects.create(institution=library.institution, **columns)


def blocks(library: Library, action: Action = Action.CHECKOUT, at: datetime = NOON) -> tuple[Block, ...]:
    return blocks_of(library.operator, library.patron.pk, action, at=at)


def by_hand(library: Library, description: str, at: datetime = NOON, **facts: Any) -> int:
    """The id of a block that a manager sets."""
    seq = Patron.objects.get(pk=library.patron.pk).seq
    set_to = BlockFacts(description=description, **facts)
    outcome = set_block(actor=library.manager, at=at, patron_id=library.patron.pk, expected_seq=seq, facts=set_to)
    assert outcome.row_id is not None
    return outcome.row_id


def change(patron: Patron, **columns: Any) -> None:
    Patron.objects.filter(pk=patron.pk).update(**columns)


def test_who_owes_nothing_is_not_blocked(library: Library) -> None:
    rule(library, amount_minor=0, age_days=0)

    assert blocks(library) == ()


def test_a_debt_blocks_at_the_amount_itself_and_a_payment_of_one_cent_lifts_it(library: Library) -> None:
    rule(library, amount_minor=1000)
    library.charge(999)
    assert blocks(library) == ()

    library.charge(1)
    assert blocks(library) == (OwesTooMuch(limit_minor=1000, balance_minor=1000),)

    pay(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=1, method="CASH")
    assert blocks(library) == ()


def test_without_a_rule_no_debt_blocks(library: Library) -> None:
    library.charge(100_000, days_ago=1000)

    assert blocks(library) == ()


def test_a_credit_is_taken_off_what_is_owed(library: Library) -> None:
    rule(library, amount_minor=1000, age_days=1)
    library.charge(1500, days_ago=3)
    library.charge(501, "CREDIT")
    assert blocks(library) == (OwesTooLong(days=1, since=TODAY - timedelta(days=3)),)

    library.charge(999, "CREDIT")
    assert blocks(library) == ()


def test_a_disputed_fee_does_not_block(library: Library) -> None:
    rule(library, amount_minor=1000, age_days=1)
    Desk(library).dispute(library.charge(1000, days_ago=3))

    assert blocks(library) == ()


def test_a_waived_lost_item_fee_is_not_owed_although_it_stays_active(library: Library) -> None:
    rule(library, amount_minor=1, age_days=2)
    lost = library.charge(9900, "LOSTITEMREPLACEMENTFEE", days_ago=9)
    Desk(library).waive(lost)
    library.charge(100, days_ago=1)

    assert blocks(library) == (OwesTooMuch(limit_minor=1, balance_minor=100),)


def test_the_oldest_fee_that_is_owed_blocks_by_its_age_in_days_of_the_institutions_zone(library: Library) -> None:
    rule(library, age_days=2)
    library.institution.time_zone = "America/Los_Angeles"
    library.institution.save()
    library.charge(100)  # at 4 in the morning of 2 March there

    assert blocks(library, at=NOON + timedelta(days=1, hours=19)) == ()  # 23:00 on 3 March there
    assert blocks(library, at=NOON + timedelta(days=1, hours=20)) == (OwesTooLong(days=2, since=date(2026, 3, 2)),)


def test_the_rule_of_the_group_takes_the_place_of_the_rule_for_all(library: Library) -> None:
    group = UserGroup.objects.get(institution=library.institution, code="22")
    rule(library, amount_minor=1000)
    library.charge(1500)
    assert [each.code for each in blocks(library)] == ["owes_too_much"]

    rule(library, group=group, amount_minor=5000)
    assert blocks(library) == ()

    change(library.patron, group=None)
    assert [each.code for each in blocks(library)] == ["owes_too_much"]


@pytest.mark.parametrize(
    ("column", "action"),
    [
        ("blocks_checkout", Action.CHECKOUT),
        ("blocks_renewal", Action.RENEWAL),
        ("blocks_request", Action.REQUEST),
    ],
)
def test_a_rule_forbids_only_the_actions_it_names(library: Library, column: str, action: Action) -> None:
    rule(library, amount_minor=1000, **{column: False})
    library.charge(1000)

    assert {each: bool(blocks(library, each)) for each in Action} == {each: each != action for each in Action}


def test_a_record_is_valid_on_the_day_it_expires_and_not_after_it(library: Library) -> None:
    change(library.patron, expires_on=TODAY)

    assert blocks(library) == ()
    assert blocks(library, at=NOON + timedelta(days=1)) == (Expired(TODAY),)


def test_a_block_set_by_hand_holds_through_its_last_day(library: Library) -> None:
    by_hand(library, "Tore a page", expires_on=TODAY)
    by_hand(library, "Loud")

    assert blocks(library) == (Manual("Tore a page"), Manual("Loud"))
    assert blocks(library, at=NOON + timedelta(days=1)) == (Manual("Loud"),)


def test_a_block_of_loans_forbids_to_borrow_and_renew_but_not_to_ask(library: Library) -> None:
    by_hand(library, "Tore a page", type="LOAN")

    assert [len(blocks(library, each)) for each in (Action.CHECKOUT, Action.RENEWAL, Action.REQUEST)] == [1, 1, 0]


def test_a_lifted_block_holds_no_more(library: Library) -> None:
    block_id = by_hand(library, "Tore a page")

    lift_block(actor=library.manager, at=NOON, patron_id=library.patron.pk, expected_seq=1, block_id=block_id)

    assert blocks(library) == ()


def test_every_reason_is_named(library: Library) -> None:
    rule(library, amount_minor=100, age_days=1)
    library.charge(100, days_ago=1)
    change(library.patron, status="inactive", expires_on=TODAY - timedelta(days=1))
    by_hand(library, "Tore a page")

    assert blocks(library) == (
        Inactive(),
        Expired(TODAY - timedelta(days=1)),
        Manual("Tore a page"),
        OwesTooMuch(100, 100),
        OwesTooLong(1, TODAY - timedelta(days=1)),
    )


def test_a_patron_of_another_institution_is_not_found_and_its_rules_do_not_count(
    library: Library, other_library: Library
) -> None:
    rule(other_library, amount_minor=1)
    library.charge(100)

    assert blocks(library) == ()
    with pytest.raises(PatronNotFound):
        blocks_of(library.operator, other_library.patron.pk, Action.CHECKOUT, at=NOON)


def test_it_takes_one_query(library: Library) -> None:
    rule(library, amount_minor=1000, age_days=1)
    library.charge(1500, days_ago=3)
    operator = library.operator

    with CaptureQueriesContext(connection) as queries:
        found = blocks_of(operator, library.patron.pk, Action.CHECKOUT, at=NOON)

    assert (len(found), len(queries)) == (2, 1)


def test_nothing_is_asked_of_one_who_is_not_blocked(library: Library) -> None:
    with nothing_written():
        assert let_through(library.operator, library.patron.pk, (), "a reason that is not needed") == {}


def test_who_may_override_is_let_through_with_a_reason_that_is_kept(library: Library) -> None:
    data = let_through(library.manager, library.patron.pk, (Inactive(), Expired(TODAY)), " Exam tomorrow ")

    note = Note.objects.get()
    assert data == {"override": {"note": note.pk, "blocks": ["inactive", "expired"]}}
    assert (note.text, note.patron_id) == ("Exam tomorrow", library.patron.pk)


@pytest.mark.parametrize("reason", ["", " \n"])
def test_without_a_reason_a_blocked_patron_is_refused(library: Library, reason: str) -> None:
    with nothing_written(), pytest.raises(PatronBlocked) as refused:
        let_through(library.manager, library.patron.pk, (Inactive(),), reason)

    assert (refused.value.patron_id, refused.value.blocks) == (library.patron.pk, (Inactive(),))


def test_a_reason_without_the_privilege_is_refused(library: Library) -> None:
    with nothing_written(), pytest.raises(NotAllowed):
        let_through(library.operator, library.patron.pk, (Inactive(),), "Exam tomorrow")


def test_a_reason_that_no_table_holds_is_refused(library: Library) -> None:
    with nothing_written(), pytest.raises(TextTooLong):
        let_through(library.manager, library.patron.pk, (Inactive(),), "x" * 1001)


def test_only_who_may_look_is_told(library: Library) -> None:
    with pytest.raises(NotAllowed):
        blocks_of(replace(library.operator, grants={}), library.patron.pk, Action.CHECKOUT, at=NOON)
