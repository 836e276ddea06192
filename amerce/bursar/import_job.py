"""The job ``bursar-import``: Import from Bursar Using Profile X Fines and Fees.

Takes an uploaded file, one that is kept, or every file that waits in the profile's import folder, one after the other;
or only says what it would do with them (``check_stages.py``).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.bursar import check_stages
from amerce.bursar import import_stages as stages
from amerce.bursar.errors import NotReached
from amerce.bursar.export_stages import CHUNK
from amerce.bursar.import_exchange import FETCH, LOOK, READ, TIDY, at_stage, fetch, file_asked, look, tidy
from amerce.bursar.import_files import kept_file, lines_file
from amerce.bursar.import_params import CHECK, KEPT, NAME, UPLOAD, read_params
from amerce.bursar.import_summary import summary_of
from amerce.bursar.job_profile import profile_name, profile_of
from amerce.bursar.models import BursarImport, BursarProfile
from amerce.bursar.parse_file import FileRejected
from amerce.bursar.parts import sweep_parts
from amerce.bursar.read_file import LinesGone, ReadFile, read_file
from amerce.bursar.sentences import not_reached, rejected
from amerce.bursar.uploads import own_name
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun

State = BursarImport.State
_READS = frozenset({LOOK, FETCH, READ, TIDY})


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    profile = profile_of(run)
    cursor = run.cursor
    stage = cursor.get("stage")
    if stage is None:
        sweep_parts(run.institution_id, at)
        stage = FETCH if UPLOAD in run.params or KEPT in run.params else LOOK
    if stage in (LOOK, FETCH):
        return look(run, profile) if stage == LOOK else fetch(run, profile)
    if stage == "take":
        return _take(run, profile, actor, at)
    if stage == "refused":
        raise JobRefused(not_reached(NotReached(cursor["code"], cursor["detail"])))
    rows = BursarImport.objects.select_related("profile__institution").filter(institution_id=run.institution_id)
    file = rows.get(pk=cursor["file"])
    if stage == READ:
        return _read(run, file)
    if stage == TIDY:
        return tidy(run, profile, file)
    file = rows.select_for_update(of=("self",)).get(pk=file.pk)
    steps = {"keep": _keep, "reject": _reject, "match": _match, "foresee": _foresee, "book": _book}
    return steps[stage](run, file, actor, at)


def _reads_next(run: JobRun) -> bool:
    return run.cursor.get("stage", LOOK) in _READS  # a run begins by looking, or by fetching the file it was asked for


def _take(run: JobRun, profile: BursarProfile, actor: Actor, at: datetime) -> Step:
    name, earlier = run.cursor["names"][0], file_asked(run)
    file = stages.begin_import(
        started_by=run.started_by,
        at=at,
        profile=profile,
        number=run.pk,
        file_name=(own_name(name) if UPLOAD in run.params else name)[:200],
        kept_as=run.cursor["kept_as"],
        is_check=CHECK in run.params,
        in_folder=earlier.in_folder if earlier else UPLOAD not in run.params,
    )
    return at_stage(READ, run, file=file.pk)


def _read(run: JobRun, file: BursarImport) -> Step:
    try:
        read = read_file(kept_file(file), lines_file(file))
    except FileRejected as bad:
        return at_stage("reject", run, reason=bad.reason, data=bad.data)
    said = {"export_number": read.export_number, "count": read.count, "sha256": read.sha256, "content": read.content}
    return at_stage("keep", run, read=said)


def _keep(run: JobRun, file: BursarImport, actor: Actor, at: datetime) -> Step:
    same = stages.keep_read(file, ReadFile(**run.cursor["read"]))
    if same is None and not (UPLOAD in run.params or KEPT in run.params or file.is_check):
        same = stages.left_over(file)
    if same is None:
        return at_stage("match", run, offset=0, position=0)
    if file.is_check:
        return at_stage(TIDY, run, events=[check_stages.end_check_of_same(file, same, actor, at)])
    if same.state == State.POSTING:  # its run failed half way, and this one goes on
        stages.end_import(file, State.REPEATED, actor, at, "same", earlier=same.pk, goes_on=same.pk)
        return _begin_booking(run, same)
    stages.end_import(file, State.REPEATED, actor, at, "same", earlier=same.pk)
    event = RunEvent(Level.WARNING, "bursar.same_file", {"file": file.file_name, "earlier": same.pk})
    return at_stage(TIDY, run, events=[event])


def _match(run: JobRun, file: BursarImport, actor: Actor, at: datetime) -> Step:
    try:
        offset, count, events = stages.match(file, run.cursor["offset"], run.cursor["position"])
    except LinesGone as gone:
        raise JobRefused(_("What was read of the file is not there any more. Begin the import again.")) from gone
    position = run.cursor["position"] + count
    if position < file.line_count:
        return at_stage("match", run, offset=offset, position=position, events=events)
    if file.problem_count and not file.per_line:
        said = {"count": file.problem_count, "lines": file.line_count}
        return at_stage("reject", run, reason="problems", data=said, events=events)
    if file.is_check:
        return replace(at_stage("foresee", run, events=events), more_expected=stages.pending(file).count())
    file.state = State.POSTING
    file.save(update_fields=["state"])
    return _begin_booking(run, file, events)


def _foresee(run: JobRun, file: BursarImport, actor: Actor, at: datetime) -> Step:
    count, events = check_stages.foresee_chunk(file)
    counts = {"looked_at": count}
    if count == check_stages.AT_ONCE:
        return at_stage("foresee", run, counts=counts, events=events)
    return at_stage(TIDY, run, counts=counts, events=[*events, check_stages.end_check(file, actor, at)])


def _begin_booking(run: JobRun, file: BursarImport, events: Sequence[RunEvent] = ()) -> Step:
    """From here on it is known how many lines the run will book."""
    return replace(at_stage("book", run, file=file.pk, events=events), more_expected=stages.pending(file).count())


def _book(run: JobRun, file: BursarImport, actor: Actor, at: datetime) -> Step:
    if file.state != State.POSTING:  # which an undo was asked of, right before this run went on with it
        raise JobRefused(_("%(file)s is being undone; nothing more of it is booked.") % {"file": file.file_name})
    limit = CHUNK[connection.vendor]
    before_minor = file.applied_minor + file.excess_minor
    count, events = stages.book_chunk(file, actor, at, limit)
    counts = {"looked_at": count, "total_minor": file.applied_minor + file.excess_minor - before_minor}
    if count == limit:
        return at_stage("book", run, counts=counts, events=events)
    stages.end_import(file, State.DONE, actor, at)
    said = {"file": file.file_name, "lines": file.line_count, "booked": file.posted_count}
    events = [*events, RunEvent(Level.INFO, "bursar.imported", {**said, "applied_minor": file.applied_minor})]
    return at_stage(TIDY, run, counts=counts, events=events)


def _reject(run: JobRun, file: BursarImport, actor: Actor, at: datetime) -> Step:
    reason, data = run.cursor["reason"], run.cursor["data"]
    if file.is_check:
        return at_stage(TIDY, run, events=[check_stages.end_check(file, actor, at, reason, **data)])
    stages.end_import(file, State.REJECTED, actor, at, reason, **data)
    event = RunEvent(Level.ERROR, "bursar.rejected", {"file": file.file_name, "reason": rejected(reason, data)})
    return at_stage(TIDY, run, events=[event], counts={"rejected": 1})


BURSAR_IMPORT = Job(
    name=NAME,
    title=gettext_lazy("Import from Bursar Fines and Fees"),
    title_with_subject=gettext_lazy("Import from Bursar Using Profile %(subject)s Fines and Fees"),
    params={
        "profile": gettext_lazy("the code of the bursar profile"),
        UPLOAD: gettext_lazy("the name of an uploaded file, instead of the import folder"),
        KEPT: gettext_lazy("the number of a file of payments that is kept here, to take that one in again"),
        CHECK: gettext_lazy("yes: say what would be booked, and book nothing; no if left out"),
    },
    needed=frozenset({"profile"}),
    privileges=frozenset({Privilege.FEE_EXPORT}),
    report_is_for=frozenset({Privilege.BURSAR_VIEW, Privilege.FEE_EXPORT}),
    privilege_to_run=Privilege.FEE_EXPORT,
    read_params=read_params,
    subject=profile_name,
    expected=lambda run: 0,
    slice=_slice,
    summary=summary_of,
    only_reads=_reads_next,
    is_cancellable=False,
)
