"""The menu: where a role can go, on top of every page and as the doors of the first one.

Why one list: what stood in the menu alone could not be reached from the first page, which has no menu.
"""

from dataclasses import dataclass

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import can, can_for
from amerce.access.privileges import Privilege
from amerce.web.doors import doors_for


class Part(models.TextChoices):
    """What entries stand below. Those of the last part stand for themselves."""

    FULFILLMENT = "fulfillment", gettext_lazy("Fulfillment")
    CHARGES = "charges", gettext_lazy("Fines & fees")
    WHOLE = "whole", ""


@dataclass(frozen=True)
class Entry:
    """A page and those below it, for who holds ``privilege``; without one for everybody.

    ``is_of_every_library`` is what shows the patrons of all, to who holds it for all.
    """

    url_name: str
    title: str | Promise
    text: str | Promise
    part: Part
    privilege: Privilege | None = None
    is_of_every_library: bool = False


ENTRIES = (
    Entry(
        "patron-services",
        gettext_lazy("Manage Patron Services"),
        gettext_lazy("Scan an ID: loans, returns, requests, fines and fees of one patron."),
        Part.FULFILLMENT,
    ),
    Entry(
        "returns",
        gettext_lazy("Manage Item Returns"),
        gettext_lazy("Scan items one after the other: each is returned at this desk."),
        Part.FULFILLMENT,
        Privilege.LOAN_RETURN,
    ),
    Entry(
        "letters",
        gettext_lazy("Letters"),
        gettext_lazy("Letters that need a hand, and those that wait to be printed."),
        Part.FULFILLMENT,
        Privilege.LETTER_SEND,
    ),
    Entry(
        "users",
        gettext_lazy("User Management"),
        gettext_lazy("Add user: a record for somebody whom no other system knows."),
        Part.FULFILLMENT,
        Privilege.PATRON_EDIT,
    ),
    Entry(
        "bulk-waiving",
        gettext_lazy("Bulk Fine Waiving"),
        gettext_lazy("Waive the fines and fees of many users at once, after a preview, with an undo."),
        Part.CHARGES,
        Privilege.BULK_WAIVE,
        is_of_every_library=True,
    ),
    Entry(
        "bursar",
        gettext_lazy("Bursar"),
        gettext_lazy("Exports to the bursar, what was paid there, and both beside the ledger."),
        Part.CHARGES,
        Privilege.BURSAR_VIEW,
        is_of_every_library=True,
    ),
    Entry(
        "jobs",
        gettext_lazy("Monitor Jobs"),
        gettext_lazy("What begins when, what is going on, and what each run had to tell."),
        Part.WHOLE,
        Privilege.JOB_VIEW,
    ),
)
CONFIGURATION = Entry(
    "configuration",
    gettext_lazy("Configuration"),
    gettext_lazy("What holds for everybody: charges, circulation, people, letters, the institution, roles."),
    Part.WHOLE,
)


@dataclass(frozen=True)
class Shown:
    """``current`` is what ``aria-current`` says of the entry on this page."""

    entry: Entry
    path: str
    current: str


def menu_of(request: HttpRequest, actor: Actor) -> list[tuple[Part, list[Shown]]]:
    """The entries that ``actor`` may open, below their parts."""
    open_ones = [each for each in ENTRIES if _may_open(actor, each)]
    if doors_for(actor):
        open_ones.append(CONFIGURATION)
    parts = [(part, [_shown(request, each) for each in open_ones if each.part == part]) for part in Part]
    return [(part, entries) for part, entries in parts if entries]


def _may_open(actor: Actor, entry: Entry) -> bool:
    if entry.privilege and entry.is_of_every_library:
        return can_for(actor, entry.privilege, EVERYWHERE)
    return entry.privilege is None or can(actor, entry.privilege)


def _shown(request: HttpRequest, entry: Entry) -> Shown:
    path = reverse(entry.url_name)
    if request.path == path:
        return Shown(entry, path, "page")
    return Shown(entry, path, "true" if request.path.startswith(path) else "")
