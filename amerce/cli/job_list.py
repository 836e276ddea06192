"""What ``amerce job list`` prints."""

from django.utils.translation import gettext as _

from amerce.institutions.models import Institution
from amerce.jobs.models import JobRun, JobSchedule
from amerce.jobs.queries import last_run
from amerce.jobs.registry import find_job, jobs


def list_jobs() -> None:
    """Print every job, its parameters, when it begins by itself and how it last went in each institution."""
    schedules: dict[tuple[int, str], list[JobSchedule]] = {}
    for each in JobSchedule.objects.order_by("pk"):
        schedules.setdefault((each.institution_id, each.name), []).append(each)
    for job in jobs().values():
        print(f"{job.name}  {job.title}")
        for param, meaning in job.params.items():
            print(f"    --param {param}=…  {meaning}")
        for institution in Institution.objects.order_by("code"):
            for schedule in schedules.get((institution.pk, job.name), []):
                print("    " + _scheduled(institution, schedule))
            if last := last_run(institution.pk, job.name):
                print("    " + _last(institution, last))


def _scheduled(institution: Institution, schedule: JobSchedule) -> str:
    words = {"institution": institution.code, "cron": schedule.cron}
    given = " ".join(f"{name}={text}" for name, text in schedule.params.items())
    if not schedule.is_enabled:
        return _("%(institution)s, schedule %(cron)s, disabled") % words + f" {given}".rstrip()
    at = schedule.next_at.astimezone(institution.zone) if schedule.next_at else None
    words["at"] = f"{at:%Y-%m-%d %H:%M}" if at else _("as soon as a worker looks")
    return _("%(institution)s, schedule %(cron)s, next %(at)s") % words + f" {given}".rstrip()


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
