"""Fines/fees notification profiles."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from amerce.charges.models import FeeType
from amerce.config_file.part import Act, TablePart, Values, id_of
from amerce.config_file.parts.codes import group_codes, group_ids, library_codes, library_ids
from amerce.config_file.scalars import Amount, Choice, Flag, Number, Text
from amerce.config_file.shapes import Field, ListOf, Maybe, Row, Table
from amerce.institutions.models import Institution, Printer
from amerce.notices.delete_profile import delete_profile
from amerce.notices.enable_profile import disable_profile, enable_profile
from amerce.notices.models import NotificationProfile
from amerce.notices.profiles import INSTITUTION, ProfileFacts, all_profiles
from amerce.notices.save_profile import DAYS_LIMIT, DESCRIPTION_LIMIT, save_profile

_SAME = ("name", "description", "skips_borrowers", "only_active", "created_before_days", "created_after_days")
"""What is called and written in the file as in the facts."""
_FORMATS = [str(each) for each in NotificationProfile.SendFormat.values]


class NotificationProfiles(TablePart):
    name = "notification_profiles"
    about = "Who is notified of fines and fees by the Fines/Fees Notifications job, how, and for which fee."
    shape = Table(
        ("name",),
        Row(
            {
                "name": Field(Text(), "Its name."),
                "description": Field(Text(DESCRIPTION_LIMIT), "What it is for.", ""),
                "is_enabled": Field(Flag(), "Whether the job follows it.", True),
                "minimum": Field(Amount(), "Notify from this total on, above 0."),
                "maximum": Field(Maybe(Amount()), "Notify below this total.", None),
                "user_groups": Field(
                    ListOf(Text(60)), "Codes of user groups; none for the default group, or all without one.", []
                ),
                "skips_borrowers": Field(Flag(), "Whether patrons with loans are left out.", False),
                "only_active": Field(Flag(), "Whether inactive and expired external users are left out.", False),
                "libraries": Field(ListOf(Text(60)), "Codes of the libraries that are owed; none for all.", []),
                "is_institution_owner": Field(
                    Flag(), "Whether what the institution owns is meant, beside the libraries or alone.", False
                ),
                "fee_types": Field(ListOf(Text(60)), "Codes of types of fees; none for all.", []),
                "created_before_days": Field(Maybe(Number(0, DAYS_LIMIT)), "Only fees older than so many days.", None),
                "created_after_days": Field(Maybe(Number(1, DAYS_LIMIT)), "Only fees younger than so many days.", None),
                "notification_fee": Field(Maybe(Amount()), "What a message is charged; null for nothing.", None),
                "send_format": Field(Choice(_FORMATS), "By e-mail or SMS, printed, or both.", "send"),
                "printer": Field(Maybe(Text(60)), "Code of the printer, where letters are printed.", None),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        codes = _Codes(institution.pk)
        return [_values(profile, codes) for profile in all_profiles(institution.pk)]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        institution_id = act.institution.pk
        owners = _ids("libraries", library_ids(institution_id), row["libraries"])
        types = {code: pk for pk, code in _type_codes(institution_id).items()}
        printers = {code: pk for pk, code in _printer_codes(institution_id).items()}
        facts = ProfileFacts(
            **{name: row[name] for name in _SAME},
            minimum_minor=row["minimum"],
            maximum_minor=row["maximum"],
            groups=_ids("user_groups", group_ids(institution_id), row["user_groups"]),
            owners=(*owners, INSTITUTION) if row["is_institution_owner"] else owners,
            types=_ids("fee_types", types, row["fee_types"]),
            creates_fee=row["notification_fee"] is not None,
            fee_minor=row["notification_fee"],
            send_format=row["send_format"],
            printer_id=id_of("printer", printers, row["printer"]),
        )
        profile_id = _profile_id(act, row) if before else None
        saved = save_profile(actor=act.actor, at=act.at, facts=facts, profile_id=profile_id)
        switch = enable_profile if row["is_enabled"] else disable_profile
        switch(actor=act.actor, at=act.at, profile_id=saved.profile_id)

    def remove(self, act: Act, row: Values) -> None:
        delete_profile(actor=act.actor, at=act.at, profile_id=_profile_id(act, row))


class _Codes:
    """Ids to codes of what profiles name."""

    def __init__(self, institution_id: int) -> None:
        self.groups = group_codes(institution_id)
        self.libraries = library_codes(institution_id)
        self.types = _type_codes(institution_id)
        self.printers = _printer_codes(institution_id)


def _values(profile: NotificationProfile, codes: _Codes) -> Values:
    facts = ProfileFacts.of(profile)
    return {
        **{name: getattr(facts, name) for name in _SAME},
        "is_enabled": profile.is_enabled,
        "minimum": facts.minimum_minor,
        "maximum": facts.maximum_minor,
        "user_groups": sorted(codes.groups[each] for each in facts.groups),
        "libraries": sorted(codes.libraries[each] for each in facts.owners if each != INSTITUTION),
        "is_institution_owner": INSTITUTION in facts.owners,
        "fee_types": sorted(codes.types[each] for each in facts.types),
        "notification_fee": facts.fee_minor,
        "send_format": facts.send_format,
        "printer": None if facts.printer_id is None else codes.printers[facts.printer_id],
    }


def _ids(field: str, ids: Mapping[str, int], codes: Iterable[str]) -> tuple[int, ...]:
    return tuple(found for code in codes if (found := id_of(field, ids, code)) is not None)


def _type_codes(institution_id: int) -> dict[int, str]:
    return dict(FeeType.objects.filter(institution_id=institution_id).values_list("pk", "code"))


def _printer_codes(institution_id: int) -> dict[int, str]:
    return dict(Printer.objects.filter(institution_id=institution_id).values_list("pk", "code"))


def _profile_id(act: Act, row: Values) -> int:
    return NotificationProfile.objects.get(institution=act.institution, name=row["name"]).pk
