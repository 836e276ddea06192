"""Loading in tests, and what a load may write to."""

from datetime import UTC, datetime
from pathlib import Path

from amerce.access.actors import Actor, system_actor
from amerce.access.privileges import Privilege
from amerce.circulation.models import Item, Loan
from amerce.events.models import Event
from amerce.institutions.models import Institution, Library
from amerce.patrons.models import Patron, UserGroup
from amerce.transfer_in.csv.load import load_csv
from amerce.transfer_in.csv.mapping import read_mapping
from amerce.transfer_in.csv.target import NOT_MADE
from amerce.transfer_in.outcome import Loaded

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
COMMAND_LINE = system_actor(NOT_MADE, "import csv", Privilege.DATA_IMPORT)
WRITTEN = (Institution, Library, UserGroup, Item, Patron, Loan, Event)


def load(  # type: ignore[no-untyped-def]
    *paths: Path, mapping: Path | None = None, actor: Actor = COMMAND_LINE, **options
) -> Loaded:
    return load_csv(actor=actor, at=AT, paths=paths, mapping=read_mapping(mapping), **options)


def counts(loaded: Loaded) -> list[tuple[str, int, int, int, int]]:
    """File, made, unchanged, differing, skipped."""
    return [(each.file, each.made, each.unchanged, each.differing, each.skipped) for each in loaded.files]


def row_counts() -> list[int]:
    return [model._default_manager.count() for model in WRITTEN]
