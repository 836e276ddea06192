"""Profiles and debts for the tests of notifications, made by the commands that users call."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from amerce.access.actors import Actor, Place
from amerce.charges.assess import assess
from amerce.charges.models import Fee
from amerce.institutions import models as institutions
from amerce.notices.models import NotificationProfile
from amerce.notices.profiles import ProfileFacts, all_profiles
from amerce.notices.save_profile import save_profile
from amerce.notices.selection import messages
from amerce.patrons.models import Patron
from tests.world import NOON, Library

SAID = ProfileFacts(name="Owes something", minimum_minor=1)
AS_OF = NOON + timedelta(minutes=1)
"""A minute after tests charge."""


def administrator(library: Library) -> Actor:
    return library.staff("user_administrator", at_desk=False)


def new_profile(library: Library, at: datetime = NOON, **said: Any) -> NotificationProfile:
    saved = save_profile(actor=administrator(library), at=at, facts=replace(SAID, **said))
    return all_profiles(library.institution.pk).get(pk=saved.profile_id)


def branch(library: Library, code: str = "SCI", name: str = "Science Library") -> Place:
    """Another library of the same institution, with a desk."""
    made = institutions.Library.objects.create(institution=library.institution, code=code, name=name)
    desk = institutions.Desk.objects.create(
        institution=library.institution, library=made, code=f"{code}1", name=f"{name} Desk"
    )
    return Place(made.pk, desk.pk)


def charge_at(
    library: Library, place: Place | None, amount_minor: int, type_code: str = "OTHER", patron: Patron | None = None
) -> Fee:
    """A fee of the library of ``place``, without one of the institution if the type is."""
    manager = library.manager
    outcome = assess(
        actor=Actor(manager.account_id, manager.institution_id, manager.name, place, manager.grants),
        at=NOON,
        patron_id=(patron or library.patron).pk,
        type_code=type_code,
        amount_minor=amount_minor,
    )
    return Fee.objects.get(pk=outcome.lines[0].fee_id)


def totals(library: Library, as_of: datetime = AS_OF, **said: Any) -> dict[tuple[str, str], int]:
    """Primary id and owner's code (``-`` is the institution) to the total that a message would tell."""
    library.institution.refresh_from_db()
    codes = {0: "-", **dict(institutions.Library.objects.values_list("pk", "code"))}
    ids = dict(Patron.objects.values_list("pk", "primary_id"))
    found = messages(library.institution, replace(SAID, **said), as_of)
    return {(ids[each["patron_id"]], codes[each["owner_key"]]): each["total_minor"] for each in found}
