"""Saying from which debt on patrons are blocked: one rule for a user group, or for all without their own (row C7)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.configuring import may_configure
from amerce.circulation.models import BlockRule
from amerce.circulation.policy_errors import AmountNotTaken, PolicyError
from amerce.events.record import record
from amerce.inputs.checks import checked_number, checked_row, possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Institution
from amerce.patrons.models import UserGroup

AGE_LIMIT_DAYS = 36_500
CHANGED = "block_rule.changed"


class RuleSaysNothing(PolicyError):
    """Neither an amount nor an age is given."""

    field = "amount_minor"


class GroupHasRule(PolicyError):
    """There is a rule for this group, or for all, already."""

    field = "group_id"


@dataclass(frozen=True, kw_only=True)
class RuleFacts:
    """What a block rule says; the words are those of ``BlockRule``.

    A rule that blocks nothing takes the place of the one for all: so a group is spared.
    """

    group_id: int | None = None
    amount_minor: int | None = None
    age_days: int | None = None
    blocks_checkout: bool = True
    blocks_renewal: bool = True
    blocks_request: bool = True

    @classmethod
    def of(cls, rule: BlockRule) -> "RuleFacts":
        return cls(**{name: getattr(rule, name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class RuleSaved:
    """``is_changed`` is false for a rule that said all of it before: then nothing was written."""

    rule_id: int
    is_changed: bool


def block_rules(actor: Actor) -> QuerySet[BlockRule]:
    """Every rule with its group, the one for all first, then by the group's label."""
    require(actor, Privilege.PATRON_VIEW)
    rules = BlockRule.objects.filter(institution_id=actor.institution_id).select_related("group")
    return rules.order_by(F("group__label").asc(nulls_first=True), "pk")


def save_rule(
    *,
    actor: Actor,
    at: datetime,
    facts: RuleFacts,
    rule_id: int | None = None,
    expected_stamp: str | None = None,
) -> RuleSaved:
    """Make a rule that says ``facts``, or make the one of ``rule_id`` say them. It holds at once.

    ``expected_stamp`` is that of ``RuleFacts.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``, ``RuleSaysNothing``, ``AmountNotTaken`` unless the amount is above zero
    and within the institution's ceiling, ``NumberOutOfRange``, ``ChoiceUnknown`` for the group, ``GroupHasRule``.
    """
    may_configure(actor)
    with transaction.atomic():
        institution = locked_institution(actor)
        rule = _rule(actor, rule_id) if rule_id is not None else None
        before = RuleFacts.of(rule) if rule else None
        if rule is not None and facts == before:
            return RuleSaved(rule.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        _check(institution, facts, rule_id)
        columns: dict[str, Any] = {**asdict(facts), "updated_by": actor.name, "updated_at": at}
        written = BlockRule(institution_id=actor.institution_id, pk=rule_id, **columns)
        written.save(force_insert=rule is None, force_update=rule is not None)
        _record(actor, at, written.pk, before, facts)
        return RuleSaved(written.pk, is_changed=True)


def delete_rule(*, actor: Actor, at: datetime, rule_id: int, expected_stamp: str | None = None) -> None:
    """Delete a rule; its group has the one for all from now on.

    ``expected_stamp`` as of ``save_rule``. Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``.
    """
    may_configure(actor)
    with transaction.atomic():
        locked_institution(actor)
        rule = _rule(actor, rule_id)
        before = RuleFacts.of(rule)
        require_unchanged(before, expected_stamp)
        rule.delete()
        _record(actor, at, rule_id, before, None)


def _rule(actor: Actor, rule_id: int) -> BlockRule:
    found = BlockRule.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([rule_id])).first()
    if found is None:
        raise RowNotFound(rule_id)
    return found


def _check(institution: Institution, facts: RuleFacts, rule_id: int | None) -> None:
    if facts.amount_minor is None and facts.age_days is None:
        raise RuleSaysNothing
    if facts.amount_minor is not None and not 0 < facts.amount_minor <= institution.amount_ceiling_minor:
        raise AmountNotTaken("amount_minor", institution.amount_ceiling_minor)
    if facts.age_days is not None:
        checked_number("age_days", facts.age_days, 1, AGE_LIMIT_DAYS)
    if facts.group_id is not None:
        checked_row("group_id", UserGroup, institution.pk, pk=facts.group_id)
    if BlockRule.objects.filter(institution=institution, group=facts.group_id).exclude(pk=rule_id or 0).exists():
        raise GroupHasRule


def _record(actor: Actor, at: datetime, rule_id: int, before: RuleFacts | None, after: RuleFacts | None) -> None:
    data = {
        "rule": rule_id,
        "before": asdict(before) if before else None,
        "after": asdict(after) if after else None,
    }
    record(CHANGED, actor=actor, at=at, data=data)
