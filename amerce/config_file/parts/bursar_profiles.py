"""Bursar profiles, without what signs in at their servers."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from amerce.bursar.models import BursarProfile
from amerce.bursar.profiles import LISTS, ProfileFacts
from amerce.bursar.save_profile import CODE_LIMIT, DAYS_LIMIT, PORT_LIMIT, delete_profile, save_profile
from amerce.config_file.part import Act, TablePart, Values
from amerce.config_file.scalars import Amount, Choice, Flag, Number, Text
from amerce.config_file.shapes import Field, ListOf, Row, Table
from amerce.institutions.models import Institution

_CODES = ListOf(Text(60))


class BursarProfiles(TablePart):
    name = "bursar_profiles"
    about = (
        "Which fines and fees go to which bursar system. A secret is not here: it is entered on the profile's page, "
        "and loading says which one is missing."
    )
    shape = Table(
        ("code",),
        Row(
            {
                "code": Field(Text(CODE_LIMIT), "Its code, with which the names of files begin."),
                "name": Field(Text(), "Its name."),
                "exports": Field(Flag(), "Whether it exports.", True),
                "imports": Field(Flag(), "Whether the bursar reports back what was paid.", False),
                "fee_types": Field(_CODES, "Codes of types of fees; none for all.", []),
                "user_groups": Field(_CODES, "Codes of user groups; none for all.", []),
                "libraries": Field(_CODES, "Codes of the libraries that own the fees; none for all.", []),
                "institution_owned": Field(Flag(), "Whether what the institution owns goes too.", True),
                "rows": Field(Choice(list(BursarProfile.Rows.values)), "Debits, credits or both.", "debits"),
                "min_age_days": Field(Number(0, DAYS_LIMIT), "Only fees so many whole days old.", 0),
                "min_amount": Field(Amount(), "Only from this remaining amount on.", 0),
                "min_basis": Field(
                    Choice(list(BursarProfile.Basis.values)), "Of each fee, or of all of a patron together.", "fee"
                ),
                "identifier_type": Field(Text(60), "Code of the type that names patrons; empty: primary ID.", ""),
                "writes_zone": Field(Flag(), "Whether dates carry the abbreviation of the time zone.", True),
                "destination": Field(Choice(list(BursarProfile.Destination.values)), "Where files go.", "download"),
                "folder": Field(Text(), "Folder for exports.", ""),
                "import_folder": Field(Text(), "Folder for files of payments.", ""),
                "host": Field(Text(), "SFTP server.", ""),
                "port": Field(Number(1, PORT_LIMIT), "Its port.", 22),
                "username": Field(Text(100), "User name there.", ""),
                "sign_in": Field(
                    Choice(list(BursarProfile.SignIn.values)), "Whether a password or a key signs in.", "password"
                ),
                "secret_name": Field(Text(60), "What the password or key is called, in place of it.", ""),
                "host_key": Field(Text(1000), "The one host key that the server may show.", ""),
                "import_effect": Field(
                    Choice(list(BursarProfile.Effect.values)), "Whether a credit shows a payment, or the fee closes.",
                    "credit",
                ),
                "imports_per_line": Field(Flag(), "Whether files of payments are taken line by line.", False),
            }
        ),
    )  # fmt: skip

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        found = []
        for profile in BursarProfile.objects.filter(institution=institution).order_by("code"):
            said = dict(vars(ProfileFacts.of(profile)))
            minimum = said.pop("min_amount_minor")
            found.append({**said, **{name: list(said[name]) for name in LISTS}, "min_amount": minimum})
        return found

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        said = {**row, **{name: tuple(row[name]) for name in LISTS}}
        minimum_minor = said.pop("min_amount")
        facts = ProfileFacts(**said, min_amount_minor=minimum_minor)
        profile_id = _profile_id(act, row) if before else None
        save_profile(actor=act.actor, at=act.at, facts=facts, profile_id=profile_id)

    def secrets_to_enter(self, institution: Institution, changed: Sequence[tuple[Values | None, Values]]) -> list[str]:
        codes = [after["code"] for _before, after in changed]
        wanting = BursarProfile.objects.filter(
            institution=institution, code__in=codes, destination=BursarProfile.Destination.SFTP, sealed_secret=""
        )
        sentence = _(
            "The password or private key of the bursar profile %(name)s, %(called)s, is missing. "
            "Enter it at Configuration > Bursar Profiles > %(name)s."
        )
        return [
            sentence % {"name": each.name, "called": each.secret_name or each.host} for each in wanting.order_by("name")
        ]

    def remove(self, act: Act, row: Values) -> None:
        delete_profile(actor=act.actor, at=act.at, profile_id=_profile_id(act, row))


def _profile_id(act: Act, row: Values) -> int:
    return BursarProfile.objects.get(institution=act.institution, code=row["code"]).pk
