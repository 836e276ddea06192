"""Printing letters: those that wait for a printer become one file, kept as it was handed out (row E1).

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
from amerce.letters.models import Letter, PrintBatch
from amerce.letters.pdf import pdf_of
from amerce.letters.queries import to_print

BATCH_LIMIT = 100
"""Letters in one file: some ten seconds of work."""


class NothingToPrint(Refused):
    """No letter waits for this printer."""


def make_batch(*, actor: Actor, at: datetime, printer_id: int | None) -> PrintBatch:
    """Put the letters that wait for the printer (None: for none) into one PDF, the oldest first, at most
    ``BATCH_LIMIT``.

    Raises ``NotAllowed``, ``NothingToPrint`` and ``pdf.PdfNotInstalled``. The file is made before anything is locked;
    a letter that somebody else took meanwhile makes it begin anew.
    """
    require(actor, Privilege.LETTER_SEND)
    while True:
        letters = list(to_print(actor).filter(printer=printer_id)[:BATCH_LIMIT])
        if not letters:
            raise NothingToPrint
        pdf = pdf_of([bytes(each.body).decode() for each in letters])
        ids = [each.pk for each in letters]
        with transaction.atomic():
            free = to_print(actor).filter(pk__in=ids).select_for_update(of=("self",))
            if free.values_list("pk", flat=True).count() < len(ids):
                continue
            batch = PrintBatch.objects.create(
                institution_id=actor.institution_id,
                printer_id=printer_id,
                created_at=at,
                created_by=actor.name,
                pdf=pdf,
            )
            Letter.objects.filter(pk__in=ids).update(batch=batch)
            data = {"batch": batch.pk, "printer": printer_id, "letters": len(ids)}
            record("letters.batched", actor=actor, at=at, data=data)
            return batch


def mark_printed(*, actor: Actor, at: datetime, batch_id: int) -> PrintBatch:
    """Say that the batch came out of the printer: its letters are printed. Said again, nothing changes.

    Raises ``NotAllowed``, ``RowNotFound``.
    """
    require(actor, Privilege.LETTER_SEND)
    with transaction.atomic():
        batches = PrintBatch.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([batch_id]))
        batch = batches.select_for_update(of=("self",)).first()
        if batch is None:
            raise RowNotFound(batch_id)
        if batch.printed_at is not None:
            return batch
        batch.printed_at, batch.printed_by = at, actor.name
        batch.save(update_fields=["printed_at", "printed_by"])
        Letter.objects.filter(batch=batch, state=Letter.State.WAITING).update(state=Letter.State.SENT, sent_at=at)
        record("letters.printed", actor=actor, at=at, data={"batch": batch.pk, "printer": batch.printer_id})
        return batch
