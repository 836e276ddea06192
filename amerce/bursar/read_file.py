"""Reading a file of payments as a stream, within bounds, into plain lines: whatever is wrong with it is told with its
position, and nothing of it is believed before all was read.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from lxml import etree

from amerce.bursar.write_file import NAMESPACE

SIZE_LIMIT = 1 << 30
"""Bytes of a file; half a million payments take some 600 MB."""
LINES_LIMIT = 1_000_000
_DEPTH_LIMIT = 12
_QUIET_LIMIT = 1 << 20
_PIECE = 1 << 16
_VALUE_LIMIT = 100


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


_ROOT, _LINE, _NUMBER = _tag("xml-fragment"), _tag("userFineFee"), _tag("exportNumber")
_AMOUNTS, _ID = _tag("compositeSum"), _tag("bursarTransactionId")
_SUM, _CURRENCY = f"{_AMOUNTS}/{_tag('sum')}", f"{_AMOUNTS}/{_tag('currency')}"
_KEPT = frozenset({_ID, _AMOUNTS, _tag("sum"), _tag("currency")})
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

    def add(self, line: ReadLine) -> None:
        self.count += 1
        self._hash.update(json.dumps(list(vars(line).values())).encode())

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
            read.add(line)
            out.write(json.dumps(list(asdict(line).values())) + "\n")
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
    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    depth = quiet = newlines = 0
    seen = _Seen()
    try:
        for piece in pieces:
            parser.feed(piece)
            newlines += piece.count(b"\n")
            quiet += len(piece)
            for event, element in parser.read_events():
                quiet = 0
                depth += 1 if event == "start" else -1
                if event == "start":
                    seen.start(element, depth)
                elif (line := seen.end(element, read)) is not None:
                    yield line
            if quiet > _QUIET_LIMIT:
                raise FileRejected("nothing", line=max(seen.line, newlines + 1 - piece.count(b"\n")))
        parser.close()
    except etree.XMLSyntaxError as error:
        for event, element in parser.read_events():
            if event == "start":  # what is wrong with the beginning says more than what follows from it
                seen.start(element, 0)
        raise _not_well_formed(error) from error
    for event, element in parser.read_events():
        if event == "end" and (line := seen.end(element, read)) is not None:
            yield line
    if not seen.has_root:
        raise FileRejected("malformed", line=1, column=1, detail="Document is empty")


class _Seen:
    """Where the parser is, and what of the tree is let go of, so that memory does not grow with the file."""

    def __init__(self) -> None:
        self.line, self.has_root = 1, False

    def start(self, element: Any, depth: int) -> None:
        self.line = element.sourceline or self.line
        if not self.has_root:
            self.has_root = True
            if element.getroottree().docinfo.doctype:
                raise FileRejected("doctype", line=self.line)
            if element.tag != _ROOT:
                raise FileRejected("root", found=str(element.tag)[:_VALUE_LIMIT], line=self.line)
        if depth > _DEPTH_LIMIT:
            raise FileRejected("depth", line=self.line)

    def end(self, element: Any, read: ReadFile) -> ReadLine | None:
        if element.tag == _NUMBER:
            read.export_number = self._value(element)
        if element.tag != _LINE:
            if element.tag not in _KEPT:
                _let_go(element)
            return None
        if read.count >= LINES_LIMIT:
            raise FileRejected("lines", limit=LINES_LIMIT, line=self.line)
        line = ReadLine(*(self._value(element.find(each)) for each in (_ID, _SUM, _CURRENCY)))
        _let_go(element)
        return line

    def _value(self, element: Any) -> str:
        text = "" if element is None else (element.text or "").strip()
        if len(text) > _VALUE_LIMIT:
            raise FileRejected("long", line=element.sourceline or self.line)
        return text.replace("\0", "")


def _let_go(element: Any) -> None:
    element.clear(keep_tail=False)
    before = element.getprevious()
    while before is not None and before.tag not in _KEPT:
        before.getparent().remove(before)
        before = element.getprevious()


def _not_well_formed(error: etree.XMLSyntaxError) -> FileRejected:
    line, column = error.position
    detail = str(error.msg).split(", line ")[0].strip().rstrip(".")[:200]
    if any(word in detail for word in _ENCODING_WORDS):
        return FileRejected("encoding", line=line or 1, column=max(column, 1))
    return FileRejected("malformed", line=line or 1, column=max(column, 1), detail=detail)
