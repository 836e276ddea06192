"""What every batch of one import shares."""

from dataclasses import dataclass
from datetime import datetime

from amerce.transfer_in.csv.mapping import CsvMapping
from amerce.transfer_in.csv.seen import Seen
from amerce.transfer_in.csv.target import Target


@dataclass(frozen=True)
class Context:
    """``at`` is when the import began."""

    mapping: CsvMapping
    target: Target
    seen: Seen
    at: datetime
