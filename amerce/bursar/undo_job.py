"""The job ``bursar-undo``: takes back what a run exported that was never delivered (row D1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.bursar.export_stages import CHUNK
from amerce.bursar.models import BursarLine, BursarRun
from amerce.charges.take_back_exports import take_back_exports
from amerce.events.record import record
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun
from amerce.sql import update_all

NAME = "bursar-undo"
_STANDS = "stands"


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    number = given.get("export", "")
    runs = BursarRun.objects.filter(institution_id=institution_id, state=BursarRun.State.UNDOING)
    if not (number.isascii() and number.isdigit() and len(number) < 19 and runs.filter(number=int(number)).exists()):  # noqa: PLR2004
        raise JobRefused(_("No export %(number)s waits to be undone.") % {"number": number})
    return {"export": int(number)}


def _export(run: JobRun) -> BursarRun:
    rows = BursarRun.objects.select_for_update(of=("self",)).select_related("profile__institution")
    return rows.get(institution_id=run.institution_id, number=run.params["export"])


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    export = _export(run)
    if export.state != BursarRun.State.UNDOING:
        return _step([], [], [], is_last=True)
    limit = CHUNK[connection.vendor]
    posted = BursarLine.objects.filter(run=export, state=BursarLine.State.POSTED, reason="")
    lines = list(posted.order_by("pk")[:limit])
    transfer_ids = [line.transfer_id for line in lines if line.transfer_id]
    taken = take_back_exports(actor=actor, at=at, institution=export.profile.institution, transfer_ids=transfer_ids)
    events = []
    for line in lines:
        if line.transfer_id in taken:
            line.state = BursarLine.State.TAKEN_BACK
        else:
            line.reason = _STANDS
            data = {"patron": line.patron_id, "fee": line.fee_id, "amount_minor": line.posted_minor, "status": ""}
            events.append(RunEvent(Level.ERROR, "bursar.stands", data))
    update_all(lines, ("state", "reason"))
    done = [line for line in lines if line.state == BursarLine.State.TAKEN_BACK]
    if len(lines) == limit:
        return _step(lines, done, events, is_last=False)
    export.state, export.undone_at = BursarRun.State.UNDONE, at
    export.save(update_fields=["state", "undone_at"])
    record("bursar_run.undone", actor=actor, at=at, data={"export": export.number})
    return _step(lines, done, events, is_last=True)


def _step(lines: list[BursarLine], done: list[BursarLine], events: list[RunEvent], *, is_last: bool) -> Step:
    total_minor = sum(line.posted_minor for line in done)
    counts = {"looked_at": len(lines), "taken_back": len(done), "total_minor": total_minor}
    return Step(cursor={}, counts=counts, is_last=is_last, events=events)


def _expected(run: JobRun) -> int:
    lines = BursarLine.objects.filter(run__institution_id=run.institution_id, run__number=run.params["export"])
    return lines.filter(state=BursarLine.State.POSTED).count()


def _subject(params: Mapping[str, Any], institution_id: int) -> str:
    run = BursarRun.objects.filter(institution_id=institution_id, number=params["export"]).select_related("profile")
    found = run.first()
    return found.profile.name if found else ""


BURSAR_UNDO = Job(
    name=NAME,
    title=gettext_lazy("Undo of an export to bursar"),
    title_with_subject=gettext_lazy("Undo of an Export to Bursar Using Profile %(subject)s"),
    params={"export": gettext_lazy("the export number of a run whose undo was asked for")},
    needed=frozenset({"export"}),
    privileges=frozenset({Privilege.FEE_EXPORT}),
    report_is_for=frozenset({Privilege.BURSAR_VIEW, Privilege.FEE_EXPORT}),
    privilege_to_run=Privilege.FEE_EXPORT,
    read_params=_read_params,
    subject=_subject,
    expected=_expected,
    slice=_slice,
    summary=lambda run: f"taken_back={run.counts['taken_back']}",
    is_cancellable=False,
)
