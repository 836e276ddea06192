"""Finding an export, a file or a fee at the bursar again: by its dates, its number, its bursar transaction id.

Why apart from ``reconciliation.py``: this is asked with a letter of the bursar's office in hand, that with none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar.export_job import NAME as EXPORT
from amerce.bursar.models import UNMATCHED, BursarImport, BursarLine, BursarPayment, BursarProfile, BursarRun
from amerce.bursar.reconciliation import imports_of, lines_of, runs_of
from amerce.bursar.undo_import_job import NAME as UNDO_IMPORT
from amerce.bursar.undo_job import NAME as UNDO
from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.inputs.checks import can_be_stored, possible_ids, typed_ids
from amerce.inputs.errors import RowNotFound
from amerce.institutions.days import begin_of_day
from amerce.institutions.models import Institution
from amerce.jobs.models import JobRun

State = BursarRun.State
UNDER_WAY = (State.SELECTING, State.POSTING, State.MAKING, State.DELIVERING, State.UNDOING)
TOLD_OF_RUNS = (
    "bursar_file.made",
    "bursar_file.delivered",
    "bursar_file.downloaded",
    "bursar_file.acknowledged",
    "bursar_run.undo_begun",
    "bursar_run.undone",
)


@dataclass(frozen=True)
class RunsAsked:
    """Which exports: begun on one of these days, both included, and in this state. Empty is all."""

    since: date | None = None
    until: date | None = None
    state: str = ""

    @property
    def narrows(self) -> bool:
        return self != RunsAsked()


def runs_asked(
    actor: Actor, institution: Institution, profile: BursarProfile | None, asked: RunsAsked
) -> QuerySet[BursarRun]:
    """The exports that were asked for, newest first; days are those of the institution."""
    runs = runs_of(actor, profile)
    if asked.since:
        runs = runs.filter(started_at__gte=begin_of_day(asked.since, institution.zone))
    if asked.until:
        runs = runs.filter(started_at__lt=begin_of_day(asked.until + timedelta(days=1), institution.zone))
    return runs.filter(state=asked.state) if asked.state else runs


def runs_called(actor: Actor, text: str) -> QuerySet[BursarRun]:
    """The export of that number, or whose file is called so."""
    runs = runs_of(actor)
    if not can_be_stored(text):
        return runs.none()
    return runs.filter(Q(number=_number(text)) | Q(file_name__iexact=text)) if text else runs.none()


def run_with_file(actor: Actor, sha256: str) -> BursarRun | None:
    """The export whose file has these bytes."""
    return runs_of(actor).filter(file_sha256=sha256).first() if sha256 else None


def imports_called(actor: Actor, text: str) -> QuerySet[BursarImport]:
    """The files of payments that are called so, or that name an export of that number."""
    files = imports_of(actor)
    if not text or not can_be_stored(text):
        return files.none()
    return files.filter(Q(file_name__iexact=text) | Q(export_number=text))


def fees_called(actor: Actor, text: str) -> list[int]:
    """The ids of the fees that the bursar knows by this id: their own, or the internal one where they have none.

    Prefixes are written in capitals or not, so both are tried: each is an exact look into the index.
    """
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    if not text or not can_be_stored(text):
        return []
    mine = Fee.objects.filter(institution_id=actor.institution_id)
    named = mine.filter(bursar_transaction_id__in={text, text.upper(), text.lower()})
    found = list(named.exclude(bursar_transaction_id="").values_list("pk", flat=True))  # as their index is made
    if not found and (number := _number(text)) is not None:
        found = list(mine.filter(pk=number, bursar_transaction_id="").values_list("pk", flat=True))
    return found


def fee_at_bursar(actor: Actor, fee_id: int) -> Fee:
    """A fee that is in an export or in a file of payments. Raises ``RowNotFound``."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    known = Exists(BursarLine.objects.filter(fee=OuterRef("pk"))) | Exists(
        BursarPayment.objects.filter(fee=OuterRef("pk"))
    )
    mine = Fee.objects.filter(known, institution_id=actor.institution_id, pk__in=possible_ids([fee_id]))
    found = mine.first()
    if found is None:
        raise RowNotFound(fee_id)
    return found


def lines_with(actor: Actor, fee_ids: Sequence[int]) -> QuerySet[BursarLine]:
    """The lines of exports in which these fees are, newest first."""
    return lines_of(actor).filter(fee__in=fee_ids).select_related("run__profile").order_by("-pk")


def payments_with(actor: Actor, fee_ids: Sequence[int], text: str) -> QuerySet[BursarPayment]:
    """The lines of files of payments of these fees, and those whose id ``text`` was nobody's; newest first.

    A check is no payment, so its lines are none of them.
    """
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    rows = BursarPayment.objects.filter(institution_id=actor.institution_id)
    found = rows.filter(fee__in=fee_ids).values("pk")
    if can_be_stored(text):  # two questions, each by an index: one with "or" reads all lines there ever were
        found = found.union(rows.filter(transaction_id=text, outcome=BursarPayment.Outcome.UNKNOWN).values("pk"))
    found_lines = rows.filter(pk__in=found, file__is_check=False)
    return found_lines.select_related("file", "patron", "tick").order_by("-pk")


def unmatched_by_run(actor: Actor, runs: Sequence[BursarRun]) -> dict[int, int]:
    """How many lines could not be booked in the files that name each of ``runs``, by its id. One query."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    rows = BursarPayment.objects.filter(
        UNMATCHED,
        institution_id=actor.institution_id,
        file__in=BursarImport.objects.filter(
            institution_id=actor.institution_id, export_number__in=[str(run.number) for run in runs]
        ),
    )
    counts = rows.order_by().values_list("file__profile_id", "file__export_number").annotate(count=Count("pk"))
    found = {(profile_id, number): count for profile_id, number, count in counts}
    return {run.pk: found.get((run.profile_id, str(run.number)), 0) for run in runs}


def jobs_about(actor: Actor, profile: BursarProfile | None, jobs: Sequence[JobRun]) -> list[JobRun]:
    """Those of ``jobs`` of the bursar that are about the profile: an undo by the export or import that it names."""
    if profile is None:
        return list(jobs)
    undone = {UNDO: "export", UNDO_IMPORT: "import"}
    exports, imports = (_named(jobs, name, param) for name, param in undone.items())
    runs = runs_of(actor, profile).filter(number__in=exports).values_list("number", flat=True) if exports else ()
    files = imports_of(actor, profile).filter(pk__in=imports).values_list("pk", flat=True) if imports else ()
    mine = {UNDO: set(runs), UNDO_IMPORT: set(files)}

    def is_mine(job: JobRun) -> bool:
        if job.name in undone:
            return job.params[undone[job.name]] in mine[job.name]
        return bool(job.params["profile"] == profile.code)

    return [job for job in jobs if is_mine(job)]


def stuck_imports(actor: Actor, profile: BursarProfile | None, going: Sequence[JobRun]) -> QuerySet[BursarImport]:
    """The files of payments that are half undone, oldest first, without those that a job of ``going`` undoes."""
    undoing = imports_of(actor, profile).filter(state=BursarImport.State.UNDOING)
    return undoing.exclude(pk__in=_named(going, UNDO_IMPORT, "import")).order_by("pk")


def stuck_runs(actor: Actor, profile: BursarProfile | None, going: Sequence[JobRun]) -> QuerySet[BursarRun]:
    """The exports that are neither delivered nor undone, those that only wait for a download last, oldest first.

    One that a job of ``going`` moves is not stuck: an export those of its profile, an undo the one that it names.
    """
    exported = Q(profile__code__in=[job.params["profile"] for job in going if job.name == EXPORT])
    undone = Q(number__in=_named(going, UNDO, "export"))
    waiting = runs_of(actor, profile).filter(state__in=(*UNDER_WAY, State.MADE))
    waiting = waiting.exclude(exported, state__in=set(UNDER_WAY) - {State.UNDOING})
    only_waits = Case(
        When(state=State.MADE, profile__destination=BursarProfile.Destination.DOWNLOAD, then=1), default=0
    )
    return waiting.exclude(undone, state=State.UNDOING).order_by(only_waits, "pk")


def rejected_since(actor: Actor, profile: BursarProfile | None, since: datetime) -> QuerySet[BursarImport]:
    """The files of payments that were rejected from ``since`` on, newest first, without those that were booked since.

    Only the same export number and lines are the same payments: another file of that name, or for that export, may be
    of other days. What could not be read as a whole has no lines that are known again.
    """
    booked = BursarImport.objects.filter(
        institution=OuterRef("institution"),
        content=OuterRef("content"),
        state=BursarImport.State.DONE,
        pk__gt=OuterRef("pk"),
    )
    rejected = imports_of(actor, profile).filter(state=BursarImport.State.REJECTED, started_at__gte=since)
    return rejected.exclude(Exists(booked), ~Q(content=""))


def trail_of(actor: Actor, run: BursarRun) -> QuerySet[Event]:
    """The events of an export from its file on."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    told = Event.objects.filter(institution_id=actor.institution_id, name__in=TOLD_OF_RUNS, data__export=run.number)
    return told.order_by("-pk")


def _named(jobs: Sequence[JobRun], name: str, param: str) -> list[int]:
    """What the runs of one job name by this parameter."""
    return [job.params[param] for job in jobs if job.name == name]


def _number(text: str) -> int | None:
    return next(iter(typed_ids(text)), None)
