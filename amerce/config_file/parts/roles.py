"""Roles."""

from datetime import datetime

from amerce.access.privileges import ONLY_JOBS, ROLES, Privilege
from amerce.access.remove_role import remove_role
from amerce.access.restore_role import restore_role
from amerce.access.roles import roles_of
from amerce.access.save_role import CODE_LIMIT, RoleSaid, add_role, save_role
from amerce.config_file.part import Act, TablePart, Values
from amerce.config_file.scalars import Amount, Text
from amerce.config_file.shapes import Field, MapOf, Maybe, Row, Table
from amerce.institutions.models import Institution

_NAMES = [each.value for each in Privilege if each not in ONLY_JOBS]


class Roles(TablePart):
    name = "roles"
    about = "Roles that the institution made, and built-in ones that it changed; one that is left out is as it came."
    shape = Table(
        ("code",),
        Row(
            {
                "code": Field(Text(CODE_LIMIT), "Its code: small letters, digits, underscores."),
                "label": Field(Text(), "Its name."),
                "privileges": Field(MapOf(_NAMES, Maybe(Amount())), "What it allows, up to an amount or null for any."),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        return [
            {
                "code": role.code,
                "label": str(role.label),
                "privileges": {each.value: ceiling for each, ceiling in role.privileges.items()},
            }
            for role in roles_of(institution.pk).values()
            if role.is_changed or not role.is_built_in
        ]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        privileges = {Privilege(name): ceiling for name, ceiling in row["privileges"].items()}
        said = RoleSaid(label=row["label"], privileges=privileges)
        put = add_role if before is None and row["code"] not in ROLES else save_role
        put(actor=act.actor, at=act.at, code=row["code"], said=said)

    def remove(self, act: Act, row: Values) -> None:
        undo = restore_role if row["code"] in ROLES else remove_role
        undo(actor=act.actor, at=act.at, code=row["code"])
