"""The steps of an import that go to where files come from: look what waits, fetch one, put it away when it is done.

Why apart from the stages: they wait for disks and servers, so they hold no lock, and may be done twice after a crash.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from amerce.bursar import deliver
from amerce.bursar.errors import NotReached
from amerce.bursar.import_files import REJECTED, keep_rejected, kept_file, lines_file, place_of
from amerce.bursar.import_params import CHECK, KEPT, UPLOAD
from amerce.bursar.models import BursarImport, BursarProfile
from amerce.bursar.places import kept, kept_whole
from amerce.bursar.read_file import SIZE_LIMIT
from amerce.bursar.uploads import uploaded
from amerce.jobs.job import Level, RunEvent, Step
from amerce.jobs.models import JobRun

DONE = "done"
"""With ``REJECTED`` the folders beside the import folder into which a file goes that was dealt with."""
LOOK, FETCH, READ, TIDY = "look", "fetch", "read", "tidy"
"""The stages that hold no lock, reading the file among them."""


def look(run: JobRun, profile: BursarProfile) -> Step:
    """Which files wait in the import folder."""
    try:
        waiting = deliver.look_into(profile)
    except NotReached as error:
        return at_stage("refused", run, code=error.code, detail=error.detail)
    events = [RunEvent(Level.WARNING, "bursar.not_taken", {"file": each}) for each in waiting.cannot_be]
    if not waiting.names:
        events.append(RunEvent(Level.INFO, "bursar.no_file"))
        return Step(cursor={"stage": "end"}, counts={"files": 0}, is_last=True, events=events)
    return at_stage(FETCH, run, names=waiting.names, events=events)


def fetch(run: JobRun, profile: BursarProfile) -> Step:
    """Copy the next file to where it is kept, under a name of this run; an upload is moved there."""
    if upload := run.params.get(UPLOAD):
        path, source = _kept(run, place_of(run.pk, upload)), uploaded(run.institution_id, upload)
        if source.exists():
            source.replace(path)
        return at_stage("take", run, names=[upload], kept_as=place_of(run.pk, upload))
    if earlier := file_asked(run):
        place = place_of(run.pk, earlier.file_name)
        try:
            with kept_file(earlier).open("rb") as copied, kept_whole(_kept(run, place)) as out:
                shutil.copyfileobj(copied, out)
        except OSError as error:
            return at_stage("refused", run, code="os", detail=error.strerror or "")
        return at_stage("take", run, names=[earlier.file_name], kept_as=place)
    name = run.cursor["names"][0]
    place = place_of(run.pk, name, left=len(run.cursor["names"]))
    path = _kept(run, place)
    try:
        mark = deliver.fetch(profile, name, path, SIZE_LIMIT)
    except NotReached as error:
        return at_stage("refused", run, code=error.code, detail=error.detail)
    return at_stage("take", run, kept_as=place, mark=mark)


def tidy(run: JobRun, profile: BursarProfile, file: BursarImport) -> Step:
    """Put the file away, so that the next run does not find it; if it does, it is known again."""
    is_rejected = file.state == BursarImport.State.REJECTED
    lines_file(file).unlink(missing_ok=True)
    reason = keep_rejected(file) if is_rejected else ""
    (name, *names), counts, events = run.cursor["names"], {"files": 1}, []
    folder = REJECTED if is_rejected else DONE
    try:
        mark = _mark_there(run, profile, file)
        if mark is not None and not deliver.put_away(profile, name, folder, reason, mark):
            events.append(RunEvent(Level.WARNING, "bursar.another_file", {"file": name}))
    except NotReached as error:
        return at_stage("refused", run, code=error.code, detail=error.detail)
    if names:
        return at_stage(FETCH, run, names=names, counts=counts, events=events)
    return Step(cursor={**run.cursor, "stage": "end"}, counts=counts, is_last=True, events=events)


def _kept(run: JobRun, place: str) -> Path:
    return kept(run.institution_id, *place.split("/"))


def file_asked(run: JobRun) -> BursarImport | None:
    """The kept file that the run takes in again, if it was asked for one."""
    if KEPT not in run.params:
        return None
    return BursarImport.objects.get(institution_id=run.institution_id, pk=run.params[KEPT])


def _mark_there(run: JobRun, profile: BursarProfile, file: BursarImport) -> str | None:
    """By what the file is known that is to be put away from the import folder. None where nothing is: a check leaves
    it, and one that was taken from what is kept may be gone, or written anew, since. Raises ``NotReached``.
    """
    if CHECK in run.params or UPLOAD in run.params:
        return None
    if KEPT not in run.params:
        return str(run.cursor.get("mark", ""))
    path = kept_file(file)
    if not file.in_folder or not path.exists():
        return None
    return deliver.mark_of_same(profile, run.cursor["names"][0], path.stat().st_size, file.sha256) or None


def at_stage(
    stage: str,
    run: JobRun,
    *,
    counts: Mapping[str, int] | None = None,
    events: Sequence[RunEvent] = (),
    **cursor: Any,
) -> Step:
    """A step after which the run stands at ``stage``, with the names that are still to come and the file it is at."""
    kept_keys = {key: run.cursor[key] for key in ("names", "file", "mark") if key in run.cursor}
    return Step(cursor={**kept_keys, **cursor, "stage": stage}, counts=counts or {}, is_last=False, events=events)
