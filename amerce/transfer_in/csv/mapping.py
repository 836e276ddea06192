"""The mapping file: which column of which file means what.

Why a file and not code: another library's export differs in names, null values and dates, not in what it says.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext as _

from amerce.money.amount import currency
from amerce.transfer_in.outcome import ImportRefused

DEFAULT: Final = Path(__file__).with_name("default.toml")

_COLUMNS: Final = {  # per section: the columns that must be named, and those that may be
    "items": (
        {"source_id", "barcode", "title"},
        {"author", "publisher", "published", "material_type", "location_code", "language", "call_number", "price"},
    ),
    "patrons": (
        {"id"},
        {"group", "created_on", "first_name", "last_name", "email", "phone", "address", "expires_on"},
    ),
    "loans": ({"item", "patron", "loaned_on", "due_on"}, {"barcode", "returned_on"}),
}
_OTHER_KEYS: Final = {
    "institution": {"code", "name", "currency", "locale", "time_zone"},
    "library": {"code", "name"},
    "values": {"none", "dates"},
    "items": {"file", "columns"},
    "patrons": {"file", "columns", "primary_id", "default_group", "source", "identifiers"},
    "loans": {"file", "columns"},
}
_PRIMARY_ID: Final = re.compile(r"[^{}]*\{(:0\d{1,2})?\}[^{}]*")
_CODE_LIMIT: Final = 60


@dataclass(frozen=True)
class FileMapping:
    """One file: its name, and for each of our fields the column that holds it."""

    kind: str
    name: str
    columns: Mapping[str, str]
    identifiers: Mapping[str, str]

    @property
    def all_columns(self) -> list[str]:
        return [*self.columns.values(), *self.identifiers.values()]


@dataclass(frozen=True)
class CsvMapping:
    """A mapping file, read and checked."""

    institution: Mapping[str, str]
    library_code: str
    library_name: str
    none: frozenset[str]
    date_formats: tuple[str, ...]
    primary_id: str
    default_group: str
    source: str
    files: tuple[FileMapping, ...]

    def primary_id_of(self, value: str) -> str:
        """The primary id for the id of a row. Raises ``ValueError`` if digits are needed and it has others."""
        if "{}" in self.primary_id:
            return self.primary_id.format(value)
        if not (value.isascii() and value.isdigit()) or len(value) > _CODE_LIMIT:
            raise ValueError(value)
        return self.primary_id.format(int(value))

    def day(self, value: str) -> date:
        """The calendar date of a value. Raises ``ValueError``."""
        for form in self.date_formats:
            try:
                return datetime.strptime(value, form).date()  # noqa: DTZ007 only the calendar date counts
            except ValueError:
                continue
        raise ValueError(value)


def read_mapping(path: Path | None = None) -> CsvMapping:
    """The mapping at ``path``, by default the one that comes with Amerce.

    Raises ``ImportRefused`` with a sentence that names the key that is wrong.
    """
    path = path or DEFAULT
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ImportRefused(_("The mapping %(path)s cannot be read.") % {"path": path}) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ImportRefused(
            _("The mapping %(path)s is not TOML: %(reason)s.") % {"path": path, "reason": reason}
        ) from error
    return _Reader(path.name, raw).mapping()


class _Reader:
    """Takes a mapping apart and refuses what is not as it should be."""

    def __init__(self, name: str, raw: dict[str, Any]) -> None:
        self.name, self.raw = name, raw

    def mapping(self) -> CsvMapping:
        self._known("", self.raw, set(_OTHER_KEYS))
        for section, keys in _OTHER_KEYS.items():
            self._known(section, self._table(section), keys)
        files = tuple(self._file(kind) for kind in _COLUMNS if kind in self.raw)
        if not files:
            raise self._wrong("items", _("no file is described"))
        return CsvMapping(
            institution=self._institution(),
            library_code=self._code("library.code", "MAIN"),
            library_name=self._text("library.name", "Main Library"),
            none=frozenset(self._texts("values.none", [""])),
            date_formats=tuple(self._date_formats()),
            primary_id=self._primary_id(),
            default_group=self._text("patrons.default_group", ""),
            source=self._source(),
            files=files,
        )

    def _date_formats(self) -> list[str]:
        formats = self._texts("values.dates", ["%Y-%m-%d"])
        for form in formats:
            try:
                datetime.strptime("", form)  # noqa: DTZ007 only the format is tried
            except re.error:
                raise self._wrong("values.dates", _("%(form)s is no format of a date") % {"form": form}) from None
            except ValueError:
                continue  # a good format, and an empty text does not fit it
        return formats

    def _institution(self) -> dict[str, str]:
        code = self._code("institution.code", "MAIN")
        known = {
            "code": code,
            "name": self._text("institution.name", code),
            "currency_code": self._text("institution.currency", "USD"),
            "locale": self._text("institution.locale", "en_US"),
            "time_zone": self._text("institution.time_zone", "UTC"),
        }
        for key, column, check in (
            ("currency", "currency_code", currency),
            ("locale", "locale", Locale.parse),
            ("time_zone", "time_zone", ZoneInfo),
        ):
            try:
                check(known[column])
            except (ValueError, KeyError, OSError, UnknownLocaleError) as error:
                raise self._wrong(
                    f"institution.{key}", _("“%(value)s” is not known") % {"value": known[column]}
                ) from error
        return known

    def _file(self, kind: str) -> FileMapping:
        needed, possible = _COLUMNS[kind]
        columns = self._strings(f"{kind}.columns")
        self._known(f"{kind}.columns", columns, needed | possible)
        for missing in sorted(needed - set(columns)):
            raise self._wrong(f"{kind}.columns.{missing}", _("it is needed"))
        name = self._text(f"{kind}.file", "")
        if not name or Path(name).name != name:
            raise self._wrong(f"{kind}.file", _("a file name without a folder is needed"))
        identifiers = self._strings("patrons.identifiers") if kind == "patrons" else {}
        for long in (each for each in identifiers if len(each) > _CODE_LIMIT):
            raise self._wrong(f"patrons.identifiers.{long}", _("it is longer than %(limit)s") % {"limit": _CODE_LIMIT})
        return FileMapping(kind, name, columns, identifiers)

    def _source(self) -> str:
        source = self._text("patrons.source", "").strip()
        if len(source) > _CODE_LIMIT:
            raise self._wrong("patrons.source", _("it is longer than %(limit)s") % {"limit": _CODE_LIMIT})
        return source

    def _primary_id(self) -> str:
        pattern = self._text("patrons.primary_id", "{}")
        if not _PRIMARY_ID.fullmatch(pattern):
            raise self._wrong("patrons.primary_id", _("it is written as “B{:06}” or “{}”"))
        return pattern

    def _code(self, key: str, default: str) -> str:
        code = self._text(key, default)
        if not code or len(code) > _CODE_LIMIT:
            raise self._wrong(key, _("1 to %(limit)s characters are needed") % {"limit": _CODE_LIMIT})
        return code

    def _text(self, key: str, default: str) -> str:
        value = self._value(key, default)
        if not isinstance(value, str) or "\0" in value:
            raise self._wrong(key, _("a text in quotes is needed"))
        return value

    def _texts(self, key: str, default: list[str]) -> list[str]:
        value = self._value(key, default)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._wrong(key, _("a list of texts is needed"))
        return value

    def _strings(self, key: str) -> dict[str, str]:
        value = self._value(key, {})
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise self._wrong(key, _("column names in quotes are needed"))
        return value

    def _value(self, key: str, default: Any) -> Any:
        section, _dot, name = key.partition(".")
        return self._table(section).get(name, default)

    def _table(self, section: str) -> dict[str, Any]:
        table = self.raw.get(section, {})
        if not isinstance(table, dict):
            raise self._wrong(section, _("a section in brackets is needed"))
        return table

    def _known(self, section: str, table: Mapping[str, Any], keys: set[str]) -> None:
        for unknown in sorted(set(table) - keys):
            raise self._wrong(".".join(filter(None, (section, unknown))), _("nobody knows this key"))

    def _wrong(self, key: str, reason: str) -> ImportRefused:
        return ImportRefused(
            _("The mapping %(name)s, key %(key)s: %(reason)s.") % {"name": self.name, "key": key, "reason": reason}
        )
