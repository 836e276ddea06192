"""Who did what with an export, and when: begun, made, delivered, fetched, acknowledged, paid, undone (row D7).

Why from events and files together: the bursar's office asks "who sent us this, and what did you do with our answer".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amerce.access.queries import names_by_login
from amerce.bursar.finding import trail_of
from amerce.bursar.models import BursarImport, BursarRun
from amerce.bursar.reconciliation import imports_of
from amerce.institutions.models import Institution
from amerce.money.format import format_amount
from amerce.web.bursar_wording import in_place
from amerce.web.job_wording import who_in_words
from amerce.web.request import StaffRequest
from amerce.web.templatetags.amerce import number

_SENTENCES: dict[str, str | Promise] = {
    "bursar_file.made": gettext_lazy("The file was made: %(fees)s, %(total)s."),
    "bursar_file.delivered": gettext_lazy("Delivered: %(place)s."),
    "bursar_file.downloaded": gettext_lazy("Downloaded the file."),
    "bursar_file.acknowledged": gettext_lazy("Acknowledged: the bursar has it."),
    "bursar_run.undo_begun": gettext_lazy("Asked for the undo."),
    "bursar_run.undone": gettext_lazy("Everything that could be was taken back."),
}


@dataclass(frozen=True)
class Told:
    """``path`` leads to more, where there is more."""

    at: datetime
    who: str
    sentence: str
    path: str = ""


def trail(request: StaffRequest, run: BursarRun) -> list[Told]:
    """What happened to the run, newest first. Three queries."""
    events = list(trail_of(request.actor, run))
    files = list(imports_of(request.actor, run.profile).filter(export_number=str(run.number)))
    of_files = [name for each in files for name in (each.started_by, each.undone_by)]
    logins = {run.started_by, *(each.actor_name for each in events), *of_files}
    names = names_by_login(request.institution.pk, logins)

    def who(login: str) -> str:
        return names.get(login) or who_in_words(login)

    told = [each for file in files for each in _of_file(file, who, request.institution)]
    told += [
        Told(each.at, who(each.actor_name), _sentence(each.name, each.data, request.institution)) for each in events
    ]
    told.append(Told(run.started_at, who(run.started_by), _("Began the export.")))
    return sorted(told, key=lambda each: each.at, reverse=True)


def _sentence(name: str, data: dict[str, Any], institution: Institution) -> str:
    said = {"place": in_place(data.get("place", ""))}
    if "total" in data:
        said["total"] = format_amount(data["total"], institution.currency, institution.locale)
        said["fees"] = ngettext("%(count)s fee", "%(count)s fees", data["fees"]) % {
            "count": number(data["fees"], institution)
        }
    return str(_SENTENCES[name]) % said


def _of_file(file: BursarImport, who: Callable[[str], str], institution: Institution) -> list[Told]:
    """That the file was taken, and that it was undone."""
    path = reverse("bursar-file-of-payments", args=[file.pk])
    if file.is_check:
        checked = _("%(file)s was checked; nothing was booked.") % {"file": file.file_name}
        return [Told(file.started_at, who(file.started_by), checked, path)]

    def money(minor: int) -> str:
        return format_amount(minor, institution.currency, institution.locale)

    state = BursarImport.State(file.state).label
    said = {"file": file.file_name, "state": state, "applied": money(file.applied_minor)}
    taken = _("%(file)s: %(applied)s booked.") if file.undo_asked_at else _("%(file)s: %(state)s, %(applied)s paid.")
    told = [Told(file.started_at, who(file.started_by), taken % said, path)]
    if file.undo_asked_at:
        undone = {"file": file.file_name, "undone": money(file.undone_minor), "reason": file.undo_reason}
        sentence = _("Undid the import of %(file)s, %(undone)s taken back: %(reason)s") % undone
        told.append(Told(file.undone_at or file.undo_asked_at, who(file.undone_by), sentence, path))
    return told
