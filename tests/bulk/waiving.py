"""Bulk waiving in tests: criteria that match everything unless told otherwise, and a run from page to end."""

from datetime import datetime
from itertools import count
from typing import Any

from amerce.bulk.criteria import Criteria
from amerce.bulk.models import BulkWaiver
from amerce.bulk.preview import Preview, preview_waiver
from amerce.bulk.start import start_bulk_waiver
from amerce.bulk.undo import undo_bulk_waiver
from amerce.jobs.claim import claim_run
from amerce.jobs.models import JobRun, RunEventRow
from amerce.jobs.runner import run_to_end
from tests.world import NOON, Library

EVERYTHING = 100_000
_keys = count(1)


def criteria(**given: Any) -> Criteria:
    return Criteria(**{"threshold_minor": EVERYTHING, "group_ids": None, "type_codes": None, **given})


def preview(library: Library, at: datetime = NOON, **given: Any) -> Preview:
    return preview_waiver(library.staff("user_manager"), at=at, criteria=criteria(**given))


def parts(shown: Preview) -> dict[str, tuple[int, int, int]]:
    """Patrons, fees and amount by verdict, without the empty ones."""
    found = {verdict.value: (part.patrons, part.fees, part.amount_minor) for verdict, part in shown.parts.items()}
    return {verdict: part for verdict, part in found.items() if part[1]}


def start(library: Library, *, at: datetime = NOON, comment: str = "", **given: Any) -> BulkWaiver:
    """Confirmed with the total that the preview shows."""
    actor = library.staff("user_manager")
    total = preview_waiver(actor, at=at, criteria=criteria(**given)).waived.amount_minor
    started = start_bulk_waiver(
        actor=actor,
        at=at,
        criteria=criteria(**given),
        reason="OTHER",
        comment=comment,
        confirmed_minor=total,
        form_key=f"form-{next(_keys)}",
    )
    return BulkWaiver.objects.get(pk=started.waiver_id)


def finish(run_id: int | None, at: datetime = NOON) -> JobRun:
    assert run_id is not None
    held = claim_run(run_id, worker="tests", now=at)
    assert held is not None
    ended = run_to_end(held, worker="tests", clock=lambda: at)
    assert ended.state == JobRun.State.DONE, ended.error
    return ended


def waive_in_bulk(library: Library, **given: Any) -> BulkWaiver:
    waiver = start(library, **given)
    finish(waiver.run_id)
    return BulkWaiver.objects.get(pk=waiver.pk)


def undo(library: Library, waiver: BulkWaiver, at: datetime = NOON) -> JobRun:
    undoing = undo_bulk_waiver(actor=library.staff("user_manager"), at=at, waiver_id=waiver.pk)
    return finish(undoing.run_id, at)


def told(run: JobRun) -> list[tuple[str, dict[str, Any]]]:
    return list(RunEventRow.objects.filter(run=run).order_by("number").values_list("code", "data"))
