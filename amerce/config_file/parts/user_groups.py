"""User groups."""

from datetime import datetime

from amerce.config_file.part import Act, TablePart, Values
from amerce.config_file.parts.codes import group_ids
from amerce.config_file.scalars import Flag, Text
from amerce.config_file.shapes import Field, Row, Table
from amerce.institutions.models import Institution
from amerce.institutions.rows import CODE_LIMIT
from amerce.patrons.models import UserGroup
from amerce.patrons.save_user_group import UserGroupFacts, save_user_group


class UserGroups(TablePart):
    name = "user_groups"
    about = "The groups of patrons. None is removed; one that is left out stays as it is."
    is_whole = False
    shape = Table(
        ("code",),
        Row(
            {
                "code": Field(Text(CODE_LIMIT), "Its code, as loads of patrons name it."),
                "label": Field(Text(), "Its name."),
                "proxy": Field(Flag(), "Whether its members may act for others.", False),
                "active": Field(Flag(), "Whether it can be chosen.", True),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        rows = UserGroup.objects.filter(institution=institution).order_by("code")
        return [{"code": row.code, "label": row.label, "proxy": row.is_proxy, "active": row.is_active} for row in rows]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        facts = UserGroupFacts(code=row["code"], label=row["label"], is_proxy=row["proxy"], is_active=row["active"])
        group_id = group_ids(act.institution.pk)[row["code"]] if before else None
        save_user_group(actor=act.actor, at=act.at, facts=facts, group_id=group_id)
