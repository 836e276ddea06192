"""Reading one field of what a program sent of a user: a text, a code, a day, a list of objects."""

import re
from datetime import date
from typing import Any

from amerce.api.alma.errors import bad_parameter

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[T ].*)?", re.ASCII)
_TEXT_LIMIT = 300


def objects_of(sent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = sent.get(name) or []
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in rows):
        raise bad_parameter(name)
    return rows


def text_of(sent: dict[str, Any], name: str, before: str = "") -> str:
    """The text, or the code of ``{"value": code}``; ``before`` where it was not sent."""
    if name not in sent:
        return before
    value = sent[name]
    if isinstance(value, dict):
        value = value.get("value")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad_parameter(name)
    return str(value).strip()


def codes_of(sent: dict[str, Any], name: str) -> tuple[str, ...]:
    found = sent.get(name) or []
    rows = found if isinstance(found, list) else [found]
    codes = [text_of({name: each}, name) for each in rows]
    return tuple(each for each in codes if each)


def flag_of(sent: dict[str, Any], name: str) -> bool:
    value = sent.get(name)
    return value is True or (isinstance(value, str) and value.casefold() == "true")


def day_of(sent: dict[str, Any], name: str, before: date | None) -> date | None:
    text = text_of(sent, name, before.isoformat() if before else "")
    if not text:
        return None
    shape = _DAY.fullmatch(text[:_TEXT_LIMIT])
    try:
        return date.fromisoformat(shape[1]) if shape else _no_day(name)
    except ValueError:
        return _no_day(name)


def _no_day(name: str) -> date:
    raise bad_parameter(name, "Write a day like 2027-08-31Z.")
