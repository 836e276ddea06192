"""The job ``bursar-export``: Export to Bursar Using Profile X. ``export_stages.py`` says what each stage does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.bursar import export_stages as stages
from amerce.bursar.deliver import deliver, test_connection
from amerce.bursar.errors import FileGone, NotReached
from amerce.bursar.job_profile import find_profile, profile_name, profile_of
from amerce.bursar.models import BursarRun
from amerce.bursar.parts import sweep_parts
from amerce.bursar.selection import candidates
from amerce.bursar.sentences import FILE_GONE, INTERNAL_NUMBERS, not_reached
from amerce.bursar.write_file import Written
from amerce.charges.errors import InternalNumberTaken, TransactionIdTaken
from amerce.institutions.sequence_errors import SequenceFull
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain

NAME = "bursar-export"
State = BursarRun.State
_FILE, _SEAL, _REACH, _BEGIN, _DELIVER, _DELIVERED = "file", "seal", "reach", "begin", "deliver", "delivered"


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    profile = find_profile(given, institution_id)
    if not profile.exports:
        raise JobRefused(_("The profile “%(name)s” does not export: export is switched off.") % {"name": profile.name})
    return {"profile": profile.code}


def _expected(run: JobRun) -> int:
    profile = profile_of(run)
    begun = BursarRun.objects.filter(profile=profile, number=run.pk).first()
    return begun.selected_count if begun else candidates(profile, run.queued_at).count()


def _reads_next(run: JobRun) -> bool:
    return run.cursor.get("stage") in _READS


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    profile = profile_of(run)
    stage = run.cursor.get("stage")
    if stage is None:
        sweep_parts(run.institution_id, at)
        export = stages.open_run(started_by=run.started_by, at=at, profile=profile, number=run.pk)
        return _step(run, "", export)
    rows = BursarRun.objects.filter(institution_id=run.institution_id, pk=run.cursor["export"])
    rows = rows.select_related("profile__institution")
    if _reads_next(run):
        return _READS[stage](run, rows.get())
    export = rows.select_for_update(of=("self",)).get()
    if export.state in (State.UNDOING, State.UNDONE):
        raise JobRefused(_("Export %(number)s is being undone.") % {"number": export.number})
    if stage == _SEAL:
        return _seal(run, export, actor, at)
    if stage == _BEGIN and export.state == State.MADE:
        stages.begin_delivery(export)
        return _step(run, _DELIVER, export)
    if stage == _DELIVERED:
        if export.state == State.DELIVERING:  # unless it was acknowledged, or downloaded, meanwhile
            stages.end_delivery(export, run.cursor["place"], actor, at)
        return _end(run, export, at)
    return _go_on(run, export, actor, at)


def _go_on(run: JobRun, export: BursarRun, actor: Actor, at: datetime) -> Step:
    before = _figures(export)
    if export.state == State.SELECTING:
        stages.select(export)
        return _step(run, "", export, counts=_since(before, export))
    if export.state == State.POSTING:
        try:
            count, events = stages.export_chunk(export, actor, at)
        except SequenceFull as full:
            raise JobRefused(
                _("The bursar transaction ID sequence %(name)s has room for %(room)s more; widen its padding.")
                % {"name": full.name, "room": full.room}
            ) from full
        except TransactionIdTaken as taken:
            raise JobRefused(
                _("Another fee has the bursar transaction ID %(number)s. Set the next number of the sequence above it.")
                % {"number": taken.number}
            ) from taken
        except InternalNumberTaken as taken:
            raise JobRefused(str(INTERNAL_NUMBERS) % {"number": taken.number}) from taken
        counts = {"looked_at": count, **_since(before, export)}
        return _step(run, "", export, counts=counts, events=events)
    if export.state == State.MAKING:
        return _step(run, _FILE, export)
    if export.state in (State.MADE, State.DELIVERING) and not stages.awaits_download(export):
        return _step(run, _REACH if export.state == State.MADE else _DELIVER, export)
    return _end(run, export, at)


def _figures(export: BursarRun) -> dict[str, int]:
    return {"exported": export.posted_count, "dropped": export.dropped_count, "total_minor": export.posted_minor}


def _since(before: Mapping[str, int], export: BursarRun) -> dict[str, int]:
    """What this run did: an export that was left by another had begun before."""
    return {name: figure - before[name] for name, figure in _figures(export).items()}


def _make(run: JobRun, export: BursarRun) -> Step:
    try:
        written = stages.make_file(export)
    except OSError as error:
        raise JobRefused(_("The file could not be written: %(error)s.") % {"error": error.strerror}) from error
    return _step(run, _SEAL, export, written=vars(written))


def _seal(run: JobRun, export: BursarRun, actor: Actor, at: datetime) -> Step:
    written = Written(**run.cursor["written"])
    try:
        stages.seal_file(export, written, actor, at)
    except stages.TotalsDiffer as differ:
        count, sum_minor = stages.ledger_totals(export)
        currency = export.profile.institution.currency
        said = {
            "fees": written.count, "sum": format_plain(written.sum_minor, currency),
            "ledger_fees": count, "ledger_sum": format_plain(sum_minor, currency),
        }  # fmt: skip
        raise JobRefused(
            _("The file has %(fees)s fees of %(sum)s and the ledger %(ledger_fees)s of %(ledger_sum)s; not delivered.")
            % said
        ) from differ
    return _step(run, "", export)


def _reach(run: JobRun, export: BursarRun) -> Step:
    """Whatever keeps a file from being put there is best known while the run can still be undone."""
    try:
        stages.sealed_file(export)
        test_connection(export.profile)
    except FileGone as error:
        raise JobRefused(str(FILE_GONE)) from error
    except NotReached as error:
        raise JobRefused(not_reached(error)) from error
    return _step(run, _BEGIN, export)


def _deliver(run: JobRun, export: BursarRun) -> Step:
    """From here on a failure may hide that the file arrived, so that the run is delivered again, not given up."""
    if export.state != State.DELIVERING:
        return _step(run, "", export)
    try:
        place = deliver(export.profile, stages.sealed_file(export), export.file_name)
    except FileGone as error:
        raise JobRefused(str(FILE_GONE)) from error
    except NotReached as error:
        raise JobRefused(not_reached(error)) from error
    return _step(run, _DELIVERED, export, place=place)


_READS = {_FILE: _make, _REACH: _reach, _DELIVER: _deliver}
"""The stages that hold no lock."""


def _step(
    run: JobRun,
    stage: str,
    export: BursarRun,
    *,
    counts: Mapping[str, int] | None = None,
    events: list[RunEvent] | None = None,
    **cursor: Any,
) -> Step:
    said = {"before": run.cursor.get("before", []), "export": export.pk, "stage": stage, **cursor}
    return Step(cursor=said, counts=counts or {}, is_last=False, events=events or ())


def _end(run: JobRun, export: BursarRun, at: datetime) -> Step:
    """The last step, unless the export was left by another run: then what matches since follows, and waits no longer.

    Why in the same run: a schedule whose last delivery failed would be one export late from then on. An export for
    which no fee matched goes: it would stand among the others for nothing, and the run of the job says so.
    """
    profile, before = export.profile, run.cursor.get("before", [])
    is_left = export.number != run.pk
    goes_on = is_left and (stages.begun_runs(profile).exists() or candidates(profile, at).exists())
    if not export.selected_count and export.state == State.EMPTY:
        export.delete()
        return Step(
            cursor={"before": before} if goes_on else {"before": before, "stage": "end"},
            counts={"exported": 0, "dropped": 0},
            is_last=not goes_on,
            events=[] if goes_on or before else [RunEvent(Level.INFO, "bursar.nothing")],
        )
    data = {
        "export": export.number,
        "state": str(export.state),
        "fees": export.file_count,
        "total_minor": export.file_minor,
    }
    return Step(
        cursor={"before": [*before, export.pk]} if goes_on else {"before": before, "export": export.pk, "stage": "end"},
        counts={"exported": 0, "dropped": 0},  # said also where there was nothing to do
        is_last=not goes_on,
        events=[RunEvent(Level.INFO, "bursar.exported", data)],
    )


def _summary(run: JobRun) -> str:
    return "\n".join(_line(export, run) for export in exports_of(run)) or _nothing(run)


def _nothing(run: JobRun) -> str:
    return f"exported=0 dropped=0 total={format_plain(0, run.institution.currency)} state=empty file=-"


def _line(export: BursarRun, run: JobRun) -> str:
    total = format_plain(export.posted_minor, run.institution.currency)
    said = f"exported={export.posted_count} dropped={export.dropped_count} total={total} state={export.state}"
    return f"{said} file={export.file_name or '-'}"


def exports_of(run: JobRun) -> list[BursarRun]:
    """The export that the run made or is at, after those of earlier runs that it went on with."""
    ids = [*run.cursor.get("before", []), run.cursor.get("export", 0)]
    mine = BursarRun.objects.filter(institution_id=run.institution_id, pk__in=ids)
    return list(mine.select_related("profile__institution").order_by("pk"))


BURSAR_EXPORT = Job(
    name=NAME,
    title=gettext_lazy("Export to Bursar"),
    title_with_subject=gettext_lazy("Export to Bursar Using Profile %(subject)s"),
    params={"profile": gettext_lazy("the code of the bursar profile")},
    needed=frozenset({"profile"}),
    privileges=frozenset({Privilege.FEE_EXPORT}),
    report_is_for=frozenset({Privilege.BURSAR_VIEW, Privilege.FEE_EXPORT}),
    privilege_to_run=Privilege.FEE_EXPORT,
    read_params=_read_params,
    subject=profile_name,
    expected=_expected,
    slice=_slice,
    summary=_summary,
    only_reads=_reads_next,
    has_one_open=True,
)
