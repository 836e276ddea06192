"""``amerce import SOURCE PATH…``."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from amerce.cli.refusal import Refusal
from amerce.transfer_in.outcome import FileCounts, ImportRefused, Loaded

if TYPE_CHECKING:
    from amerce.transfer_in.csv.load import OnProgress
    from amerce.transfer_in.csv.read import OpenFile

SOURCES = {"csv": "CSV files, described by a mapping"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", metavar="SOURCE", choices=SOURCES, help="; ".join(f"{each}: {what}" for each, what in SOURCES.items())
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="the folder of the files, or the files")
    parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
    parser.add_argument("--mapping", metavar="FILE", type=Path, help="what the columns mean; see csv/default.toml")
    parser.add_argument("--institution", metavar="CODE", help="where to load to, made if it is not there")


def run(args: argparse.Namespace) -> int:
    from amerce.access.actors import system_actor
    from amerce.access.privileges import Privilege
    from amerce.transfer_in.csv.load import load_csv
    from amerce.transfer_in.csv.mapping import read_mapping
    from amerce.transfer_in.csv.target import NOT_MADE

    try:
        mapping = read_mapping(args.mapping)
        with _bar() as show:
            loaded = load_csv(
                actor=system_actor(NOT_MADE, "import csv", Privilege.DATA_IMPORT),
                at=timezone.now(),
                paths=args.paths,
                mapping=mapping,
                institution_code=args.institution,
                is_dry_run=args.dry_run,
                on_progress=show,
            )
    except ImportRefused as refusal:
        raise Refusal(_("%(reason)s Nothing was loaded.") % {"reason": refusal}) from refusal
    for sentence in _report(loaded):
        print(sentence)
    return 0


def _report(loaded: Loaded) -> Iterator[str]:
    if loaded.is_dry_run:
        yield _("Dry run into %(code)s: this is what would be done, nothing was written.") % {
            "code": loaded.institution_code
        }
    else:
        yield _("Loaded into %(code)s.") % {"code": loaded.institution_code}
    for counts in loaded.files:
        yield _counted(counts)
    if loaded.new_groups:
        yield ngettext("1 new group: %(names)s", "%(number)s new groups: %(names)s", len(loaded.new_groups)) % {
            "number": len(loaded.new_groups),
            "names": ", ".join(loaded.new_groups),
        }


def _counted(counts: FileCounts) -> str:
    line = _("%(file)s: %(made)s made, %(unchanged)s unchanged, %(skipped)s skipped") % vars(counts)
    if counts.skipped_lines:
        named = _named(counts.skipped_lines, counts.skipped)
        line = _("%(line)s (without any value: line %(named)s)") % {"line": line, "named": named}
    if counts.cleaned_lines:
        named = _named(counts.cleaned_lines, counts.cleaned)
        line = _("%(line)s, characters that cannot be seen taken out (line %(named)s)") % {"line": line, "named": named}
    if counts.updated:
        line = _("%(line)s, %(number)s brought up to date") % {"line": line, "number": counts.updated}
    if counts.differing:
        line = _("%(line)s, %(number)s differ and stay as they are here") % {"line": line, "number": counts.differing}
    return line


def _named(lines: list[int], count: int) -> str:
    return ", ".join(map(str, lines)) + (", …" if count > len(lines) else "")


@contextmanager
def _bar() -> "Iterator[OnProgress]":
    """A bar for each file with rate and time left, if a person is looking."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    console = Console(stderr=True)
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:

        def show(file: "OpenFile", rows: int) -> None:
            task_id = tasks.get(file.path.name)
            if task_id is None:
                task_id = tasks[file.path.name] = progress.add_task(file.path.name, total=file.size, rate="")
            elapsed = progress.tasks[list(tasks).index(file.path.name)].elapsed or 0
            rate = f"{rows} ({rows / elapsed:.0f}/s)" if elapsed else str(rows)
            progress.update(task_id, completed=file.position, rate=rate)

        yield show
