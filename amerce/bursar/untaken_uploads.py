"""What follows when an import ends before it took the file that was uploaded for it: the file counts as rejected, one
that was to be checked as checked.

Why: it may be all that is known of what patrons paid, so it is kept and listed like any other of which nothing was
booked, and does not lie where no import looks again.
"""

from datetime import datetime

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.bursar import import_stages as stages
from amerce.bursar.import_files import keep_rejected, place_of
from amerce.bursar.import_params import CHECK, NAME
from amerce.bursar.job_profile import profile_of
from amerce.bursar.models import BursarImport
from amerce.bursar.places import kept
from amerce.bursar.uploads import own_name, uploaded
from amerce.events.handlers import Handler
from amerce.events.models import Event
from amerce.jobs.models import JobRun


def _handle(event: Event, at: datetime) -> None:
    """Asked again after a crash it finds the file where it was going to, and no import of it."""
    assert event.institution_id is not None, "runs belong to an institution"
    run = JobRun.objects.get(institution_id=event.institution_id, pk=event.data["run"])
    name = run.params.get("upload", "")
    if not name or BursarImport.objects.filter(institution_id=run.institution_id, number=run.pk).exists():
        return
    place = place_of(run.pk, name)
    path, source = kept(run.institution_id, *place.split("/")), uploaded(run.institution_id, name)
    if source.exists():
        source.replace(path)
    if not path.exists():
        return
    file = stages.begin_import(
        started_by=run.started_by,
        at=at,
        profile=profile_of(run),
        number=run.pk,
        file_name=own_name(name),
        kept_as=place,
        is_check=bool(run.params.get(CHECK)),
    )
    actor = system_actor(run.institution_id, UNTAKEN_UPLOADS.name, Privilege.FEE_EXPORT)
    state = BursarImport.State.CHECKED if file.is_check else BursarImport.State.REJECTED
    if run.state == JobRun.State.CANCELLED:
        stages.end_import(file, state, actor, at, "cancelled", by=run.cancelled_by)
    else:
        stages.end_import(file, state, actor, at, "not_begun")
    if not file.is_check:
        keep_rejected(file)


UNTAKEN_UPLOADS = Handler(
    name="bursar_untaken_upload",
    events=frozenset({"job.cancelled", "job.failed"}),
    wants=lambda data: data.get("job") == NAME,
    handle=_handle,
)
