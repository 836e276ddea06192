"""Printing letters: asking for files of those that wait for a printer, and saying that a file came out (row E1).

Why a person says that it was printed: whether paper came out, only they know.
"""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import Refused, RowNotFound
from amerce.institutions.models import Institution, Printer
from amerce.jobs.enqueue import queue_run
from amerce.jobs.models import JobRun
from amerce.letters.models import Letter, PrintBatch
from amerce.letters.pdf import PdfNotInstalled, can_make_pdf
from amerce.letters.print_job import NO_PRINTER, PRINT_LETTERS, PRINTER
from amerce.letters.queries import PRINTING, open_runs, to_print


class NothingToPrint(Refused):
    """No letter waits for this printer."""


def start_printing(*, actor: Actor, at: datetime, printer_id: int | None) -> JobRun:
    """Queue a run that makes files of the letters that wait for the printer (None: for none). Asked for again before
    that run has begun or while it goes on, it is the same run.

    Raises ``NotAllowed``, ``NothingToPrint`` and ``pdf.PdfNotInstalled``.
    """
    require(actor, Privilege.LETTER_SEND)
    if printer_id is not None and not possible_ids([printer_id]):
        raise NothingToPrint
    if not can_make_pdf():
        raise PdfNotInstalled
    with transaction.atomic():
        Institution.objects.select_for_update(of=("self",)).get(pk=actor.institution_id)
        if not to_print(actor).filter(printer=printer_id).exists():
            raise NothingToPrint
        printers = Printer.objects.filter(
            institution_id=actor.institution_id, pk__in=[printer_id] if printer_id else []
        )
        code = printers.values_list("code", flat=True).first() or NO_PRINTER
        params = {PRINTER: code}
        before = next((each for each in open_runs(actor, PRINTING) if each.params == params), None)
        return before or queue_run(PRINT_LETTERS, params, {**params}, actor=actor, at=at).run


def mark_printed(*, actor: Actor, at: datetime, batch_id: int) -> PrintBatch:
    """Say that the batch came out of the printer: its letters are printed. Said again, nothing changes.

    Raises ``NotAllowed``, ``RowNotFound``.
    """
    require(actor, Privilege.LETTER_SEND)
    with transaction.atomic():
        batches = PrintBatch.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([batch_id]))
        batch = batches.select_for_update(of=("self",)).defer("pdf").first()
        if batch is None:
            raise RowNotFound(batch_id)
        if batch.printed_at is not None:
            return batch
        batch.printed_at, batch.printed_by = at, actor.name
        batch.save(update_fields=["printed_at", "printed_by"])
        Letter.objects.filter(batch=batch, state=Letter.State.WAITING).update(state=Letter.State.SENT, sent_at=at)
        record("letters.printed", actor=actor, at=at, data={"batch": batch.pk, "printer": batch.printer_id})
        return batch
