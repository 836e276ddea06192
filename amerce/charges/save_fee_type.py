"""Changing a row of the Fine Fee Type Definition table (row C1). It holds for fees from now on.

Why only some may name and enable: the seed keeps the names of types, and the ten additional ones, to its vendor;
here that is who holds ``FEE_TYPE_ENABLE``.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.charges.defaults import ADDITIONAL_TYPES
from amerce.charges.fee_type_facts import FeeTypeFacts
from amerce.charges.models import CREDIT_TYPE, Fee, FeeType
from amerce.charges.type_errors import CreditHasNoVat, CreditIsNotWaivable, TypeInUse
from amerce.events.record import record
from amerce.inputs.checks import checked_name, checked_number, possible_ids
from amerce.inputs.errors import ChoiceUnknown, NameTaken, RowNotFound
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.money.percent import WHOLE_BP

CHANGED = "fee_type.changed"


@dataclass(frozen=True)
class FeeTypeSaved:
    """``is_changed`` is false for a type that said all of it before: then nothing was written."""

    type_id: int
    is_changed: bool


def save_fee_type(
    *, actor: Actor, at: datetime, type_id: int, facts: FeeTypeFacts, expected_stamp: str | None = None
) -> FeeTypeSaved:
    """Make the fee type say ``facts``. Fees that are there keep the VAT rate of their day.

    ``expected_stamp`` is that of ``FeeTypeFacts.of`` when the page was made. Raises ``NotAllowed``, also for another
    label or for enabling an additional type without ``FEE_TYPE_ENABLE``; ``RowNotFound``, ``OutOfDate``,
    ``NameMissing``, ``NameTaken``, ``TextTooLong``, ``ChoiceUnknown``, ``NumberOutOfRange``, and of
    ``charges.type_errors``: ``CreditIsNotWaivable``, ``CreditHasNoVat``, ``TypeInUse``.
    """
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        return change_type(actor, at, find_type(actor, type_id), facts, expected_stamp)


def find_type(actor: Actor, type_id: int) -> FeeType:
    """Raises ``RowNotFound``."""
    mine = FeeType.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([type_id]))
    found = mine.first()
    if found is None:
        raise RowNotFound(type_id)
    return found


def change_type(
    actor: Actor,
    at: datetime,
    fee_type: FeeType,
    facts: FeeTypeFacts,
    expected_stamp: str | None,
    *,
    is_restored: bool = False,
) -> FeeTypeSaved:
    """As ``save_fee_type``, once allowed and locked; ``is_restored`` is kept in the event."""
    before, after = FeeTypeFacts.of(fee_type), replace(facts, label=facts.label.strip())
    if after == before:
        return FeeTypeSaved(fee_type.pk, is_changed=False)
    require_unchanged(before, expected_stamp)
    _require_may_name(actor, fee_type, before, after)
    _check(fee_type, after)
    for name, value in asdict(after).items():
        setattr(fee_type, name, value)
    fee_type.updated_by, fee_type.updated_at = actor.name, at
    fee_type.save(update_fields=[*asdict(after), "updated_by", "updated_at"])
    data = {"row": fee_type.code, "before": asdict(before), "after": asdict(after), "is_restored": is_restored}
    record(CHANGED, actor=actor, at=at, data=data)
    return FeeTypeSaved(fee_type.pk, is_changed=True)


def _require_may_name(actor: Actor, fee_type: FeeType, before: FeeTypeFacts, after: FeeTypeFacts) -> None:
    enables = fee_type.code in ADDITIONAL_TYPES and after.is_enabled != before.is_enabled
    if enables or after.label != before.label:
        require_for(actor, Privilege.FEE_TYPE_ENABLE, EVERYWHERE)


def _check(fee_type: FeeType, facts: FeeTypeFacts) -> None:
    _check_label(fee_type, facts)
    if fee_type.code == CREDIT_TYPE and facts.is_waivable:
        raise CreditIsNotWaivable
    if fee_type.code == CREDIT_TYPE and facts.vat_rate_bp:
        raise CreditHasNoVat
    if facts.owner_kind not in FeeType.Owner.values:
        raise ChoiceUnknown("owner_kind")
    checked_number("vat_rate_bp", facts.vat_rate_bp, 0, WHOLE_BP)


def _check_label(fee_type: FeeType, facts: FeeTypeFacts) -> None:
    if facts.label or facts.is_enabled or fee_type.code not in ADDITIONAL_TYPES:
        checked_name("label", facts.label)
    elif Fee.objects.filter(institution_id=fee_type.institution_id, type=fee_type).exists():
        raise TypeInUse
    others = FeeType.objects.filter(institution_id=fee_type.institution_id).exclude(pk=fee_type.pk)
    for other in others.exclude(label="").values_list("label", flat=True):
        if other.casefold() == facts.label.casefold():
            raise NameTaken("label", other)
