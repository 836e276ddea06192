"""What a bursar profile says, in the words of its form, and when it begins by itself.

Why beside the form: a bursar's clerk sees what is exported and may not change it (``rules.md``, "Who may").
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can, can_for
from amerce.access.privileges import Privilege
from amerce.bursar.export_job import NAME as EXPORT
from amerce.bursar.import_params import NAME as IMPORT
from amerce.bursar.models import BursarProfile
from amerce.bursar.profiles import LISTS, ProfileFacts
from amerce.jobs.models import JobSchedule
from amerce.jobs.queries import schedules
from amerce.web.bursar_profile_form import BursarProfileForm
from amerce.web.change_history import value_in_words
from amerce.web.job_wording import times_in_words
from amerce.web.request import StaffRequest


@dataclass(frozen=True)
class Begins:
    """A job of the profile with its schedules: ``schedules`` are number, words, next time and whether it is enabled."""

    job: str
    schedules: list[tuple[int, str, datetime | None, bool]]
    may_add: bool


def facts_in_words(request: StaffRequest, profile: BursarProfile) -> list[tuple[str, str]]:
    """Label and value of what the profile says of exports and payments; what does not apply is left out."""
    form = BursarProfileForm(request, profile)
    said: dict[str, Any] = asdict(ProfileFacts.of(profile))
    said |= {name: list(said[name]) for name in LISTS}
    words = {name: _("all") for name in LISTS if not said[name]}
    words["host"] = f"{profile.username}@{profile.host}:{profile.port}"
    found = []
    for name in _applying(profile):
        field = form.fields[name]
        found.append((str(field.label), words.get(name) or value_in_words(field, said[name], request.institution)))
    return found


def begins_by_itself(request: StaffRequest, profile: BursarProfile) -> list[Begins]:
    """The schedules of the profile's export and import, as far as it has them. One query."""
    if not (can(request.actor, Privilege.JOB_VIEW) or can(request.actor, Privilege.JOB_RUN)):
        return []
    may_add = can_for(request.actor, Privilege.FEE_EXPORT, EVERYWHERE)
    names = [name for name, is_active in ((EXPORT, profile.exports), (IMPORT, profile.imports)) if is_active]
    mine = [each for each in schedules(request.actor) if each.params.get("profile") == profile.code]
    return [Begins(name, _lines(request, mine, name), may_add) for name in names]


def _lines(
    request: StaffRequest, mine: Iterable[JobSchedule], name: str
) -> list[tuple[int, str, datetime | None, bool]]:
    return [
        (each.pk, times_in_words(each.cron, request.institution), each.next_at, each.is_enabled)
        for each in mine
        if each.name == name
    ]


def _applying(profile: BursarProfile) -> list[str]:
    names = ["rows", "fee_types", "user_groups", "libraries", "institution_owned", "min_age_days", "min_amount_minor"]
    names += ["min_basis"] if profile.min_amount_minor else []
    names += ["identifier_type", "destination"]
    if profile.destination == BursarProfile.Destination.SFTP:
        names += ["host"]
    if profile.destination != BursarProfile.Destination.DOWNLOAD:
        names += ["folder"]
    return names + (["import_folder", "import_effect", "imports_per_line"] if profile.imports else [])
