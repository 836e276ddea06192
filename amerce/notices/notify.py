"""Writing the messages of one profile to some patrons, and charging for them, in one transaction: a slice of the run.

Why asked again under the lock: between the look at a hundred thousand patrons and the letter to one of them that one
may have paid, and nobody is told to owe what they do not owe, or charged for it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.assess_many import NewCharge, assess_many
from amerce.charges.many_books import open_many_books
from amerce.charges.models import Fee
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution, Library
from amerce.letters.facts import FEE_RELATED, fee_facts
from amerce.letters.house import has_gateway
from amerce.letters.kinds import LetterKind
from amerce.letters.models import Letter
from amerce.letters.recipients import recipients
from amerce.letters.write import NewLetter, write_letters
from amerce.notices.profiles import INSTITUTION, ProfileFacts
from amerce.notices.reach import channels
from amerce.notices.selection import Owed, Place, counted_fees, messages_to
from amerce.sql import among

FEE_TYPE = "FINEFEENOTIFICATIONFEE"


@dataclass(frozen=True)
class Notified:
    """How many messages were written and how many not, since the patron matches no more; what they tell and charge.

    ``no_address`` are messages that wait for an address.
    """

    messages: int = 0
    dropped: int = 0
    letters: int = 0
    no_address: int = 0
    told_minor: int = 0
    charged_minor: int = 0


def notify(
    *,
    actor: Actor,
    at: datetime,
    institution: Institution,
    facts: ProfileFacts,
    as_of: datetime,
    found: Sequence[Owed],
    key: str,
) -> Notified:
    """Write the letters of ``found`` that still match, and charge the notification fee once for each message.

    ``key`` begins the keys of the letters, so that none is written twice. Must run in a transaction, which holds the
    patrons' accounts to its end. Raises ``NotAllowed``, and what ``assess_many`` and ``write_letters`` raise.
    """
    require(actor, Privilege.PATRON_NOTIFY)
    patron_ids = {each.patron_id for each in found}
    many = open_many_books(actor=actor, at=at, institution=institution, patron_ids=patron_ids)
    now = messages_to(institution, facts, as_of, patron_ids)
    due = [now[place] for place in ((each.patron_id, each.owner) for each in found) if place in now]
    if facts.fee_minor:
        assess_many(many, FEE_TYPE, [_charge(each, facts) for each in due])
    letters = write_letters(actor=actor, at=at, letters=_letters(institution, facts, due, at=at, as_of=as_of, key=key))
    many.close()
    return Notified(
        messages=len(due),
        dropped=len(found) - len(due),
        letters=len(letters),
        no_address=sum(each.state == Letter.State.NO_ADDRESS for each in letters),
        told_minor=sum(each.total_minor for each in due),
        charged_minor=len(due) * (facts.fee_minor or 0),
    )


def _charge(owed: Owed, facts: ProfileFacts) -> NewCharge:
    owner_id = None if owed.owner == INSTITUTION else owed.owner
    return NewCharge(owed.patron_id, facts.fee_minor or 0, owner_id, facts.name)


def _letters(
    institution: Institution, facts: ProfileFacts, due: Sequence[Owed], *, at: datetime, as_of: datetime, key: str
) -> list[NewLetter]:
    patron_ids = {each.patron_id for each in due}
    known = recipients(institution.pk, patron_ids, local_day(at, institution.zone))
    fees = _fees(institution, facts, as_of, patron_ids)
    libraries = {each.pk: each for each in Library.objects.filter(institution=institution)}
    gateway = has_gateway(institution.pk)
    found = []
    for each in due:
        addresses = known[each.patron_id].addresses
        mine = fees[each.patron_id, each.owner]
        found.append(
            NewLetter(
                kind=LetterKind.FINES_FEES_NOTIFICATION.value,
                patron_id=each.patron_id,
                channels=channels(
                    facts, has_email="email" in addresses, has_sms="sms" in addresses, has_gateway=gateway
                ),
                data=_data(facts, each, mine, libraries.get(each.owner)),
                key=f"{key}:{each.patron_id}:{each.owner}",
                printer_id=facts.printer_id,
                about=sorted({f"loan:{fee.loan_id}" for fee in mine if fee.loan_id}),
            )
        )
    return found


def _data(facts: ProfileFacts, owed: Owed, fees: Sequence[Fee], library: Library | None) -> dict[str, Any]:
    return {
        "library": library.name if library else "",
        "library_code": library.code if library else "",
        "profile": facts.name,
        "fees": fee_facts(fees),
        "total_minor": owed.total_minor,
        "notification_fee_minor": facts.fee_minor,
    }


def _fees(
    institution: Institution, facts: ProfileFacts, as_of: datetime, patron_ids: Collection[int]
) -> dict[Place, list[Fee]]:
    """What makes up the totals, oldest first: of each fee what remains less what is bound to it, if anything does."""
    rows = counted_fees(institution, facts, as_of).filter(among("patron_id", patron_ids))
    found: dict[Place, list[Fee]] = defaultdict(list)
    for fee in rows.select_related(*FEE_RELATED).order_by("created_at", "pk"):
        if fee.open_minor > 0:
            fee.remaining_minor = fee.open_minor  # as the letter shall tell it; the row is not written
            found[fee.patron_id, fee.owner_key].append(fee)
    return found
