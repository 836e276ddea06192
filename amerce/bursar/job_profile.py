"""The profile that a bursar job is about: asked for by its code, and found again by a run."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from amerce.bursar.models import BursarProfile
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun


def profile_of(run: JobRun) -> BursarProfile:
    """The profile that a run of a bursar job is about."""
    mine = BursarProfile.objects.select_related("institution")
    return mine.get(institution_id=run.institution_id, code=run.params["profile"])


def find_profile(given: Mapping[str, str], institution_id: int) -> BursarProfile:
    """The profile that was asked for by its code. Raises ``JobRefused``."""
    code = given.get("profile", "")
    found = BursarProfile.objects.filter(institution_id=institution_id, code=code).first()
    if found is None:
        known = BursarProfile.objects.filter(institution_id=institution_id).order_by("code")
        codes = ", ".join(known.values_list("code", flat=True)) or "–"
        raise JobRefused(
            _("There is no bursar profile “%(code)s”; there are: %(codes)s.") % {"code": code, "codes": codes}
        )
    return found


def profile_name(params: Mapping[str, Any], institution_id: int) -> str:
    """What the run's title calls its profile."""
    profile = BursarProfile.objects.filter(institution_id=institution_id, code=params.get("profile", "")).first()
    return profile.name if profile else ""
