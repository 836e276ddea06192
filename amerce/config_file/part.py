"""A part of the configuration file: what stands now, and the commands that make it what the file says."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.config_file.shapes import Row, Table
from amerce.institutions.models import Institution

Values = dict[str, Any]
"""The fields of a row: minor units, codes of other rows, days."""


@dataclass(frozen=True)
class Act:
    """Who loads a file, when, and where."""

    actor: Actor
    at: datetime
    institution: Institution


class Part(ABC):
    """``name`` is what it is called in the file, ``about`` a sentence for the file and the documents."""

    name: str
    about: str
    shape: Row | Table

    @abstractmethod
    def stands(self, institution: Institution, at: datetime) -> Any:
        """The value of ``shape`` as it is at that moment."""

    def secrets_to_enter(self, institution: Institution, changed: Sequence[tuple[Values | None, Values]]) -> list[str]:
        """A sentence for each secret that these rows, each as before and after, now want and no file holds: which,
        and on which page it is entered.
        """
        return []


class SettingsPart(Part):
    """One row that every institution has."""

    shape: Row

    @abstractmethod
    def stands(self, institution: Institution, at: datetime) -> Values: ...

    @abstractmethod
    def save(self, act: Act, values: Values) -> None:
        """Make it say ``values``. Raises ``inputs.errors.Refused``."""


class TablePart(Part):
    """Rows. Those that the file leaves out are removed, unless the part is not ``is_whole``: then they stay."""

    shape: Table
    is_whole = True

    @abstractmethod
    def stands(self, institution: Institution, at: datetime) -> list[Values]: ...

    @abstractmethod
    def save(self, act: Act, row: Values, before: Values | None) -> None:
        """Add ``row``, or make the row that was ``before`` say it. Raises ``inputs.errors.Refused``."""

    def remove(self, act: Act, row: Values) -> None:
        """Remove ``row``, in a part that is whole. Raises ``inputs.errors.Refused``."""
        raise NotImplementedError


class Unknown(LookupError):
    """``field`` names a row of another part that is not there."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(_("%(field)s: there is no “%(code)s”") % {"field": field, "code": code})


def id_of(field: str, ids: Mapping[str, int], code: str | None) -> int | None:
    """The id of the row that ``code`` names, None for none. Raises ``Unknown``."""
    if code is None:
        return None
    if code not in ids:
        raise Unknown(field, code)
    return ids[code]
