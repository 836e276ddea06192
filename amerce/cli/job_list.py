"""What ``amerce job list`` prints."""

from django.utils.translation import gettext as _

from amerce.institutions.models import Institution
from amerce.jobs.models import JobRun
from amerce.jobs.queries import last_run
from amerce.jobs.registry import find_job, jobs


def list_jobs() -> None:
    """Print every job, its parameters, and how it last went in each institution."""
    for job in jobs().values():
        print(f"{job.name}  {job.title}")
        for param, meaning in job.params.items():
            print(f"    --param {param}=…  {meaning}")
        for institution in Institution.objects.order_by("code"):
            if last := last_run(institution.pk, job.name):
                print("    " + _last(institution, last))


def _last(institution: Institution, run: JobRun) -> str:
    words = {
        "institution": institution.code,
        "run": run.pk,
        "at": f"{run.queued_at.astimezone(institution.zone):%Y-%m-%d %H:%M}",
    }
    match run.state:
        case JobRun.State.DONE:
            how = find_job(run.name).summary(run)
        case JobRun.State.FAILED:
            how = _("failed: %(error)s") % {"error": run.error}
        case JobRun.State.CANCELLED:
            how = _("cancelled by %(who)s") % {"who": run.cancelled_by}
        case JobRun.State.RUNNING:
            how = _("running, %(done)s of %(all)s") % {
                "done": run.counts.get("looked_at", 0),
                "all": run.expected or "?",
            }
        case _:
            how = _("waiting for a worker")
    return _("%(institution)s, run %(run)s of %(at)s: %(how)s") % {**words, "how": how}
