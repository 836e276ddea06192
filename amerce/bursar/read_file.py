"""Reading a file of payments as a stream, within bounds, into plain lines: whatever is wrong with it is told with its
position, and nothing of it is believed before all was read.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any

from lxml import etree

from amerce.bursar.write_file import NAMESPACE

SIZE_LIMIT = 1 << 30
"""Bytes of a file; half a million payments take some 600 MB."""
LINES_LIMIT = 1_000_000
_QUIET_LIMIT = 1 << 20
"""Bytes without a fee, of which a tree is kept."""
_PIECE = 1 << 16
_VALUE_LIMIT = 100
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


@dataclass
class ReadFile:
    """What was read: ``content`` is the same for the same export number and lines, ``sha256`` for the same bytes."""

    export_number: str = ""
    count: int = 0
    sha256: str = ""
    content: str = ""
    _hash: Any = field(default_factory=hashlib.sha256, repr=False)

    def add(self, line: str) -> None:
        self.count += 1
        self._hash.update(line.encode())

    def end(self, of_bytes: Any) -> None:
        self._hash.update(json.dumps(self.export_number).encode())
        self.content, self.sha256 = self._hash.hexdigest(), of_bytes.hexdigest()


def read_file(path: Path, lines_path: Path) -> ReadFile:
    """Read the file at ``path`` and write its lines to ``lines_path``, a JSON list on each. Raises ``FileRejected``."""
    if path.stat().st_size > SIZE_LIMIT:
        raise FileRejected("large", limit=SIZE_LIMIT >> 20)
    read, of_bytes = ReadFile(), hashlib.sha256()
    with path.open("rb") as source, lines_path.open("w", encoding="utf-8") as out:
        for line in _parse(_hashed(source, of_bytes), read):
            plain = json.dumps([line.transaction_id, line.sum_text, line.currency_code])
            read.add(plain)
            out.write(plain + "\n")
    if not read.count:
        raise FileRejected("empty")
    read.end(of_bytes)
    return read


def read_lines(lines_path: Path, offset: int, limit: int) -> tuple[list[ReadLine], int]:
    """The next lines from ``offset`` bytes on, and where those after them begin."""
    found: list[ReadLine] = []
    with lines_path.open("rb") as source:
        source.seek(offset)
        for raw in source:
            found.append(ReadLine(*json.loads(raw)))
            offset += len(raw)
            if len(found) == limit:
                break
    return found, offset


def _hashed(source: IO[bytes], of_bytes: Any) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        of_bytes.update(piece)
        yield piece


def _parse(pieces: Iterator[bytes], read: ReadFile) -> Iterator[ReadLine]:
    try:
        beginning = _up_to_root(pieces)
        yield from _lines(chain(beginning, pieces), read)
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
            return beginning
        if len(beginning) * _PIECE > _QUIET_LIMIT:
            raise FileRejected("nothing", line=1)
    raise FileRejected("malformed", line=1, column=1, detail="Document is empty")


def _check_root(parser: "etree.XMLPullParser") -> bool:
    for _event, root in parser.read_events():
        line = root.sourceline or 1
        if root.getroottree().docinfo.doctype:
            raise FileRejected("doctype", line=line)
        if root.tag != _ROOT:
            raise FileRejected("root", found=str(root.tag)[:_VALUE_LIMIT], line=line)
        return True
    return False


def _lines(pieces: Iterable[bytes], read: ReadFile) -> Iterator[ReadLine]:
    """Only what ends a fee is told by the parser: a step in Python for each element would take most of the time."""
    parser = etree.XMLPullParser(events=("end",), tag=(_LINE, _NUMBER), **_BOUNDED)
    quiet, newlines, quiet_from = 0, 0, 1
    for piece in pieces:
        parser.feed(piece)
        quiet, newlines = quiet + len(piece), newlines + piece.count(b"\n")
        for _event, element in parser.read_events():
            if element.tag == _NUMBER:
                read.export_number = _value(element)
                continue
            if read.count >= LINES_LIMIT:
                raise FileRejected("lines", limit=LINES_LIMIT, line=element.sourceline or quiet_from)
            amounts = _child(element, _AMOUNTS)
            yield ReadLine(_text(element, _ID), _text(amounts, _SUM), _text(amounts, _CURRENCY))
            _let_go(element)
            quiet, quiet_from = 0, newlines + 1
        if quiet > _QUIET_LIMIT:
            raise FileRejected("nothing", line=quiet_from)
    parser.close()


def _child(element: Any, tag: str) -> Any:
    """The first child of that name, or None."""
    return None if element is None else next(element.iterchildren(tag), None)


def _text(element: Any, tag: str) -> str:
    found = _child(element, tag)
    return "" if found is None else _value(found)


def _value(element: Any) -> str:
    text = (element.text or "").strip()
    if len(text) > _VALUE_LIMIT:
        raise FileRejected("long", line=element.sourceline or 1)
    return text.replace("\0", "")


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
