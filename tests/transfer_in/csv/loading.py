"""Loading in tests, and what a load may write to."""

from datetime import UTC, datetime
from pathlib import Path

from amerce.circulation.models import Item, Loan
from amerce.events.models import Event
from amerce.institutions.models import Institution, Library
from amerce.patrons.models import Patron, UserGroup
from amerce.transfer_in.csv.load import load_csv
from amerce.transfer_in.csv.mapping import read_mapping
from amerce.transfer_in.outcome import Loaded

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WRITTEN = (Institution, Library, UserGroup, Item, Patron, Loan, Event)


def load(*paths: Path, mapping: Path | None = None, **options) -> Loaded:  # type: ignore[no-untyped-def]
    return load_csv(at=AT, paths=paths, mapping=read_mapping(mapping), **options)


def counts(loaded: Loaded) -> list[tuple[str, int, int, int, int]]:
    """File, made, unchanged, differing, skipped."""
    return [(each.file, each.made, each.unchanged, each.differing, each.skipped) for each in loaded.files]


def row_counts() -> list[int]:
    return [model._default_manager.count() for model in WRITTEN]
