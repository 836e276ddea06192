"""The report that staff get when an export to the bursar, or an import from it, has ended (row E1).

Why also of a run that failed or was cancelled: at night nobody looks at Monitor Jobs, and the file did not go.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count

from amerce.access.actors import system_actor
from amerce.bursar.export_job import BURSAR_EXPORT, exports_of
from amerce.bursar.import_figures import figures_of, files_of
from amerce.bursar.import_job import BURSAR_IMPORT
from amerce.bursar.import_params import CHECK
from amerce.bursar.models import BursarImport, BursarLine, BursarProfile, BursarRun
from amerce.events.handlers import Handler
from amerce.events.models import Event
from amerce.jobs.models import JobRun
from amerce.letters.facts import moment
from amerce.letters.kinds import LetterKind
from amerce.letters.models import Letter
from amerce.letters.press import NewLetter
from amerce.letters.staff import staff_email, wants_reports
from amerce.letters.write import write_letters

_REPORTED = (BURSAR_EXPORT.name, BURSAR_IMPORT.name)
_ENDINGS = frozenset({"job.done", "job.failed", "job.cancelled"})
_GONE = (BursarRun.State.DELIVERED, BursarRun.State.ACKNOWLEDGED)
_STATES = {
    BursarImport.State.DONE: "imported",
    BursarImport.State.REJECTED: "rejected",
    BursarImport.State.REPEATED: "repeated",
}
_UNFINISHED = "unfinished"


def _handle(event: Event, at: datetime) -> None:
    assert event.institution_id is not None, "runs belong to an institution"
    run = JobRun.objects.filter(institution_id=event.institution_id, pk=event.data["run"]).first()
    to = staff_email(event.institution_id)
    if run is None or not to or _has_nothing_to_tell(run):
        return
    told = _imported(run) if run.name == BURSAR_IMPORT.name else _exported(run)
    letter = NewLetter(
        kind=LetterKind.BURSAR_RUN,
        patron_id=None,
        channels=(Letter.Channel.EMAIL,),
        data={**_of_run(run), **told},
        key=f"event:{event.pk}",
        to=to,
    )
    write_letters(actor=system_actor(event.institution_id, "letters"), at=at, letters=[letter])


def _has_nothing_to_tell(run: JobRun) -> bool:
    """It was cancelled before it began, or found no file: a folder is looked into many times a day; or it was a check,
    whose clerk waits for it.
    """
    if run.params.get(CHECK):
        return True
    if run.state == JobRun.State.CANCELLED:
        return run.started_at is None
    is_import = run.name == BURSAR_IMPORT.name
    return is_import and run.state == JobRun.State.DONE and not files_of(run).exists()


def _of_run(run: JobRun) -> dict[str, Any]:
    return {
        "run": str(run.pk),
        "profile": run.subject or run.given.get("profile", ""),
        "is_import": run.name == BURSAR_IMPORT.name,
        "outcome": run.state,
        "error": run.error,
        "began_at": moment(run.started_at or run.queued_at),
        "ended_at": moment(run.ended_at),
    }


def _exported(run: JobRun) -> dict[str, Any]:
    exports = exports_of(run)
    lines = BursarLine.objects.filter(institution_id=run.institution_id, run__in=exports, state=BursarLine.State.POSTED)
    users = lines.aggregate(users=Count("patron", distinct=True))["users"]
    return _told(
        [{"name": each.file_name, "state": _state_of(each)} for each in exports if each.file_name],
        users,
        sum(each.posted_count for each in exports),
        sum(each.posted_minor for each in exports),
        sum(each.dropped_count for each in exports),
    )


def _state_of(export: BursarRun) -> str:
    if export.state in _GONE:
        return "delivered"
    is_download = export.profile.destination == BursarProfile.Destination.DOWNLOAD
    return "ready" if is_download and export.state == BursarRun.State.MADE else _UNFINISHED


def _imported(run: JobRun) -> dict[str, Any]:
    did = figures_of(run)
    files = [{"name": name, "state": _STATES.get(state, _UNFINISHED)} for name, state in did.files]
    return _told(files, did.users_count, did.booked_count, did.total_minor, did.left_count)


def _told(files: list[dict[str, str]], users: int, fees: int, total_minor: int, left: int) -> dict[str, Any]:
    return {
        "files": files,
        "users_count": users,
        "fees_count": fees,
        "total_minor": total_minor,
        "left_count": left,
    }


def _is_of_the_bursar(data: Mapping[str, Any]) -> bool:
    return data.get("job") in _REPORTED


BURSAR_LETTERS = Handler(
    name="letter.bursar_run",
    events=_ENDINGS,
    wants=_is_of_the_bursar,
    handle=_handle,
    listens=wants_reports,
)
