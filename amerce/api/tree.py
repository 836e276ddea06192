"""What is answered and what is sent, as one tree of plain values, written and read as JSON or as XML.

Why one tree: an object of the dialect is described once. The two forms differ by rule alone: what of an object is an
attribute in XML, which lists stand in an element of their own, and which texts have a description beside them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from lxml import etree

from amerce.inputs.checks import can_be_stored

_ATTRIBUTES = frozenset(
    {"desc", "link", "segment_type", "preferred", "preferred_sms", "total_record_count", "total_sum", "currency"}
)
"""In XML these are attributes of the element."""
_LISTS = {
    "transaction": "transactions",
    "user_identifier": "user_identifiers",
    "user_role": "user_roles",
    "user_block": "user_blocks",
    "user_note": "user_notes",
    "user_statistic": "user_statistics",
    "proxy_for_user": "proxy_for_users",
    "rs_library": "rs_libraries",
    "library_notice": "library_notices",
    "address": "addresses",
    "email": "emails",
    "phone": "phones",
    "address_type": "address_types",
    "email_type": "email_types",
    "phone_type": "phone_types",
    "parameter": "parameters",
    "row": "rows",
    "parameters": "parameters",
}
"""In XML the elements of these lists stand within another."""
_ONE_OF = {plural: one for one, plural in _LISTS.items() if one != plural}
_VALUE_IS_CHILD = frozenset({"user_identifier", "library_notice", "parameter"})
"""Objects in which ``value`` is an element like any other, not the text itself."""
_CODED = frozenset(
    {
        "record_type", "user_title", "job_category", "gender", "user_group", "campus_code", "cataloger_level",
        "preferred_language", "account_type", "status", "role_type", "scope", "statistic_category", "category_type",
        "note_type", "block_type", "block_description", "country", "email_type", "phone_type", "address_type",
        "id_type", "type", "owner", "user_primary_id", "barcode", "code", "payment_method", "reason", "received_by",
        "fees", "loans", "requests",
    }
)  # fmt: skip
"""Texts that are objects with a ``value`` in JSON, also when the XML has no attribute."""
_PLAIN_WITHIN = {"user_identifier": frozenset({"status"}), "fee_type": frozenset({"code"})}
DEPTH_LIMIT = 20


class Number(str):
    """A number by its digits: written bare in JSON, and never a float."""

    __slots__ = ()


class Malformed(ValueError):
    """What was sent is neither JSON nor XML that can be read."""


def amount(minor: int, exponent: int) -> Number:
    """``minor`` units as a decimal with at least one place: 500 is ``5.0``, 7 is ``0.07``."""
    digits = f"{abs(minor):0{exponent + 1}d}"
    whole, places = (digits[:-exponent], digits[-exponent:].rstrip("0")) if exponent else (digits, "")
    return Number(f"{'-' if minor < 0 else ''}{whole}.{places or '0'}")


# -- JSON -------------------------------------------------------------------------------------------------------


def to_json(value: Any) -> str:
    """The tree as JSON."""
    parts: list[str] = []
    _write_json(value, parts)
    return "".join(parts)


def _write_json(value: Any, parts: list[str]) -> None:
    kind = type(value)
    if kind is str:
        parts.append(encode_basestring(value))
    elif kind is Number:
        parts.append(value)
    elif value is None:
        parts.append("null")
    elif kind is bool:
        parts.append("true" if value else "false")
    elif isinstance(value, Mapping):
        parts.append("{")
        for number, (key, each) in enumerate(value.items()):
            parts.append((", " if number else "") + encode_basestring(key) + ": ")
            _write_json(each, parts)
        parts.append("}")
    elif isinstance(value, list | tuple):
        parts.append("[")
        for number, each in enumerate(value):
            if number:
                parts.append(", ")
            _write_json(each, parts)
        parts.append("]")
    elif isinstance(value, str):
        parts.append(encode_basestring(str(value)))
    else:
        parts.append(json.dumps(value))


def from_json(body: bytes) -> Any:
    """The tree of a body in JSON, numbers as they were written. Raises ``Malformed``."""
    try:
        tree = json.loads(body.decode(), parse_float=Number, parse_int=_whole, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    if _too_deep(tree) or (b"\\u" in body and not _can_be_stored(tree)):
        raise Malformed
    return tree


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


# -- XML --------------------------------------------------------------------------------------------------------


def to_xml(tag: str, value: Any, **namespace: str) -> bytes:
    """The tree as an element called ``tag``, without a declaration."""
    made: bytes = etree.tostring(_element(tag, value, namespace.get("xmlns")), encoding="UTF-8", xml_declaration=False)
    return made


def _element(tag: str, value: Any, xmlns: str | None = None) -> Any:
    element = etree.Element(tag, nsmap={None: xmlns}) if xmlns else etree.Element(tag)
    _fill(element, tag, value)
    return element


def _fill(element: Any, tag: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        element.text = _text(value)
        return
    is_text = "value" in value and tag not in _VALUE_IS_CHILD
    for key, each in value.items():
        if is_text and key == "value":
            element.text = _text(each)
        elif is_text or (key in _ATTRIBUTES and not isinstance(each, Mapping | list)):
            if each is not None:
                element.set(key, _text(each))
        else:
            _add(element, key, each)


def _add(element: Any, key: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, list | tuple):
        within = etree.SubElement(element, _LISTS[key]) if key in _LISTS else element
        for each in value:
            _fill(etree.SubElement(within, key), key, each)
    else:
        _fill(etree.SubElement(element, key), key, value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else "".join(each for each in str(value) if each >= " " or each in "\t\n\r")


def from_xml(body: bytes) -> dict[str, Any]:
    """The tree of a body in XML, the root left away. Raises ``Malformed``, also for a document type."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, recover=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed from error
    if root.getroottree().docinfo.doctype:
        raise Malformed
    tree = _read(root, "", 0)
    return tree if isinstance(tree, dict) else {}


def _read(element: Any, parent: str, depth: int) -> Any:
    if depth > DEPTH_LIMIT:
        raise Malformed
    tag = _name(element)
    children = [each for each in element if isinstance(each.tag, str)]
    attributes = {_name_of(key): _typed(_name_of(key), value) for key, value in element.attrib.items()}
    if not children and tag not in _VALUE_IS_CHILD:
        text = element.text or ""
        is_coded = tag in _CODED and tag not in _PLAIN_WITHIN.get(parent, ())
        return {"value": text, **attributes} if is_coded or attributes else text
    tree: dict[str, Any] = dict(attributes)
    for child in children:
        name = _name(child)
        if name in _ONE_OF:
            tree[_ONE_OF[name]] = [_read(each, name, depth + 2) for each in child if isinstance(each.tag, str)]
        elif name in tree:
            if not isinstance(tree[name], list):
                tree[name] = [tree[name]]
            tree[name].append(_read(child, tag, depth + 1))  # a list made anew each time takes minutes for a long body
        else:
            tree[name] = _read(child, tag, depth + 1)
    return tree


def _typed(key: str, value: str) -> Any:
    return value == "true" if key in ("preferred", "preferred_sms") else value


def _name(element: Any) -> str:
    return _name_of(element.tag)


def _name_of(qualified: str) -> str:
    return qualified.rpartition("}")[2]


def pieces(items: Iterator[str], first: str, between: str, last: str) -> Iterator[str]:
    """Texts one after the other with what stands before, between and after them: a list that is never whole."""
    yield first
    for number, each in enumerate(items):
        yield between + each if number else each
    yield last
