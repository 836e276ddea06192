"""The fields of the record itself, as a form gives them to ``create_patron`` and ``edit_patron``."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from amerce.institutions.models import CodeEntry
from amerce.patrons.checks import check_codes, check_id, check_text, group_of
from amerce.patrons.errors import CodeUnknown
from amerce.patrons.models import Patron, UserGroup

ID_LIMIT, NAME_LIMIT = 100, 150
PROTECTED = ("primary_id", "first_name", "middle_name", "last_name", "group", "expires_on")
"""Of an external record: its source keeps them."""
TOLD = frozenset({"group", "status", "expires_on", "preferred_language"})
"""What an event tells with old and new value."""


@dataclass(frozen=True)
class Details:
    """``preferred_language`` is the language of letters; empty for the institution's."""

    primary_id: str
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    group_id: int | None = None
    status: str = Patron.Status.ACTIVE
    expires_on: date | None = None
    preferred_language: str = ""

    def check(
        self, institution_id: int, *, kept_language: str = "", kept_group_id: int | None = None
    ) -> UserGroup | None:
        """The group; what is ``kept`` may be out of use.

        Raises ``FieldMissing``, ``FieldTooLong``, ``FieldMalformed``, ``CodeUnknown``.
        """
        check_id("primary_id", self.primary_id, ID_LIMIT)
        for name in ("first_name", "middle_name", "last_name"):
            check_text(name, getattr(self, name), NAME_LIMIT)
        if self.status not in Patron.Status.values:
            raise CodeUnknown("status")
        if self.preferred_language:
            codes, kept = [self.preferred_language], [kept_language]
            check_codes(institution_id, CodeEntry.Table.LANGUAGE, "preferred_language", codes, kept=kept)
        return group_of(institution_id, self.group_id, kept_id=kept_group_id)

    def values(self, group: UserGroup | None) -> dict[str, Any]:
        """By name, the group as its code: to compare and to tell."""
        return {
            "primary_id": self.primary_id.strip(),
            "first_name": self.first_name.strip(),
            "middle_name": self.middle_name.strip(),
            "last_name": self.last_name.strip(),
            "group": group.code if group else None,
            "status": str(self.status),
            "expires_on": self.expires_on,
            "preferred_language": self.preferred_language,
        }


def values_of(patron: Patron) -> dict[str, Any]:
    """The same of a record that is there."""
    names = ("primary_id", "first_name", "middle_name", "last_name", "status", "expires_on", "preferred_language")
    return {name: getattr(patron, name) for name in names} | {"group": patron.group.code if patron.group else None}
