"""Whether a run is still done on the word of whoever asked for it (rows F2, G1).

Why before each slice, and not once when a key is revoked or an account shut: runs are above keys and accounts, and what
was asked for in that very moment would slip through.
"""

from django.utils.translation import gettext as _

from amerce.jobs.errors import JobRefused
from amerce.jobs.job import Job
from amerce.jobs.models import JobRun


def require_trusted(run: JobRun, job: Job) -> None:
    """Raises ``JobRefused`` once the API key that asked for ``run`` is revoked, or the account is shut; a job that has
    to be whole goes on to its end if it has begun. A key that has merely expired could ask until then.

    ``run`` has its ``api_key`` and ``starter`` with it.
    """
    has_begun = run.expected is not None
    if has_begun and not job.is_cancellable:
        return
    if run.api_key is not None and run.api_key.revoked_at is not None:
        sentence = _("The API key %(name)s, which asked for this run, was revoked. What was done before stays done.")
    elif run.starter is not None and not run.starter.is_active:
        sentence = _("The account of %(name)s, who asked for this run, was shut. What was done before stays done.")
    else:
        return
    raise JobRefused(sentence % {"name": run.started_by})
