"""The jobs there are, by name.

Why through a setting: the jobs live in packages above this one, and only ``config`` knows them all.
"""

from collections.abc import Mapping

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from amerce.jobs.job import Job, JobRefused


def jobs() -> Mapping[str, Job]:
    """Every job by its name, in the order of ``settings.AMERCE_JOBS``."""
    return {job.name: job for job in import_string(settings.AMERCE_JOBS)}


def find_job(name: str) -> Job:
    """The job of that name. Raises ``JobRefused``, naming the jobs there are."""
    known = jobs()
    if name not in known:
        raise JobRefused(
            _("There is no job “%(name)s”; there are: %(known)s.") % {"name": name, "known": ", ".join(known)}
        )
    return known[name]
