"""Saying from which debt on patrons are blocked (row C7)."""

from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.block_rules import (
    GroupHasRule,
    RuleFacts,
    RuleSaved,
    RuleSaysNothing,
    block_rules,
    delete_rule,
    save_rule,
)
from amerce.circulation.blocks import Action, blocks_of
from amerce.circulation.models import BlockRule
from amerce.circulation.policy_errors import AmountNotTaken
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NumberOutOfRange, RowNotFound
from amerce.patrons.models import UserGroup
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def save(library: Library, rule_id: int | None = None, **facts: Any) -> RuleSaved:
    administrator = library.staff("fulfillment_administrator")
    return save_rule(actor=administrator, at=NOON, facts=RuleFacts(**facts), rule_id=rule_id)


def group(library: Library, code: str = "22") -> UserGroup:
    return UserGroup.objects.get(institution=library.institution, code=code)


@contextmanager
def no_rule_written():  # type: ignore[no-untyped-def]
    before = list(BlockRule.objects.order_by("pk").values())
    with nothing_written():
        yield
    assert list(BlockRule.objects.order_by("pk").values()) == before


def test_a_rule_holds_at_once_and_the_event_says_what_it_is(library: Library) -> None:
    library.charge(1000)

    saved = save(library, amount_minor=1000, blocks_renewal=False)

    rule = BlockRule.objects.get(pk=saved.rule_id)
    assert (rule.updated_by, rule.updated_at) == ("main-fulfillment_administrator", NOON)
    assert [each.code for each in blocks_of(library.operator, library.patron.pk, Action.CHECKOUT, at=NOON)] == [
        "owes_too_much"
    ]
    assert blocks_of(library.operator, library.patron.pk, Action.RENEWAL, at=NOON) == ()
    event = Event.objects.get(name="block_rule.changed")
    assert event.data == {
        "rule": saved.rule_id,
        "before": None,
        "after": asdict(RuleFacts(amount_minor=1000, blocks_renewal=False)),
    }


def test_a_changed_rule_says_what_it_was_and_is(library: Library) -> None:
    first = save(library, amount_minor=1000)

    second = save(library, first.rule_id, amount_minor=500, age_days=30)

    assert second == RuleSaved(first.rule_id, is_changed=True)
    data = Event.objects.filter(name="block_rule.changed").latest("pk").data
    assert (data["before"]["amount_minor"], data["before"]["age_days"]) == (1000, None)
    assert (data["after"]["amount_minor"], data["after"]["age_days"]) == (500, 30)


def test_saying_the_same_again_writes_nothing(library: Library) -> None:
    first = save(library, amount_minor=1000)

    with no_rule_written():
        assert save(library, first.rule_id, amount_minor=1000) == RuleSaved(first.rule_id, is_changed=False)


def test_a_group_is_spared_by_a_rule_of_its_own_until_that_is_deleted(library: Library) -> None:
    save(library, amount_minor=1000)
    library.charge(1000)
    spared = save(
        library,
        group_id=group(library).pk,
        amount_minor=1,
        blocks_checkout=False,
        blocks_renewal=False,
        blocks_request=False,
    )
    assert [blocks_of(library.operator, library.patron.pk, each, at=NOON) for each in Action] == [()] * 3

    delete_rule(actor=library.staff("fulfillment_administrator"), at=NOON, rule_id=spared.rule_id)

    assert len(blocks_of(library.operator, library.patron.pk, Action.CHECKOUT, at=NOON)) == 1
    assert Event.objects.filter(name="block_rule.changed").latest("pk").data["after"] is None


def test_the_rule_for_all_is_listed_first(library: Library, other_library: Library) -> None:
    of_group = save(library, group_id=group(library).pk, age_days=60)
    for_all = save(library, amount_minor=1000)
    save(other_library, amount_minor=1)

    assert [each.pk for each in block_rules(library.operator)] == [for_all.rule_id, of_group.rule_id]


@pytest.mark.parametrize(
    ("facts", "error", "field"),
    [
        ({}, RuleSaysNothing, "amount_minor"),
        ({"amount_minor": 0}, AmountNotTaken, "amount_minor"),
        ({"amount_minor": -1}, AmountNotTaken, "amount_minor"),
        ({"amount_minor": 10**15}, AmountNotTaken, "amount_minor"),
        ({"age_days": 0}, NumberOutOfRange, "age_days"),
        ({"age_days": 36_501}, NumberOutOfRange, "age_days"),
        ({"age_days": 1, "group_id": 2**70}, ChoiceUnknown, "group_id"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_field(
    library: Library, facts: dict[str, Any], error: type[Any], field: str
) -> None:
    with no_rule_written(), pytest.raises(error) as refused:
        save(library, **facts)

    assert refused.value.field == field


def test_a_second_rule_for_all_or_for_a_group_is_refused(library: Library) -> None:
    mine = group(library).pk
    save(library, amount_minor=1000)
    save(library, group_id=mine, amount_minor=1000)

    for group_id in (None, mine):
        with no_rule_written(), pytest.raises(GroupHasRule):
            save(library, group_id=group_id, age_days=3)


def test_the_rules_and_groups_of_others_are_out_of_reach(library: Library, other_library: Library) -> None:
    theirs = save(other_library, amount_minor=1000)
    administrator = library.staff("fulfillment_administrator")

    with no_rule_written(), pytest.raises(RowNotFound):
        save(library, theirs.rule_id, amount_minor=1)
    with no_rule_written(), pytest.raises(RowNotFound):
        delete_rule(actor=administrator, at=NOON, rule_id=theirs.rule_id)
    with no_rule_written(), pytest.raises(ChoiceUnknown):
        save(library, group_id=group(other_library).pk, amount_minor=1)


def test_only_who_configures_fulfillment_may(library: Library) -> None:
    saved = save(library, amount_minor=1000)

    for role in ("circulation_desk_manager", "user_manager", "auditor"):
        with no_rule_written(), pytest.raises(NotAllowed):
            save_rule(actor=library.staff(role), at=NOON, facts=RuleFacts(amount_minor=1))
        with no_rule_written(), pytest.raises(NotAllowed):
            delete_rule(actor=library.staff(role), at=NOON, rule_id=saved.rule_id)
