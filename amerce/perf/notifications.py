"""The run of notifications at its full size: everybody owes something, and is told by letter and charged for it.

Why no limit by hand beside it: what takes the time is making the letters, so the aim is a rate of them
(``docs/reference/bench.md``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from django.db import connection

from amerce.charges.models import Fee, FeeType
from amerce.ledger.models import PatronAccount
from amerce.notices.models import NotificationProfile
from amerce.notices.profiles import ProfileFacts, all_profiles
from amerce.notices.run import FINES_FEES_NOTIFICATIONS
from amerce.notices.selection import messages
from amerce.patrons.models import Contact, Patron
from amerce.perf.ground import FEE_TYPE, Ground, now
from amerce.perf.scale import Timed, insert_rows, timed_run
from amerce.sql import fresh

FEES_OF_A_PATRON = 3
_AT_ONCE = 5_000
_FEE_MINOR, _NOTIFICATION_MINOR = 500, 250


@dataclass(frozen=True)
class Notified:
    """How a run went, and how long the statement took that says of everybody whether they are told."""

    letters: int
    selection_s: float
    timed: Timed


def owe(ground: Ground, patrons: int) -> None:
    """So many patrons with an address and three fees each, and a profile with a fee that matches them all.

    Straight into the tables: what the run reads, without the transfers that made it.
    """
    owner, made_at = {"institution_id": ground.institution_id}, now() - timedelta(days=30)
    type_id = FeeType.objects.get(**owner, code=FEE_TYPE).pk
    for begin in range(0, patrons, _AT_ONCE):
        names = [f"OWES{number:07}" for number in range(begin, min(begin + _AT_ONCE, patrons))]
        made = [
            fresh(
                Patron, **owner, primary_id=each, primary_folded=each.lower(), first_name="Élodie", last_name=each,
                created_at=made_at,
            )
            for each in names
        ]  # fmt: skip
        insert_rows(made)
        insert_rows(
            [
                fresh(Contact, **owner, patron_id=each.pk, kind="email", text=f"{each.primary_id}@larkspur.example",
                      is_preferred=True)
                for each in made
            ]
        )  # fmt: skip
        insert_rows([fresh(PatronAccount, **owner, patron_id=each.pk) for each in made])
        insert_rows(
            [
                fresh(
                    Fee, **owner, patron_id=each.pk, type_id=type_id, owner_id=ground.library_id, title="The leopard",
                    original_minor=_FEE_MINOR, remaining_minor=_FEE_MINOR, status_at=made_at, created_at=made_at,
                )
                for each in made
                for _ in range(FEES_OF_A_PATRON)
            ]
        )  # fmt: skip
    NotificationProfile.objects.create(
        **owner,
        name="Reminder",
        minimum_minor=_FEE_MINOR,
        created_before_days=7,
        only_active=True,
        creates_fee=True,
        fee_minor=_NOTIFICATION_MINOR,
    )
    with connection.cursor() as cursor:  # as autovacuum does: without it a new database plans for empty tables
        cursor.execute("ANALYZE")


def notify_all(ground: Ground, progressed: Callable[[int], None] = lambda looked_at: None) -> Notified:
    """Time the statement, then run the job to its end in this process, as a worker does."""
    profile = all_profiles(ground.institution_id).select_related("institution").get()
    began = perf_counter()
    messages(profile.institution, ProfileFacts.of(profile), now()).count()
    selection_s = perf_counter() - began
    timed = timed_run(ground, FINES_FEES_NOTIFICATIONS.name, progressed)
    return Notified(letters=timed.counts["letters"], selection_s=selection_s, timed=timed)
