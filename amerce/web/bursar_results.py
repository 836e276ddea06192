"""What a run of a bursar job made, with the way there: whoever watched the run wants to see its file next."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can_for
from amerce.access.privileges import Privilege
from amerce.bursar.export_job import NAME as EXPORT
from amerce.bursar.export_job import exports_of
from amerce.bursar.import_files import kept_file
from amerce.bursar.import_params import KEPT, UPLOAD
from amerce.bursar.import_params import NAME as IMPORT
from amerce.bursar.models import BursarImport, BursarRun
from amerce.bursar.reconciliation import imports_of, runs_of
from amerce.bursar.undo_import_job import NAME as UNDO_IMPORT
from amerce.bursar.undo_job import NAME as UNDO
from amerce.jobs.models import JobRun
from amerce.web.bursar_wording import STATE_COLOURS
from amerce.web.request import StaffRequest

LIMIT = 20


@dataclass(frozen=True)
class Made:
    """``colour`` and ``state`` say how it stands now."""

    path: str
    name: str
    colour: str
    state: str


def made_by(request: StaffRequest, run: JobRun) -> list[Made]:
    """The export or the files of payments of the run, for who may see them. One query at the most."""
    if run.name not in (EXPORT, IMPORT, UNDO, UNDO_IMPORT) or not can_for(
        request.actor, Privilege.BURSAR_VIEW, EVERYWHERE
    ):
        return []
    if run.name == IMPORT:
        return [_file(each) for each in imports_of(request.actor).filter(number=run.pk)[:LIMIT]]
    if run.name == UNDO_IMPORT:
        return [_file(each) for each in imports_of(request.actor).filter(pk=run.params["import"])]
    if run.name == EXPORT:
        return [_export(each) for each in exports_of(run)]
    return [_export(each) for each in runs_of(request.actor).filter(number=run.params["export"])]


def given_again(request: StaffRequest, run: JobRun) -> dict[str, str] | None:
    """What the run would be given to be run again: that of an uploaded file takes the one that is kept, since the
    upload is not there any more. None where it is not kept either. One query at the most.
    """
    given: dict[str, str] = run.given
    if run.name != IMPORT or not given.get(UPLOAD):
        return given
    sees = can_for(request.actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    file = imports_of(request.actor).filter(number=run.pk).first() if sees else None
    if file is None or not kept_file(file).exists():
        return None
    return {**{name: text for name, text in given.items() if name != UPLOAD}, KEPT: str(file.pk)}


def _export(run: BursarRun) -> Made:
    colour, state = STATE_COLOURS.get(run.state, "quiet"), str(BursarRun.State(run.state).label)
    return Made(reverse("bursar-run", args=[run.pk]), _("Export %(number)s") % {"number": run.number}, colour, state)


def _file(file: BursarImport) -> Made:
    colour, state = STATE_COLOURS.get(file.state, "quiet"), str(BursarImport.State(file.state).label)
    return Made(reverse("bursar-file-of-payments", args=[file.pk]), file.file_name, colour, state)
