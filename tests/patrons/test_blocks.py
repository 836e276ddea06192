"""Blocks set by hand (row C7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.patrons.blocks import BlockFacts, BlockLifted, BlockOver, lift_block, set_block, set_blocks
from amerce.patrons.errors import CodeUnknown, FieldMalformed, FieldMissing, FieldTooLong, RecordChanged, RowNotFound
from amerce.patrons.models import Patron, PatronBlock
from amerce.patrons.queries import PatronNotFound
from amerce.patrons.record import RecordOutcome
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
TODAY = NOON.date()


def block(library: Library, seq: int = 0, role: str = "circulation_desk_manager", **facts: Any) -> RecordOutcome:
    return set_block(
        actor=library.staff(role),
        at=NOON,
        patron_id=library.patron.pk,
        expected_seq=seq,
        facts=BlockFacts(**{"description": "Tore a page", **facts}),
    )


def lift(library: Library, block_id: int, seq: int = 1, role: str = "circulation_desk_manager") -> RecordOutcome:
    return lift_block(
        actor=library.staff(role),
        at=NOON + timedelta(hours=1),
        patron_id=library.patron.pk,
        expected_seq=seq,
        block_id=block_id,
    )


@contextmanager
def no_block_written() -> Iterator[None]:
    before = [list(model._default_manager.order_by("pk").values()) for model in (PatronBlock, Patron)]
    with nothing_written():
        yield
    assert [list(model._default_manager.order_by("pk").values()) for model in (PatronBlock, Patron)] == before


def test_a_block_keeps_what_was_said_by_whom_and_when(library: Library) -> None:
    outcome = block(library, description=" Tore a page ", note="Chapter 3", type="LOAN", expires_on=TODAY)

    row = PatronBlock.objects.get()
    assert outcome == RecordOutcome(library.patron.pk, 1, row.pk)
    assert (row.type, row.description, row.note, row.expires_on) == ("LOAN", "Tore a page", "Chapter 3", TODAY)
    assert (row.created_by, row.created_at, row.lifted_at) == ("main-circulation_desk_manager", NOON, None)
    event = Event.objects.get(name="block.set")
    assert event.data == {"seq": 1, "block": row.pk, "type": "LOAN", "expires_on": TODAY.isoformat()}
    assert event.patron_id == library.patron.pk


def test_a_lifted_block_says_who_let_go(library: Library) -> None:
    block_id = block(library).row_id
    assert block_id is not None

    lift(library, block_id)

    row = PatronBlock.objects.get()
    assert (row.lifted_by, row.lifted_at) == ("main-circulation_desk_manager", NOON + timedelta(hours=1))
    assert Event.objects.get(name="block.lifted").data == {"seq": 2, "block": block_id, "type": "GENERAL"}
    with no_block_written(), pytest.raises(BlockLifted):
        lift(library, block_id, seq=2)


def test_those_that_hold_are_listed_first_and_then_the_newest(library: Library, other_library: Library) -> None:
    first, second, third = (block(library, seq, description=f"Block {seq}").row_id for seq in range(3))
    assert first and third
    lift(library, third, seq=3)
    block(other_library)

    assert [each.pk for each in set_blocks(library.operator, library.patron.pk)] == [second, first, third]


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"description": "  "}, FieldMissing),
        ({"description": "x" * 256}, FieldTooLong),
        ({"description": "a\0b"}, FieldMalformed),
        ({"note": "x" * 2001}, FieldTooLong),
        ({"type": "CASH"}, CodeUnknown),
        ({"expires_on": TODAY - timedelta(days=1)}, BlockOver),
    ],
)
def test_what_cannot_be_taken_is_refused(library: Library, facts: dict[str, Any], error: type[Exception]) -> None:
    with no_block_written(), pytest.raises(error):
        block(library, **facts)


def test_the_same_form_sent_twice_sets_one_block(library: Library) -> None:
    block(library)

    with no_block_written(), pytest.raises(RecordChanged):
        block(library)


def test_only_who_may_block_sets_and_lifts(library: Library) -> None:
    block_id = block(library).row_id
    assert block_id is not None

    for role in ("circulation_desk_operator", "general_system_administrator", "auditor"):
        with no_block_written(), pytest.raises(NotAllowed):
            block(library, seq=1, role=role)
        with no_block_written(), pytest.raises(NotAllowed):
            lift(library, block_id, role=role)


def test_what_belongs_to_somebody_else_is_not_found(library: Library, other_library: Library) -> None:
    theirs = block(other_library).row_id
    assert theirs is not None

    with no_block_written(), pytest.raises(RowNotFound):
        lift(library, theirs, seq=0)
    with no_block_written(), pytest.raises(PatronNotFound):
        set_block(
            actor=library.manager,
            at=NOON,
            patron_id=other_library.patron.pk,
            expected_seq=1,
            facts=BlockFacts(description="Tore a page"),
        )
