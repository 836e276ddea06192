"""What a patron owes at another institution of this installation, if that one lets us ask."""

from datetime import datetime

from amerce.access.actors import Actor, system_actor
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.charges.queries import balances, fees_of
from amerce.events.record import record
from amerce.institutions.models import Institution
from amerce.network.answer import Answer, MemberFee, State, owed
from amerce.network.models import NetworkMember
from amerce.network.settings import network_settings
from amerce.patrons.folding import fold_id
from amerce.patrons.models import Patron, PatronIdentifier


def ask_neighbour(member: NetworkMember, asking: Institution, actor: Actor, at: datetime, identifier: str) -> Answer:
    """What the institution says of who has that identifier there; it keeps an event that it was asked.

    It has to share and to count the asking institution among its own members: nobody is asked by whom they do not know.
    """
    other = member.other
    assert other is not None, "a member of this installation is an institution"
    knows_us = NetworkMember.objects.filter(institution=other, other=asking, is_active=True)
    if not network_settings(other.pk).shares or not knows_us.exists():
        return Answer(State.NOT_SHARED)
    patron_id = _patron_id(other, member.identifier_type, identifier)
    if patron_id is None:
        return Answer(State.UNKNOWN)
    theirs = system_actor(other.pk, f"{asking.code}: {actor.name}"[:150], Privilege.PATRON_VIEW)
    record("network.shown", actor=theirs, at=at, patron_id=patron_id, data={"institution": asking.pk})
    active = fees_of(theirs, patron_id).filter(status=Fee.Status.ACTIVE)
    fees = [
        MemberFee(each.title, each.type.label, each.remaining_minor) for each in active.order_by("created_at", "pk")
    ]
    return owed(other.currency, balances(theirs, patron_id).active_minor, fees)


def _patron_id(other: Institution, identifier_type: str, identifier: str) -> int | None:
    folded = fold_id(identifier)
    if not identifier_type:
        return Patron.objects.filter(institution=other, primary_folded=folded).values_list("pk", flat=True).first()
    held = PatronIdentifier.objects.filter(institution=other, type=identifier_type, folded=folded)
    return held.values_list("patron_id", flat=True).first()
