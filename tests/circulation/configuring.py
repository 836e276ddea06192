"""What the tests of the configuration share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Model

from amerce.charges.models import FeeType
from amerce.circulation.models import BlockRule, CalendarException, OpeningHours, OverdueNotice, TermsOfUse
from amerce.circulation.terms_facts import TermsFacts
from amerce.events.models import Event
from amerce.institutions.models import BursarSequence, CodeEntry, Desk, Institution, Printer, SkippedNumbers
from amerce.institutions.models import Library as LibraryRow
from amerce.jobs.models import JobRun
from tests.world import Library

TABLES: tuple[type[Model], ...] = (
    TermsOfUse, OverdueNotice, OpeningHours, CalendarException, BlockRule, CodeEntry, Desk, LibraryRow, Printer,
    Institution, FeeType, BursarSequence, SkippedNumbers, JobRun, Event,
)  # fmt: skip
ADMINISTRATOR = "fulfillment_administrator"


def administrator(library: Library) -> Any:
    """Who may configure, and nothing of money."""
    return library.staff(ADMINISTRATOR)


@contextmanager
def nothing_configured() -> Iterator[None]:
    """Not one row more or other in any table of the configuration, nor in the events."""
    before = _rows()
    yield
    assert _rows() == before


def _rows() -> dict[str, Any]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES}


def facts(**said: Any) -> TermsFacts:
    """Terms at 0.50 a day after a day of grace, at most 10.00."""
    plain = {
        "name": "Faculty", "overdue_rate_minor": 50, "grace_minutes": 24 * 60, "overdue_maximum_minor": 1000,
    }  # fmt: skip
    return TermsFacts(**{**plain, **said})


def item_policy(library: Library, code: str, label: str = "", *, is_active: bool = True) -> CodeEntry:
    """An entry of the code table of item policies."""
    return CodeEntry.objects.create(
        institution=library.institution,
        table=CodeEntry.Table.ITEM_POLICY,
        code=code,
        label=label or code.title(),
        position=1,
        is_active=is_active,
    )
