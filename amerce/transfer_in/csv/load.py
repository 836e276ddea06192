"""Loading a library's CSV files: items, patrons and loans, all or nothing.

Why one pass for a dry run and for the real one: what is reported beforehand is what then happens.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from amerce.access.actors import Actor
from amerce.access.can import NotAllowed, require
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.transfer_in.csv.context import Context
from amerce.transfer_in.csv.items import load_items
from amerce.transfer_in.csv.loans import load_loans
from amerce.transfer_in.csv.mapping import CsvMapping, FileMapping
from amerce.transfer_in.csv.patrons import load_patrons
from amerce.transfer_in.csv.read import OpenFile, Row
from amerce.transfer_in.csv.seen import Seen
from amerce.transfer_in.csv.target import NOT_MADE, open_target
from amerce.transfer_in.outcome import FileCounts, ImportRefused, Loaded

BATCH_ROWS = 500
"""So many rows are held in memory, compared and written at once."""
_LINES_NAMED = 20

OnProgress = Callable[[OpenFile, int], None]
"""Told after each batch: the file being read, and how many rows of it have been."""

Batch = Callable[[Sequence[Row], Context, FileCounts], None]
_LOADERS: dict[str, Batch] = {"items": load_items, "patrons": load_patrons, "loans": load_loans}

T = TypeVar("T")


def load_csv(
    *,
    actor: Actor,
    at: datetime,
    paths: Sequence[Path],
    mapping: CsvMapping,
    institution_code: str | None = None,
    is_dry_run: bool = False,
    on_progress: OnProgress = lambda file, rows: None,
) -> Loaded:
    """Load the files at ``paths``: one folder with every file of ``mapping``, or some of these files by themselves.

    Makes the institution (``institution_code``, else the mapping's) and its library if they are not there. What
    is loaded already counts as unchanged. A dry run reads, compares and writes nothing. Somebody loads into their
    own institution; an actor of none (``NOT_MADE``), as the command line is, into whichever was named. Raises
    ``NotAllowed``, ``ImportRefused``, for a row ``BadRow``, and then nothing was written.
    """
    require(actor, Privilege.DATA_IMPORT)
    files = _find_files(mapping, paths)
    with nullcontext() if is_dry_run else transaction.atomic(), closing(Seen()) as seen:
        target = open_target(mapping, institution_code, writes=not is_dry_run)
        if actor.institution_id not in (NOT_MADE, target.institution_id):
            raise NotAllowed(actor, Privilege.DATA_IMPORT)
        context = Context(mapping, target, seen, at)
        loaded = Loaded(target.code, is_dry_run, new_groups=target.new_groups)
        for file, path in files:
            counts = FileCounts(file.name)
            loaded.files.append(counts)
            _load_file(OpenFile(file, path, mapping), context, counts, on_progress)
        if target.institution_id and (loaded.made or loaded.updated) and not is_dry_run:
            _record(replace(actor, institution_id=target.institution_id), at, loaded)
    return loaded


def _load_file(open_file: OpenFile, context: Context, counts: FileCounts, on_progress: OnProgress) -> None:
    load = _LOADERS[open_file.file.kind]
    rows_read = 0
    for batch in _batches(open_file.rows()):
        rows = [each for each in batch if not each.is_empty]
        for empty in (each for each in batch if each.is_empty):
            counts.skipped += 1
            if counts.skipped <= _LINES_NAMED:
                counts.skipped_lines.append(empty.line)
        for cleaned in (each for each in rows if each.is_cleaned):
            counts.cleaned += 1
            if counts.cleaned <= _LINES_NAMED:
                counts.cleaned_lines.append(cleaned.line)
        load(rows, context, counts)
        rows_read += len(batch)
        on_progress(open_file, rows_read)


def _find_files(mapping: CsvMapping, paths: Sequence[Path]) -> list[tuple[FileMapping, Path]]:
    for path in paths:
        if not path.exists():
            raise ImportRefused(_("There is no file %(path)s.") % {"path": path})
    if len(paths) == 1 and paths[0].is_dir():
        found = {file.name: paths[0] / file.name for file in mapping.files}
    else:
        found = {path.name: path for path in paths}
        names = ", ".join(file.name for file in mapping.files)
        for unknown in sorted(set(found) - {file.name for file in mapping.files}):
            raise ImportRefused(
                _("The mapping says nothing of %(name)s; it describes %(known)s.") % {"name": unknown, "known": names}
            )
        if len(found) < len(paths):
            raise ImportRefused(_("A file was given twice."))
    for path in found.values():
        if not path.is_file():
            raise ImportRefused(_("There is no file %(path)s.") % {"path": path})
    return [(file, found[file.name]) for file in mapping.files if file.name in found]


def _record(actor: Actor, at: datetime, loaded: Loaded) -> None:
    record(
        "data.imported",
        actor=actor,
        at=at,
        data={"source": "csv", "made": {each.file: each.made for each in loaded.files}}
        | ({"updated": {each.file: each.updated for each in loaded.files}} if loaded.updated else {}),
    )


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
