"""The Fine Fee Type Definition table."""

from dataclasses import asdict
from datetime import datetime

from amerce.charges.fee_type_facts import FeeTypeFacts
from amerce.charges.models import FeeType
from amerce.charges.save_fee_type import save_fee_type
from amerce.config_file.part import Act, TablePart, Unknown, Values
from amerce.config_file.scalars import Choice, Flag, Percent, Text
from amerce.config_file.shapes import Field, Row, Table
from amerce.institutions.models import Institution

_COLUMNS = {
    "label": "label",
    "enabled": "is_enabled",
    "waivable": "is_waivable",
    "manual_creation": "is_manual",
    "refundable": "is_refundable",
    "owner": "owner_kind",
    "vat": "vat_rate_bp",
}


class FeeTypes(TablePart):
    name = "fee_types"
    about = "What patrons can be charged for. Types are neither added nor removed; one that is left out stays as it is."
    is_whole = False
    shape = Table(
        ("code",),
        Row(
            {
                "code": Field(Text(60), "Its code."),
                "label": Field(Text(), "Its name; empty for an additional type that is not used."),
                "enabled": Field(Flag(), "Whether it is in use.", True),
                "waivable": Field(Flag(), "Whether it can be waived.", True),
                "manual_creation": Field(Flag(), "Whether it can be charged by hand.", True),
                "refundable": Field(Flag(), "Shown; has no effect.", False),
                "owner": Field(Choice(FeeType.Owner.values), "Whose it is.", FeeType.Owner.LIBRARY.value),
                "vat": Field(Percent(), "Included in the amount.", 0),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        types = FeeType.objects.filter(institution=institution).order_by("position", "code")
        return [{"code": each.code} | {name: getattr(each, kept) for name, kept in _COLUMNS.items()} for each in types]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        fee_type = FeeType.objects.filter(institution=act.institution, code=row["code"]).first()
        if fee_type is None:
            raise Unknown("code", row["code"])
        stood = asdict(FeeTypeFacts.of(fee_type))
        facts = FeeTypeFacts(**{**stood, **{column: row[name] for name, column in _COLUMNS.items()}})
        save_fee_type(actor=act.actor, at=act.at, type_id=fee_type.pk, facts=facts)
