"""The job *Print Letters*: what waits to be printed becomes files of some letters each, printer by printer (row E1).

Why a file is made before its transaction and kept in the next slice: making one takes some seconds, in which nobody
may have to wait for a lock. A letter that was taken meanwhile makes the file begin anew.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor, system_actor
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.institutions.models import Printer
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun
from amerce.letters.models import Letter, PrintBatch
from amerce.letters.pdf import PdfNotInstalled, page_of, pdf_of
from amerce.letters.queries import PRINTING, to_print

FILE_LETTERS = 100
"""Letters in one file, which is one slice: some six seconds of work and 60 MB for plain ones."""
FILE_BYTES = 600_000
"""What the pages of one file have in HTML, more only of one letter alone: a long letter takes as long as many."""
PRINTER, NO_PRINTER = "printer", "-"
_PDF = "pdf"


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    code = given.get(PRINTER, "")
    printers = Printer.objects.filter(institution_id=institution_id).order_by("code")
    if code and code != NO_PRINTER and not printers.filter(code=code).exists():
        codes = ", ".join(printers.values_list("code", flat=True)) or "–"
        raise JobRefused(_("There is no printer “%(code)s”; there are: %(codes)s.") % {"code": code, "codes": codes})
    return {PRINTER: code}


def _waiting(run: JobRun, actor: Actor) -> QuerySet[Letter]:
    """The letters that waited when the run was asked for and still do, by printer."""
    letters = to_print(actor).filter(created_at__lte=run.queued_at).order_by("printer", "pk")
    code = run.params[PRINTER]
    if code:
        letters = letters.filter(printer=None) if code == NO_PRINTER else letters.filter(printer__code=code)
    return letters


def _expected(run: JobRun) -> int:
    return _waiting(run, system_actor(run.institution_id, "job", Privilege.LETTER_SEND)).count()


def _makes_next(run: JobRun) -> bool:
    return _PDF not in run.cursor


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    return _make(run, actor) if _makes_next(run) else _keep(run, actor, at)


def _make(run: JobRun, actor: Actor) -> Step:
    found = list(_waiting(run, actor).select_related(None)[:FILE_LETTERS])
    letters = _first_file([each for each in found if each.printer_id == found[0].printer_id])
    if not letters:
        return Step(cursor={}, counts={}, is_last=True)
    try:
        pdf = pdf_of([page_of(each) for each in letters])
    except PdfNotInstalled:
        raise JobRefused(_("PDF files need amerce[pdf], which is not installed here.")) from None
    cursor = {
        "letters": [each.pk for each in letters],
        "printer": letters[0].printer_id,
        _PDF: b64encode(pdf).decode("ascii"),
    }
    return Step(cursor=cursor, counts={}, is_last=False)


def _first_file(letters: Sequence[Letter]) -> list[Letter]:
    """As many of ``letters`` as one file takes, the first at least."""
    taken: list[Letter] = []
    size = 0
    for each in letters:
        size += len(each.body)
        if taken and size > FILE_BYTES:
            break
        taken.append(each)
    return taken


def _keep(run: JobRun, actor: Actor, at: datetime) -> Step:
    ids: Sequence[int] = run.cursor["letters"]
    free = to_print(actor).filter(pk__in=ids).select_for_update(of=("self",))
    if len(free.values_list("pk", flat=True)) < len(ids):
        return Step(cursor={}, counts={}, is_last=False)
    batch = PrintBatch.objects.create(
        institution_id=run.institution_id,
        printer_id=run.cursor["printer"],
        created_at=at,
        created_by=actor.name,
        pdf=b64decode(run.cursor[_PDF]),
    )
    Letter.objects.filter(pk__in=ids).update(batch=batch)
    data = {"batch": batch.pk, "printer": batch.printer_id, "letters": len(ids)}
    record("letters.batched", actor=actor, at=at, data=data)
    told = {"batch": batch.pk, "printer": batch.printer.name if batch.printer else "–", "letters_count": len(ids)}
    return Step(
        cursor={},
        counts={"looked_at": len(ids), "files": 1},
        is_last=False,
        events=[RunEvent(Level.INFO, "printing.file", told)],
    )


def _summary(run: JobRun) -> str:
    return f"letters={run.counts.get('looked_at', 0)} files={run.counts.get('files', 0)}"


PRINT_LETTERS = Job(
    name=PRINTING,
    title=gettext_lazy("Print Letters"),
    params={PRINTER: gettext_lazy("the code of a printer, - for letters without one; all of them if left out")},
    privileges=frozenset({Privilege.LETTER_SEND}),
    privilege_to_run=Privilege.LETTER_SEND,
    acts_for_starter=True,
    read_params=_read_params,
    expected=_expected,
    slice=_slice,
    summary=_summary,
    only_reads=_makes_next,
)
