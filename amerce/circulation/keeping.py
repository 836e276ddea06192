"""How long returns are kept: what the jobs that anonymise and purge them have in common (row E3).

Why by whole days: the list of returns counts back from this minute, so nothing goes while a list may still show it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.institutions.days import local_day
from amerce.institutions.models import Institution
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun

DAYS_LIMIT = 36_500
_DAYS, _DRY_RUN, _BEFORE = "days", "dry_run", "before"
_ANSWERS = {"yes": True, "no": False}

PARAMS: dict[str, str | Promise] = {
    _DAYS: gettext_lazy("after how many days; what the institution has set if left out"),
    _DRY_RUN: gettext_lazy("yes: say what would be done, and do nothing; no if left out"),
}


def reads_params(setting: str) -> Callable[[Mapping[str, str], int, datetime], dict[str, Any]]:
    """How a run's parameters are read. ``setting`` is the column of ``Institution`` that says after how many days."""

    def read(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
        institution = Institution.objects.get(pk=institution_id)
        typed = given.get(_DAYS, str(getattr(institution, setting)))
        if not re.fullmatch(r"\d{1,5}", typed, re.ASCII) or int(typed) > DAYS_LIMIT:
            raise JobRefused(
                _("days is a whole number up to %(limit)s, not “%(typed)s”.") % {"limit": DAYS_LIMIT, "typed": typed},
                _DAYS,
            )
        answer = given.get(_DRY_RUN, "no")
        if answer not in _ANSWERS:
            raise JobRefused(_("dry_run is yes or no, not “%(typed)s”.") % {"typed": answer}, _DRY_RUN)
        before = kept_since(institution, int(typed), at)
        return {_BEFORE: before.isoformat(), _DRY_RUN: _ANSWERS[answer]}

    return read


def kept_since(institution: Institution, days: int, at: datetime) -> date:
    """The first day, in the institution's zone, of which everything is kept for ``days`` at ``at``."""
    return local_day(at, institution.zone) - timedelta(days=days)


def before_of(run: JobRun) -> date:
    """What came back or was closed before this day is what ``run`` is about. It stays when the run goes on tomorrow."""
    return date.fromisoformat(run.params[_BEFORE])


def is_dry(run: JobRun) -> bool:
    """Whether ``run`` only says what it would do."""
    return bool(run.params[_DRY_RUN])


def in_words(run: JobRun, *counts: str) -> str:
    """The last line of ``run``: what it looked at, and each of ``counts``."""
    said = " ".join(f"{each}={run.counts[each]}" for each in ("looked_at", *counts))
    return f"dry_run=yes {said}" if is_dry(run) else said
