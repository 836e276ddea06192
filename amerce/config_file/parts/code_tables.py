"""Code tables: reasons for waiving, payment methods, types of contacts, item policies."""

from datetime import datetime
from typing import Any

from amerce.circulation.save_item_policy import add_item_policy, save_item_policy
from amerce.config_file.part import Act, TablePart, Values
from amerce.config_file.scalars import Choice, Flag, Text
from amerce.config_file.shapes import Field, Row, Table
from amerce.institutions.code_tables import MAY_CHANGE, add_code, remove_code, save_code
from amerce.institutions.models import CodeEntry, Institution
from amerce.institutions.rows import CODE_LIMIT

_ROW = {
    "code": Field(Text(CODE_LIMIT), "Its code."),
    "label": Field(Text(), "Its name."),
    "active": Field(Flag(), "Whether it can be chosen.", True),
}


class CodeTables(TablePart):
    name = "code_tables"
    about = "What there is to choose from. A row that is left out is removed; what has it keeps its name."
    shape = Table(
        ("table", "code"), Row({"table": Field(Choice([str(each) for each in MAY_CHANGE]), "Of which table."), **_ROW})
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        order = [str(each) for each in MAY_CHANGE]
        rows = [row for row in _rows(institution) if row.table in order]
        return [{"table": row.table, **_values(row)} for row in sorted(rows, key=lambda row: order.index(row.table))]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        which: dict[str, Any] = {"actor": act.actor, "at": act.at, "table": row["table"]}
        if before is None:
            entry_id = add_code(**which, code=row["code"], label=row["label"]).row_id
        else:
            entry_id = _entry_id(act, row["table"], row["code"])
        save_code(**which, entry_id=entry_id, label=row["label"], is_active=row["active"])

    def remove(self, act: Act, row: Values) -> None:
        entry_id = _entry_id(act, row["table"], row["code"])
        remove_code(actor=act.actor, at=act.at, table=row["table"], entry_id=entry_id)


class ItemPolicies(TablePart):
    name = "item_policies"
    about = "The kinds of items that terms of use tell apart. None is removed; one that is left out stays as it is."
    is_whole = False
    shape = Table(("code",), Row(_ROW))

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        return [_values(row) for row in _rows(institution) if row.table == CodeEntry.Table.ITEM_POLICY]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        which: dict[str, Any] = {"actor": act.actor, "at": act.at}
        if before is None:
            entry_id = add_item_policy(**which, code=row["code"], label=row["label"])
        else:
            entry_id = _entry_id(act, CodeEntry.Table.ITEM_POLICY, row["code"])
        save_item_policy(**which, entry_id=entry_id, label=row["label"], is_active=row["active"])


def _rows(institution: Institution) -> Any:
    return CodeEntry.objects.filter(institution=institution, removed_at=None).order_by("position", "code")


def _values(row: CodeEntry) -> Values:
    return {"code": row.code, "label": row.label, "active": row.is_active}


def _entry_id(act: Act, table: str, code: str) -> int:
    entry_id: int = _rows(act.institution).get(table=table, code=code).pk
    return entry_id
