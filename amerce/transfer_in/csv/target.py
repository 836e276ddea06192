"""Where an import goes: the institution, its library and groups, which it makes if they are not there.

Why apart: a dry run looks at the same target and may not make any of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from amerce.institutions.days import begin_of_day, end_of_day
from amerce.institutions.models import Institution, Library
from amerce.money.amount import Currency, currency
from amerce.patrons.models import UserGroup
from amerce.provision.institution import USER_GROUPS, provision_institution, provision_library
from amerce.transfer_in.csv.mapping import CsvMapping
from amerce.transfer_in.outcome import ImportRefused

NOT_MADE = 0
"""The id of what does not exist: no row has it, so every query finds nothing."""
_CODE_LIMIT = 60


@dataclass
class Target:
    """``institution_id`` and ``library_id`` are ``NOT_MADE`` in a dry run that would make them."""

    code: str
    institution_id: int
    library_id: int
    money: Currency
    ceiling_minor: int
    zone: tzinfo
    writes: bool
    new_groups: list[str] = field(default_factory=list)
    _groups: dict[str, UserGroup] = field(default_factory=dict)
    _default_group: UserGroup | None = None

    def begin_of(self, day: date) -> datetime:
        return begin_of_day(day, self.zone).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """The last second of ``day`` where the library is; the later one where clocks are put back at midnight."""
        return end_of_day(day, self.zone)

    def group(self, text: str) -> UserGroup | None:
        """The group of that code or label in any case, made if nobody has it; the default group for no text."""
        if not text:
            return self._default_group
        known = self._groups.get(text.casefold())
        if known is None:
            known = UserGroup(institution_id=self.institution_id, code=text, label=text)
            if self.writes:
                known.save()
            self._groups[text.casefold()] = known
            self.new_groups.append(text)
        return known

    def is_group(self, text: str, group_id: int | None) -> bool:
        """Whether ``group_id`` is the group that ``group`` would answer. Makes none."""
        if not text:
            return group_id == (self._default_group.pk if self._default_group else None)
        known = self._groups.get(text.casefold())
        return known is not None and known.pk is not None and group_id == known.pk

    def know(self, groups: Mapping[str, UserGroup], default: UserGroup | None, default_text: str) -> None:
        self._groups = dict(groups)
        self._default_group = default or (self.group(default_text) if default_text else None)


def open_target(mapping: CsvMapping, institution_code: str | None, *, writes: bool) -> Target:
    """The institution that was named, else the mapping's, made if ``writes``. Raises ``ImportRefused``."""
    code = institution_code or mapping.institution["code"]
    if len(code) > _CODE_LIMIT or "\0" in code:
        raise ImportRefused(_("The code of an institution has at most %(limit)s characters.") % {"limit": _CODE_LIMIT})
    institution = Institution.objects.select_related("default_user_group").filter(code=code).first()
    if institution is None and writes:
        institution = provision_institution(
            code=code,
            name=_name(mapping, code),
            currency_code=mapping.institution["currency_code"],
            locale=mapping.institution["locale"],
            time_zone=mapping.institution["time_zone"],
        )
    if institution is None:
        target = _imagined(mapping, code)
        groups = [UserGroup(code=each, label=label) for each, label in USER_GROUPS.items()]
        default = None
    else:
        target = _existing(mapping, institution, writes)
        groups = list(UserGroup.objects.filter(institution=institution))
        default = institution.default_user_group
    by_label = {each.label.casefold(): each for each in groups}
    target.know(by_label | {each.code.casefold(): each for each in groups}, default, mapping.default_group)
    return target


def _existing(mapping: CsvMapping, institution: Institution, writes: bool) -> Target:
    library = Library.objects.filter(institution=institution, code=mapping.library_code).first()
    if library is None and writes:
        library = provision_library(institution, code=mapping.library_code, name=mapping.library_name[:200])
    return Target(
        code=institution.code,
        institution_id=institution.pk,
        library_id=library.pk if library else NOT_MADE,
        money=institution.currency,
        ceiling_minor=institution.amount_ceiling_minor,
        zone=institution.zone,
        writes=writes,
    )


def _imagined(mapping: CsvMapping, code: str) -> Target:
    money = currency(mapping.institution["currency_code"])
    return Target(
        code=code,
        institution_id=NOT_MADE,
        library_id=NOT_MADE,
        money=money,
        ceiling_minor=10 ** (money.exponent + 5),
        zone=ZoneInfo(mapping.institution["time_zone"]),
        writes=False,
    )


def _name(mapping: CsvMapping, code: str) -> str:
    """The mapping's name belongs to the mapping's code."""
    return mapping.institution["name"][:200] if code == mapping.institution["code"] else code
