"""Changing what an institution is called, where it is, and what holds for all its money and people (rows B5, C6)."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from django.apps import apps
from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.checks import checked_name
from amerce.inputs.errors import ChoiceUnknown, Refused
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Institution
from amerce.jobs.due import plan_anew
from amerce.money.amount import currency

CHANGED = "institution.changed"
CEILING_LIMIT_MINOR = 10**12
"""More than anybody owes; sums of many such amounts still fit into the database's integers."""


class CeilingNotTaken(Refused):
    """A ceiling is above zero and at most ``CEILING_LIMIT_MINOR``."""

    field = "amount_ceiling_minor"


class CurrencyFixed(Refused):
    """Money was charged in the currency that is set, so it stays."""

    field = "currency_code"


class CurrencyHasOtherDecimals(Refused):
    """Amounts of the configuration are kept in ``exponent`` decimals and would mean something else."""

    field = "currency_code"

    def __init__(self, exponent: int) -> None:
        super().__init__(f"the currency needs {exponent} decimals")
        self.exponent = exponent


@dataclass(frozen=True, kw_only=True)
class InstitutionFacts:
    """Columns of ``Institution``; it says what each means."""

    name: str
    currency_code: str
    locale: str
    time_zone: str
    overpayment: str
    pay_all_order: str
    amount_ceiling_minor: int
    external_ids_are_keys: bool
    default_user_group_id: int | None

    @classmethod
    def of(cls, institution: Institution) -> "InstitutionFacts":
        return cls(**{name: getattr(institution, name) for name in cls.__dataclass_fields__})


def has_money(institution_id: int) -> bool:
    """Whether anything was ever charged or paid; the currency is fixed from then on."""
    transfers = apps.get_model("ledger", "Transfer")  # a package above, which is not imported
    return bool(transfers._default_manager.filter(institution_id=institution_id).exists())


def change_institution(
    *, actor: Actor, at: datetime, facts: InstitutionFacts, expected_stamp: str | None = None
) -> bool:
    """Set ``facts`` for the actor's institution; false when all was so already, and then nothing is written.

    They hold from now on; ``amount_ceiling_minor`` is in minor units. ``expected_stamp`` is that of
    ``InstitutionFacts.of`` when the page was made. Raises ``NotAllowed``, ``OutOfDate``, ``NameMissing``,
    ``TextTooLong``, ``TextMalformed``, ``CeilingNotTaken``, ``ChoiceUnknown``, ``CurrencyFixed``,
    ``CurrencyHasOtherDecimals``.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    after = replace(facts, name=checked_name("name", facts.name))
    with transaction.atomic():
        institution = locked_institution(actor)
        before = InstitutionFacts.of(institution)
        if before == after:
            return False
        require_unchanged(before, expected_stamp)
        _check(institution, before, after)
        Institution.objects.filter(pk=institution.pk).update(**asdict(after))
        if after.time_zone != before.time_zone:
            plan_anew(institution.pk, at=at, zone=ZoneInfo(after.time_zone))
        record(CHANGED, actor=actor, at=at, data={"before": asdict(before), "after": asdict(after)})
        return True


def _check(institution: Institution, before: InstitutionFacts, after: InstitutionFacts) -> None:
    if not 0 < after.amount_ceiling_minor <= CEILING_LIMIT_MINOR:
        raise CeilingNotTaken
    if after.locale != before.locale and not _is_locale(after.locale):
        raise ChoiceUnknown("locale")
    if after.time_zone != before.time_zone and after.time_zone not in available_timezones():
        raise ChoiceUnknown("time_zone")
    if after.overpayment not in Institution.Overpayment.values:
        raise ChoiceUnknown("overpayment")
    if after.pay_all_order not in Institution.PayAllOrder.values:
        raise ChoiceUnknown("pay_all_order")
    if after.currency_code != before.currency_code:
        _check_currency(institution, after.currency_code)
    if after.default_user_group_id not in (None, before.default_user_group_id):
        _check_group(institution, after.default_user_group_id)


def _is_locale(code: str) -> bool:
    try:
        Locale.parse(code)
    except (UnknownLocaleError, ValueError, TypeError):
        return False
    return True


def _check_currency(institution: Institution, code: str) -> None:
    try:
        other = currency(code)
    except ValueError:
        raise ChoiceUnknown("currency_code") from None
    if has_money(institution.pk):
        raise CurrencyFixed
    if other.exponent != institution.currency.exponent:
        raise CurrencyHasOtherDecimals(institution.currency.exponent)


def _check_group(institution: Institution, group_id: int | None) -> None:
    groups = apps.get_model("patrons", "UserGroup")  # a package above, which is not imported
    if not groups._default_manager.filter(institution_id=institution.pk, pk=group_id, is_active=True).exists():
        raise ChoiceUnknown("default_user_group_id")
