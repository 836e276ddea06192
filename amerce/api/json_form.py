"""The tree as JSON, in which a number is written and read by its digits.

Why not the library's own writer: it knows no number but an int and a float.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from amerce.api.tree import DEPTH_LIMIT, Malformed, Number
from amerce.inputs.checks import can_be_stored


def to_json(value: Any) -> str:
    """The tree as JSON."""
    write = _WRITERS.get(type(value))
    return write(value) if write else _other(value)


def _object(value: Mapping[str, Any]) -> str:
    return "{" + ", ".join([f"{encode_basestring(key)}: {to_json(each)}" for key, each in value.items()]) + "}"


def _list(value: Sequence[Any]) -> str:
    return "[" + ", ".join([to_json(each) for each in value]) + "]"


def _other(value: Any) -> str:
    """What is of a class of its own but is a text, an object or a list all the same."""
    if isinstance(value, str):
        return encode_basestring(str(value))
    if isinstance(value, Mapping):
        return _object(value)
    return _list(value) if isinstance(value, list | tuple) else json.dumps(value)


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    Number: str.__str__,
    dict: _object,
    list: _list,
    tuple: _list,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
}


def from_json(body: bytes) -> Any:
    """The tree of a body in JSON, numbers as they were written. Raises ``Malformed``."""
    try:
        tree = json.loads(
            body.decode(),
            parse_float=Number, parse_int=_whole, parse_constant=_no_number, object_pairs_hook=once_each,
        )  # fmt: skip
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    if _too_deep(tree) or (b"\\u" in body and not _can_be_stored(tree)):
        raise Malformed
    return tree


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, each name of which stands once: of two amounts nobody should guess which is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed
    return found


def _can_be_stored(value: Any) -> bool:
    """JSON can escape halves of characters, and a character that ends texts, which no database takes."""
    if isinstance(value, dict):
        return all(can_be_stored(key) and _can_be_stored(each) for key, each in value.items())
    if isinstance(value, list):
        return all(map(_can_be_stored, value))
    return can_be_stored(value) if isinstance(value, str) else True


def _whole(digits: str) -> Number:
    return Number(digits)


def _no_number(name: str) -> Any:
    raise Malformed(name)


def _too_deep(value: Any, depth: int = 0) -> bool:
    if depth > DEPTH_LIMIT:
        return True
    children: Sequence[Any] = ()
    if isinstance(value, dict):
        children = list(value.values())
    elif isinstance(value, list):
        children = value
    return any(_too_deep(each, depth + 1) for each in children)
