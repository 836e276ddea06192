"""Reading a file of payments as a stream into plain lines.

Why plain lines first: nothing of a file is believed before all of it was read.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from amerce.bursar.parse_file import FileRejected, ReadLine, parse
from amerce.bursar.places import kept_whole


class LinesGone(Exception):
    """What was read of a file is not there any more, or not as it was."""


SIZE_LIMIT = 1 << 30
"""Bytes of a file; half a million payments take some 600 MB."""
_PIECE = 1 << 16


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
    with path.open("rb") as source, kept_whole(lines_path) as out:
        for said in parse(_hashed(source, of_bytes)):
            if isinstance(said, str):
                read.export_number = said
                continue
            plain = json.dumps([said.transaction_id, said.sum_text, said.currency_code])
            read.add(plain)
            out.write(f"{plain}\n".encode())
    if not read.count:
        raise FileRejected("empty")
    read.end(of_bytes)
    return read


def read_lines(lines_path: Path, offset: int, limit: int) -> tuple[list[ReadLine], int]:
    """The next lines from ``offset`` bytes on, and where those after them begin. Raises ``LinesGone``."""
    found: list[ReadLine] = []
    try:
        with lines_path.open("rb") as source:
            source.seek(offset)
            for raw in source:
                found.append(ReadLine(*json.loads(raw)))
                offset += len(raw)
                if len(found) == limit:
                    break
    except (OSError, ValueError) as error:
        raise LinesGone from error
    if not found:
        raise LinesGone
    return found, offset


def _hashed(source: IO[bytes], of_bytes: Any) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        of_bytes.update(piece)
        yield piece
