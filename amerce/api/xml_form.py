"""The tree as XML.

The rules by which it differs from JSON: what of an object is an attribute, which lists stand in an element of their
own, and which texts have a description beside them.
"""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from amerce.api.tree import DEPTH_LIMIT, Malformed

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

ATTRIBUTE_LIMIT = 50
"""Of one element. To read them takes time by the square of their number, minutes for a hundred thousand."""


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
    if depth > DEPTH_LIMIT or len(element.attrib) > ATTRIBUTE_LIMIT:
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
