"""What a file of payments says, element by element, within bounds (row D5).

Why a parser of our own bounds: the file comes from elsewhere, and whatever is wrong with it must cost nothing but a
sentence with the position.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from lxml import etree

from amerce.bursar.write_file import NAMESPACE

LINES_LIMIT = 1_000_000
_QUIET_LIMIT = 1 << 20
"""Bytes without a fee, of which a tree is kept."""
_VALUE_LIMIT = 100
_NAMES_LIMIT = 5000
"""Names of elements, attributes and name spaces: libxml2 keeps each as long as the process lives. A file has fifty."""
_ELEMENT = re.compile(rb"[^\s>/=!][^\s>/=]*")
_TAG = re.compile(rb"""[^\s>/=!][^\s>/=]*(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))+""")
_ATTRIBUTE = re.compile(rb"\sxmlns[^\s=]{0,100}\s*=\s*['\"][^'\"]{0,200}|\s[^\s<>/='\"]{1,200}(?=\s*=)")
_TEXT_LIMIT = 4096
"""No text is so long: what has no element for longer is a tag that began before."""
_LOOKED_AT = 8
"""Of so many pieces one is looked at for names, nobody knows which: of all of them it would take long."""
_DECLARED = re.compile(rb"[^<]{0,4}<\?xml[^>]*\sencoding\s*=\s*['\"]([^'\"]*)")
_ENCODINGS = re.compile(rb"(utf-?(8|16)|us-ascii|iso-8859-|windows-|cp125).*", re.IGNORECASE)
"""In which names can be seen without reading the file."""
_BOUNDED = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True,
    "remove_pis": True,
}  # fmt: skip
"""For the parser, which takes no more than 256 elements in each other, and no text above ten megabytes."""


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


_ROOT, _LINE, _NUMBER = _tag("xml-fragment"), _tag("userFineFee"), _tag("exportNumber")
_AMOUNTS, _ID, _SUM, _CURRENCY = (_tag(name) for name in ("compositeSum", "bursarTransactionId", "sum", "currency"))
_ENCODING_WORDS = ("encoding", "invalid byte", "not proper UTF-8", "Input is not")


class FileRejected(Exception):
    """The file is not taken. ``reason`` is a word for ``sentences.rejected``, with its data."""

    def __init__(self, reason: str, **data: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.data = data


@dataclass(frozen=True)
class ReadLine:
    """One ``userFineFee`` as it stands in the file, without the space around its values."""

    transaction_id: str
    sum_text: str
    currency_code: str


def parse(pieces: Iterator[bytes]) -> Iterator[ReadLine | str]:
    """What the file that comes in ``pieces`` says: lines, and its export number as a text. Raises ``FileRejected``."""
    try:
        beginning = _up_to_root(pieces)
        yield from _lines(chain(beginning, pieces))
    except etree.XMLSyntaxError as error:
        raise _not_well_formed(error) from error


def _up_to_root(pieces: Iterator[bytes]) -> list[bytes]:
    """The pieces in which the root element begins, which is looked at before anything else is made of them."""
    parser = etree.XMLPullParser(events=("start",), **_BOUNDED)
    beginning: list[bytes] = []
    for piece in pieces:
        beginning.append(piece)
        try:
            parser.feed(piece)
        except etree.XMLSyntaxError:  # what is wrong with the root says more than what follows from it
            _check_root(parser)
            raise
        if _check_root(parser):
            _check_encoding(beginning[0])
            return beginning
        if sum(map(len, beginning)) > _QUIET_LIMIT:
            raise FileRejected("nothing", line=1)
    if beginning:  # of a few bytes the parser says at the end alone what they are
        try:
            parser.close()
        finally:
            _check_root(parser)
    raise FileRejected("malformed", line=1, column=1, detail="Document is empty")


def _check_encoding(beginning: bytes) -> None:
    declared = _DECLARED.match(beginning[:1000].replace(b"\0", b""))
    if declared and not _ENCODINGS.fullmatch(declared[1]):
        raise FileRejected("other_encoding", found=declared[1].decode("ascii", "replace")[:_VALUE_LIMIT])


def _check_root(parser: "etree.XMLPullParser") -> bool:
    for _event, root in parser.read_events():
        line = root.sourceline or 1
        if root.getroottree().docinfo.doctype:
            raise FileRejected("doctype", line=line)
        if root.tag != _ROOT and etree.QName(root).localname == etree.QName(_ROOT).localname:
            other = etree.QName(root).namespace or "–"
            raise FileRejected("namespace", found=other[:_VALUE_LIMIT], wanted=NAMESPACE, line=line)
        if root.tag != _ROOT:
            raise FileRejected("root", found=str(root.tag)[:_VALUE_LIMIT], line=line)
        return True
    return False


def _lines(pieces: Iterable[bytes]) -> Iterator[ReadLine | str]:
    """Only what ends a fee is told by the parser: a step in Python for each element would take most of the time."""
    parser = etree.XMLPullParser(events=("end",), tag=(_LINE, _NUMBER), **_BOUNDED)
    count, quiet, newlines, quiet_from = 0, 0, 0, 1
    number: str | None = None
    names: set[bytes] = set()
    for piece in pieces:
        if not secrets.randbelow(_LOOKED_AT):
            names.update(_names(piece))
        if len(names) > _NAMES_LIMIT:
            raise FileRejected("names", limit=_NAMES_LIMIT, line=quiet_from)
        parser.feed(piece)
        quiet, newlines = quiet + len(piece), newlines + piece.count(b"\n")
        for _event, element in parser.read_events():
            if element.tag == _NUMBER:
                if number not in (None, said := _value(element)):
                    raise _unclear(element)
                number = said
                yield said
                continue
            if count >= LINES_LIMIT:
                raise FileRejected("lines", limit=LINES_LIMIT, line=element.sourceline or quiet_from)
            amounts = _child(element, _AMOUNTS)
            yield ReadLine(_text(element, _ID), _text(amounts, _SUM), _text(amounts, _CURRENCY))
            _let_go(element)
            count, quiet, quiet_from = count + 1, 0, newlines + 1
        if quiet > _QUIET_LIMIT:
            raise FileRejected("nothing", line=quiet_from)
    parser.close()


def _names(piece: bytes) -> Iterator[bytes]:
    """The names in the tags of a piece; what stands in a text is none, whatever it looks like."""
    before, *tags = piece.replace(b"\0", b"").split(b"<")  # which no value of an attribute holds
    for tag in tags:
        if element := _ELEMENT.match(tag):
            yield element[0]
        if b"=" in tag and (whole := _TAG.match(tag)):
            yield from _ATTRIBUTE.findall(whole[0])
    if len(before) > _TEXT_LIMIT:
        yield from _ATTRIBUTE.findall(before)


def _child(element: Any, tag: str) -> Any:
    """The one child of that name, or None."""
    if element is None:
        return None
    found = list(element.iterchildren(tag))
    if len(found) > 1:
        raise _unclear(found[1])
    return found[0] if found else None


def _text(element: Any, tag: str) -> str:
    found = _child(element, tag)
    return "" if found is None else _value(found)


def _value(element: Any) -> str:
    if len(element):
        raise _unclear(element)
    text = (element.text or "").strip()
    if len(text) > _VALUE_LIMIT:
        raise FileRejected("long", line=element.sourceline or 1)
    return text.replace("\0", "")


def _unclear(element: Any) -> FileRejected:
    """Another program may well read another amount than this one."""
    return FileRejected("unclear", line=element.sourceline or 1)


def _let_go(element: Any) -> None:
    """Of what came before the end of ``element`` only those stay in which it is, so that memory does not grow."""
    element.clear(keep_tail=False)
    while (parent := element.getparent()) is not None:
        while (before := element.getprevious()) is not None:
            parent.remove(before)
        element = parent


def _not_well_formed(error: etree.XMLSyntaxError) -> FileRejected:
    line, column = error.position
    detail = str(error.msg).split(", line ")[0].strip().rstrip(".")[:200]
    if detail.startswith("Excessive depth"):
        return FileRejected("depth", line=line or 1)
    if any(word in detail for word in _ENCODING_WORDS):
        return FileRejected("encoding", line=line or 1, column=max(column, 1))
    return FileRejected("malformed", line=line or 1, column=max(column, 1), detail=detail)
