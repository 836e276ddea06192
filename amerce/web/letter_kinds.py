"""Configuration > Letters: which are written, and by whose words (row C6)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.inputs.errors import RowNotFound
from amerce.letters.configure import switch_kind
from amerce.letters.house import House, house_of
from amerce.letters.kinds import KINDS, OFFERED, LetterKind
from amerce.letters.models import LetterSwitch, LetterTemplate
from amerce.web.configuration import configuration_page, show
from amerce.web.request import StaffRequest
from amerce.web.saving import tell_saved


def offered_kind(text: str) -> LetterKind:
    """Raises ``RowNotFound`` for a letter that there is not."""
    if text not in OFFERED:
        raise RowNotFound(text)
    return LetterKind(text)


@require_safe
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_kinds(request: StaffRequest) -> HttpResponse:
    house = house_of(request.institution.pk)
    own: dict[str, list[LetterTemplate]] = {}
    for each in LetterTemplate.objects.filter(institution=request.institution).order_by("language"):
        own.setdefault(each.kind, []).append(each)
    switches = {each.kind: each for each in LetterSwitch.objects.filter(institution=request.institution)}
    rows = [_row(house, kind, own.get(kind, []), switches.get(kind)) for kind in OFFERED]
    names = names_by_login(request.institution.pk, (each["by"] for each in rows if each["by"]))
    return show(request, "letters", {"rows": rows, "names": names, "is_on": house.settings.is_on})


def _row(house: House, kind: LetterKind, own: list[LetterTemplate], switch: LetterSwitch | None) -> dict[str, Any]:
    changes = [(each.updated_at, each.updated_by) for each in own]
    if switch is not None:
        changes.append((switch.updated_at, switch.updated_by))
    changed = [(at, by) for at, by in changes if at is not None]
    at, by = max(changed) if changed else (None, "")
    return {
        "kind": kind,
        "when": KINDS[kind].when,
        "is_on": house.switched_on(kind),
        "lacks_address": KINDS[kind].is_staff and not house.settings.staff_email,
        "language": house.language,
        "own": own,
        "at": at,
        "by": by,
    }


@require_POST
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_switch(request: StaffRequest, letter: str) -> HttpResponse:
    """POST ``on`` turns the kind on, without it off."""
    kind = offered_kind(letter)
    is_on = "on" in request.POST
    is_new = switch_kind(actor=request.actor, at=timezone.now(), kind=kind, is_on=is_on)
    words = _("%(letter)s is written from now on.") if is_on else _("%(letter)s is not written any more.")
    tell_saved(request, words % {"letter": kind.label}, is_changed=is_new)
    return redirect("letter-kinds")
