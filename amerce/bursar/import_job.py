"""The job ``bursar-import``: Import from Bursar Using Profile X Fines and Fees.

Takes an uploaded file, or every file that waits in the profile's import folder, one after the other.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar import deliver
from amerce.bursar import import_stages as stages
from amerce.bursar.errors import FileTooLarge, NotReached
from amerce.bursar.export_job import find_profile, profile_name, profile_of
from amerce.bursar.export_stages import CHUNK
from amerce.bursar.models import BursarImport, BursarProfile
from amerce.bursar.places import kept, plain_name
from amerce.bursar.read_file import SIZE_LIMIT, FileRejected, ReadFile, read_file
from amerce.bursar.sentences import not_reached, rejected
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain

NAME = "bursar-import"
State = BursarImport.State
DONE, REJECTED = "done", "rejected"
"""The folders beside the import folder into which a file goes that was dealt with."""
_LOOK, _FETCH, _READ, _TIDY = "look", "fetch", "read", "tidy"
_MOMENT_DIGITS = 20
_READS = frozenset({_LOOK, _FETCH, _READ, _TIDY})


def keep_upload(*, actor: Actor, at: datetime, name: str, size: int, pieces: Iterable[bytes]) -> str:
    """Keep an uploaded file until its import takes it; what it is called there.

    Raises ``NotAllowed``, ``FileTooLarge``.
    """
    require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
    if size > SIZE_LIMIT:
        raise FileTooLarge(SIZE_LIMIT)
    place = uploaded(actor.institution_id, f"{at:%Y%m%d%H%M%S%f}-{plain_name(name)[-100:]}")
    with place.open("wb") as out:
        for piece in pieces:
            out.write(piece)
    return place.name


def uploaded(institution_id: int, name: str) -> Path:
    """Where an uploaded file lies until its import takes it."""
    return kept(institution_id, "uploads", plain_name(name))


def drop_upload(institution_id: int, name: str) -> None:
    """Remove an uploaded file that no import will take."""
    uploaded(institution_id, name).unlink(missing_ok=True)


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    profile = find_profile(given, institution_id)
    if not profile.imports:
        raise JobRefused(_("The profile “%(name)s” does not import: import is switched off.") % {"name": profile.name})
    name = given.get("upload", "")
    if name and not uploaded(institution_id, name).exists():
        raise JobRefused(_("There is no uploaded file “%(name)s”.") % {"name": name})
    return {"profile": profile.code, **({"upload": plain_name(name)} if name else {})}


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    profile = profile_of(run)
    cursor = run.cursor
    stage = cursor.get("stage") or (_FETCH if run.params.get("upload") else _LOOK)
    if stage in (_LOOK, _FETCH):
        return _look(run, profile) if stage == _LOOK else _fetch(run, profile)
    if stage == "take":
        return _take(run, profile, actor, at)
    if stage == "refused":
        raise JobRefused(not_reached(NotReached(cursor["code"], cursor["detail"])))
    rows = BursarImport.objects.select_related("profile__institution").filter(institution_id=run.institution_id)
    file = rows.get(pk=cursor["file"])
    if stage == _READ:
        return _read(run, file)
    if stage == _TIDY:
        return _tidy(run, profile, file)
    file = rows.select_for_update(of=("self",)).get(pk=file.pk)
    steps = {"keep": _keep, "reject": _reject, "match": _match, "book": _book}
    return steps[stage](run, file, actor, at)


def _reads_next(run: JobRun) -> bool:
    return run.cursor.get("stage", _LOOK) in _READS  # a run begins by looking, or by fetching an upload


def _look(run: JobRun, profile: BursarProfile) -> Step:
    try:
        names = deliver.waiting_files(profile)
    except NotReached as error:
        return _at("refused", run, code=error.code, detail=error.detail)
    if not names:
        return Step(
            cursor={"stage": "end"}, counts={"files": 0}, is_last=True, events=[RunEvent(Level.INFO, "bursar.no_file")]
        )
    return _at(_FETCH, run, names=names)


def _fetch(run: JobRun, profile: BursarProfile) -> Step:
    """Copy the next file to where it is kept, under a name of this run."""
    if upload := run.params.get("upload"):
        path = kept(run.institution_id, "imports", str(run.pk), upload)
        source = uploaded(run.institution_id, upload)
        if source.exists():
            source.replace(path)
        return _at("take", run, names=[upload])
    name = run.cursor["names"][0]
    path = kept(run.institution_id, "imports", str(run.pk), plain_name(name))
    try:
        deliver.fetch(profile, name, path, SIZE_LIMIT)
    except NotReached as error:
        return _at("refused", run, code=error.code, detail=error.detail)
    return _at("take", run)


def _called(name: str, run: JobRun) -> str:
    """A file's own name; uploads have the moment before it, so that two of one name do not meet."""
    moment, dash, own = name.partition("-")
    return own if run.params.get("upload") and dash and moment.isdigit() and len(moment) == _MOMENT_DIGITS else name


def _take(run: JobRun, profile: BursarProfile, actor: Actor, at: datetime) -> Step:
    name = run.cursor["names"][0]
    kept_as = f"imports/{run.pk}/{plain_name(name)}"
    file = stages.begin_import(
        started_by=run.started_by,
        at=at,
        profile=profile,
        number=run.pk,
        file_name=_called(name, run)[:200],
        kept_as=kept_as,
    )
    return _at(_READ, run, file=file.pk)


def _read(run: JobRun, file: BursarImport) -> Step:
    try:
        read = read_file(stages.kept_file(file), stages.lines_file(file))
    except FileRejected as bad:
        return _at("reject", run, reason=bad.reason, data=bad.data)
    said = {"export_number": read.export_number, "count": read.count, "sha256": read.sha256, "content": read.content}
    return _at("keep", run, read=said)


def _keep(run: JobRun, file: BursarImport, actor: Actor, at: datetime) -> Step:
    same = stages.keep_read(file, ReadFile(**run.cursor["read"]))
    if same is None:
        return _at("match", run, offset=0, position=0)
    stages.end_import(file, State.REPEATED, actor, at, "same", earlier=same.pk)
    if same.state == State.POSTING:  # its run failed half way, and this one goes on
        return _at("book", run, file=same.pk)
    event = RunEvent(Level.WARNING, "bursar.same_file", {"file": file.file_name, "earlier": same.pk})
    return _at(_TIDY, run, events=[event])


def _match(run: JobRun, file: BursarImport, actor: Actor, at: datetime) -> Step:
    offset, count, events = stages.match(file, run.cursor["offset"], run.cursor["position"])
    position = run.cursor["position"] + count
    if position < file.line_count:
        return _at("match", run, offset=offset, position=position, events=events)
    if file.problem_count and not file.per_line:
        said = {"count": file.problem_count, "lines": file.line_count}
        return _at("reject", run, reason="problems", data=said, events=events)
    file.state = State.POSTING
    file.save(update_fields=["state"])
    return _at("book", run, events=events)


def _book(run: JobRun, file: BursarImport, actor: Actor, at: datetime) -> Step:
    limit = CHUNK[connection.vendor]
    before_minor = file.applied_minor + file.excess_minor
    count, events = stages.book_chunk(file, actor, at, limit)
    counts = {"looked_at": count, "total_minor": file.applied_minor + file.excess_minor - before_minor}
    if count == limit:
        return _at("book", run, counts=counts, events=events)
    stages.end_import(file, State.DONE, actor, at)
    said = {"file": file.file_name, "lines": file.line_count, "booked": file.posted_count}
    events = [*events, RunEvent(Level.INFO, "bursar.imported", {**said, "applied_minor": file.applied_minor})]
    return _at(_TIDY, run, counts=counts, events=events)


def _reject(run: JobRun, file: BursarImport, actor: Actor, at: datetime) -> Step:
    reason, data = run.cursor["reason"], run.cursor["data"]
    stages.end_import(file, State.REJECTED, actor, at, reason, **data)
    event = RunEvent(Level.ERROR, "bursar.rejected", {"file": file.file_name, "reason": rejected(reason, data)})
    return _at(_TIDY, run, events=[event], counts={"rejected": 1})


def _tidy(run: JobRun, profile: BursarProfile, file: BursarImport) -> Step:
    """Put the file away, so that the next run does not find it; if it does, it is known again."""
    is_rejected = file.state == State.REJECTED
    reason = rejected(file.reason, file.reason_data) if is_rejected else ""
    stages.lines_file(file).unlink(missing_ok=True)
    if is_rejected:
        copy = kept(file.institution_id, REJECTED, f"{file.number}-{plain_name(file.file_name)}")
        if stages.kept_file(file).exists() and not copy.exists():
            shutil.copyfile(stages.kept_file(file), copy)
        copy.with_name(copy.name + ".txt").write_text(reason + "\n")
    if not run.params.get("upload"):
        try:
            deliver.put_away(profile, file.file_name, REJECTED if is_rejected else DONE, reason)
        except NotReached as error:
            return _at("refused", run, code=error.code, detail=error.detail)
    names = run.cursor["names"][1:]
    counts = {"files": 1}
    if names:
        return _at(_FETCH, run, names=names, counts=counts)
    return _end(run, counts)


def _end(run: JobRun, counts: Mapping[str, int] | None = None) -> Step:
    return Step(cursor={**run.cursor, "stage": "end"}, counts=counts or {}, is_last=True)


def _at(
    stage: str,
    run: JobRun,
    *,
    counts: Mapping[str, int] | None = None,
    events: Sequence[RunEvent] = (),
    **cursor: Any,
) -> Step:
    kept_keys = {key: run.cursor[key] for key in ("names", "file") if key in run.cursor}
    return Step(cursor={**kept_keys, **cursor, "stage": stage}, counts=counts or {}, is_last=False, events=events)


def _summary(run: JobRun) -> str:
    files = BursarImport.objects.filter(institution_id=run.institution_id, number=run.pk).order_by("pk")
    total = format_plain(sum(each.applied_minor for each in files), run.institution.currency)
    said = [f"files={len(files)} booked={sum(each.posted_count for each in files)} total={total}"]
    said += [
        f"{each.file_name}: {rejected(each.reason, each.reason_data)}" for each in files if each.state == State.REJECTED
    ]
    return "\n".join(said)


BURSAR_IMPORT = Job(
    name=NAME,
    title=gettext_lazy("Import from Bursar Fines and Fees"),
    title_with_subject=gettext_lazy("Import from Bursar Using Profile %(subject)s Fines and Fees"),
    params={
        "profile": gettext_lazy("the code of the bursar profile"),
        "upload": gettext_lazy("the name of an uploaded file, instead of the import folder"),
    },
    needed=frozenset({"profile"}),
    privileges=frozenset({Privilege.FEE_EXPORT}),
    privilege_to_run=Privilege.FEE_EXPORT,
    read_params=_read_params,
    subject=profile_name,
    expected=lambda run: 0,
    slice=_slice,
    summary=_summary,
    only_reads=_reads_next,
    is_cancellable=False,
)
