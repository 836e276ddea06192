"""What the pages of jobs have in common: what is not there is not found, in a sentence, and who may do what."""

import functools
from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import can_for
from amerce.inputs.errors import RowNotFound
from amerce.jobs.errors import JobRefused
from amerce.jobs.job import Job
from amerce.jobs.registry import find_job, jobs
from amerce.web.job_wording import OWN_PAGES
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest


def job_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of a run, a schedule or a job; each asks itself who may see it."""

    @functools.wraps(view)
    def page(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except RowNotFound:
            sentence = _("This is not there any more. Somebody may have deleted it.")
            return refusal(request, sentence, title=_("Not found"), status=404)

    return page


def may_run(actor: Actor, name: str) -> bool:
    """Whether ``actor`` runs, schedules and cancels the job of that name."""
    job = jobs().get(name)
    return job is not None and can_for(actor, job.privilege_to_run, EVERYWHERE)


def formed_job(name: str) -> Job:
    """A job that is run and scheduled by the general forms. Raises ``RowNotFound`` for all others."""
    try:
        job = find_job(name)
    except JobRefused:
        raise RowNotFound(name) from None
    if job.name in OWN_PAGES:
        raise RowNotFound(name)
    return job
