"""What a check is given and what it answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from amerce.ledger.models import Transfer

CHUNK = 2000
"""Rows read at a time, so that memory does not grow with the ledger."""


@dataclass(frozen=True)
class Finding:
    """The first bad row of a check. ``row`` names it: ``transfer 17``."""

    row: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.row}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True)
class Scope:
    """One institution, or all of them for None. ``advance`` is told how many rows were looked at."""

    institution_id: int | None = None
    advance: Callable[[int], None] = lambda rows: None

    def of(self, model: Any) -> QuerySet[Any]:
        """The rows of ``model`` in scope."""
        rows: QuerySet[Any] = model.objects.all()
        return rows if self.institution_id is None else rows.filter(institution_id=self.institution_id)

    def stream(self, rows: QuerySet[Any]) -> Iterator[Any]:
        """``rows`` one by one from a cursor of the database, telling ``advance``."""
        for number, row in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
            yield row
            if number % CHUNK == 0:
                self.advance(CHUNK)


def fee_model() -> Any:
    """The model of fees, found over the foreign key: charges stands above the ledger and is not imported."""
    model = Transfer._meta.get_field("fee").related_model
    assert isinstance(model, type) and issubclass(model, Model)
    return model
