"""What the tabs General, Contact, Identifiers, Notes, Blocks and Proxies of User Details show.

Why apart from the pages that change them: every page of an open record draws the tabs, those pages too.
"""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amerce.access.queries import names_by_login
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import code_labels
from amerce.patrons.blocks import set_blocks
from amerce.patrons.contacts import TYPES
from amerce.patrons.models import Contact, Patron
from amerce.patrons.queries import contacts_of, identifiers_of, proxies_of, proxy_for
from amerce.web.people_wording import CONTACT_KINDS
from amerce.web.request import StaffRequest

ADD = {
    Contact.Kind.EMAIL: gettext_lazy("Add e-mail"),
    Contact.Kind.PHONE: gettext_lazy("Add phone"),
    Contact.Kind.ADDRESS: gettext_lazy("Add address"),
}
_EMPTY = {
    Contact.Kind.EMAIL: gettext_lazy("No e-mail reaches this patron."),
    Contact.Kind.PHONE: gettext_lazy("No phone number is known."),
    Contact.Kind.ADDRESS: gettext_lazy("Letters do not reach this patron."),
}


@dataclass(frozen=True)
class Section:
    """One kind of contact as the tab shows it."""

    kind: str
    title: str | Promise
    add: str | Promise
    empty: str | Promise
    rows: list[Contact]


def general_tab(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    languages = CodeEntry.Table.LANGUAGE
    return {"languages": code_labels(request.institution.pk, languages) if patron.preferred_language else {}}


def contact_tab(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    rows = list(contacts_of(request.actor, patron.pk))
    labels: dict[str, str] = {}
    for table in TYPES.values() if rows else ():
        labels |= code_labels(request.institution.pk, table)
    sections = [
        Section(kind.value, CONTACT_KINDS[kind], ADD[kind], _EMPTY[kind], [each for each in rows if each.kind == kind])
        for kind in CONTACT_KINDS
    ]
    return {"sections": sections, "contact_types": labels}


def identifiers_tab(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    return {
        "identifiers": identifiers_of(request.actor, patron.pk),
        "identifier_types": code_labels(request.institution.pk, CodeEntry.Table.IDENTIFIER_TYPE),
    }


def notes_tab(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    return {
        "note_types": code_labels(request.institution.pk, CodeEntry.Table.NOTE_TYPE),
        "names": names_by_login(request.institution.pk, (each.created_by for each in patron.notes.all())),
    }


def blocks_tab(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    """For ``web/patron/_blocks.html``: every block that was ever set, and today, by which some have run out."""
    today = timezone.now().astimezone(request.institution.zone).date()
    rows = set_blocks(request.actor, patron.pk)
    by = [login for each in rows for login in (each.created_by, each.lifted_by)]
    return {"set_blocks": rows, "today": today, "names": names_by_login(request.institution.pk, by)}


def proxies_tab(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    return {
        "proxies": proxies_of(request.actor, patron.pk),
        "proxy_for": proxy_for(request.actor, patron.pk),
    }
