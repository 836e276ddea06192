"""Booking a file of payments that was checked before (row D5).

Why by an import of its own: what was paid, waived or exported since the check is met as in any other, and the check
stays to be looked at.
"""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar.checked import imported_as, is_bookable, open_booking
from amerce.bursar.errors import NotBookable, WholeExport
from amerce.bursar.import_job import BURSAR_IMPORT
from amerce.bursar.import_params import KEPT, export_of, params_of_import
from amerce.bursar.models import BursarImport
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.jobs.enqueue import Queued, queue_run
from amerce.jobs.models import JobRun


def book_checked(*, actor: Actor, at: datetime, import_id: int, whole: str = "") -> Queued:
    """Queue an import of the file as it was kept; asked again, or when it was booked otherwise, answer that run.

    ``whole`` is the number of the export whose file it is, said by a person who knows that all of it was paid. Raises
    ``NotAllowed``, ``RowNotFound``, ``NotBookable`` unless it was checked and could be booked, ``WholeExport``, and
    ``JobRefused`` when the file is not kept any more.
    """
    require_for(actor, Privilege.FEE_EXPORT, EVERYWHERE)
    with transaction.atomic():
        mine = BursarImport.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([import_id]))
        file = mine.select_for_update(of=("self",)).select_related("profile").first()
        if file is None:
            raise RowNotFound(import_id)
        if not file.is_check:
            raise NotBookable(file.file_name)
        if begun := open_booking(file) or _run_of(imported_as(file)):
            return Queued(begun, replayed=True)
        if not is_bookable(file):
            raise NotBookable(file.file_name)
        if (export := export_of(file)) and whole != str(export.number):
            raise WholeExport(export.number)
        given = {"profile": file.profile.code, KEPT: str(file.pk)}
        params = params_of_import(given, actor.institution_id)
        return queue_run(BURSAR_IMPORT, given, params, actor=actor, at=at)


def _run_of(file: BursarImport | None) -> JobRun | None:
    """The run that booked the file, unless it stopped half way and another has to go on, or was undone."""
    if file is None or file.state not in (BursarImport.State.DONE, BursarImport.State.UNDOING):
        return None
    return JobRun.objects.filter(institution_id=file.institution_id, pk=file.number).first()
