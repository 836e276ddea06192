"""What loading a file would change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.config_file.part import Part, SettingsPart, TablePart, Values
from amerce.config_file.shapes import Row
from amerce.institutions.models import Institution
from amerce.money.amount import Currency


@dataclass(frozen=True)
class Change:
    """A row to add (``before`` is None), to remove (``after`` is None) or to change. ``key`` is empty for settings."""

    part: Part
    key: tuple[str, ...]
    before: Values | None
    after: Values | None

    @property
    def name(self) -> str:
        """The part and the key, as a person reads them."""
        return f"{self.part.name} {', '.join(each or '-' for each in self.key)}".rstrip()

    @property
    def fields(self) -> list[str]:
        """The names of the fields that differ, for a change."""
        before, after = self.before or {}, self.after or {}
        return [name for name in after if before.get(name) != after[name]]

    def written(self, field: str, values: Values, currency: Currency) -> str:
        """The value of ``field`` as the file has it, on one line."""
        shape = self.part.shape if isinstance(self.part.shape, Row) else self.part.shape.row
        return json.dumps(shape.fields[field].shape.write(values[field], currency), ensure_ascii=False, default=str)


def changes_to(
    institution: Institution, at: datetime, parts: Sequence[Part], values: Mapping[str, Any]
) -> list[Change]:
    """What differs between what stands and ``values``, in the order in which it can be done.

    Rows are added and changed in the order of the parts, since later ones name earlier ones, and removed in the
    opposite order.
    """
    wanted = [part for part in parts if part.name in values]
    saved: list[Change] = []
    removed: list[Change] = []
    for part in wanted:
        for change in _changes(part, part.stands(institution, at), values[part.name]):
            (removed if change.after is None else saved).append(change)
    return saved + removed[::-1]


def _changes(part: Part, stands: Any, wanted: Any) -> list[Change]:
    if isinstance(part, SettingsPart):
        return [] if stands == wanted else [Change(part, (), stands, wanted)]
    assert isinstance(part, TablePart)
    before = {part.shape.key_of(row): row for row in stands}
    after = {part.shape.key_of(row): row for row in wanted}
    keys = [*after, *(key for key in before if part.is_whole and key not in after)]
    found = [Change(part, key, before.get(key), after.get(key)) for key in keys]
    return [each for each in found if each.before != each.after]
