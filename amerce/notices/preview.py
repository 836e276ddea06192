"""What a profile, or the whole next run, would do: who gets what, by library and channel, and nothing is sent (row H3).

Why sums by a statement of its own: a page answers within a second however many patrons owe something.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution, Library
from amerce.letters.house import has_gateway
from amerce.letters.recipients import Recipient, recipients
from amerce.notices.profiles import INSTITUTION, ProfileFacts
from amerce.notices.reach import channels
from amerce.notices.save_profile import check_criteria
from amerce.notices.selection import BEGIN, Owed, messages, next_messages

PIECE = 1000
"""How many messages are read at once when all are listed."""


@dataclass(frozen=True)
class Estimate:
    """How many patrons would be notified by how many messages, and what these would tell them to owe in all."""

    patrons: int
    messages: int
    total_minor: int


@dataclass(frozen=True)
class Share:
    """The part of a preview that is of one owner: ``library`` is None for the institution."""

    library: Library | None
    messages: int = 0
    total_minor: int = 0
    by_email: int = 0
    by_sms: int = 0
    printed: int = 0
    unreached: int = 0


@dataclass(frozen=True)
class Preview:
    """What the messages of a profile would be. ``fee_total_minor`` is what they would charge by themselves."""

    patrons: int
    shares: list[Share]
    fee_total_minor: int

    @property
    def all(self) -> Share:
        """The sums of all shares."""
        names = [name for name in Share.__dataclass_fields__ if name != "library"]
        return Share(None, **{name: sum(getattr(each, name) for each in self.shares) for name in names})


@dataclass(frozen=True)
class Message:
    """One message that would be written: to whom, for which owner (None: the institution), by which channels."""

    owed: Owed
    recipient: Recipient
    library: Library | None
    channels: tuple[str, ...]

    @property
    def is_reached(self) -> bool:
        return self.channels != ("email",) or "email" in self.recipient.addresses


def estimate(actor: Actor, at: datetime, institution: Institution, facts: ProfileFacts) -> Estimate:
    """The three figures of a profile that says ``facts``, saved or not. One query. Raises as ``check_criteria``."""
    require(actor, Privilege.CHARGES_CONFIGURE)
    check_criteria(institution, facts)
    sums = messages(institution, facts, at).aggregate(
        patrons=Count("patron_id", distinct=True), messages=Count("patron_id"), total=Sum("total_minor")
    )
    return Estimate(sums["patrons"], sums["messages"], sums["total"] or 0)


def preview(actor: Actor, at: datetime, institution: Institution, facts: ProfileFacts) -> Preview:
    """What a run at ``at`` would do by ``facts``. Three queries."""
    require(actor, Privilege.CHARGES_CONFIGURE)
    libraries = {each.pk: each for each in Library.objects.filter(institution=institution)}
    shares: dict[int, Share] = {}
    patrons, gateway = 0, has_gateway(institution.pk)
    for owner, has_email, has_sms, first, count, total_minor in _sums(institution, facts, at):
        by = channels(facts, has_email=bool(has_email), has_sms=bool(has_sms), has_gateway=gateway)
        patrons += first
        share = shares.get(owner, Share(libraries.get(owner)))
        shares[owner] = replace(
            share,
            messages=share.messages + count,
            total_minor=share.total_minor + total_minor,
            by_email=share.by_email + count * ("email" in by and bool(has_email)),
            by_sms=share.by_sms + count * ("sms" in by),
            printed=share.printed + count * ("print" in by),
            unreached=share.unreached + count * (by == ("email",) and not has_email),
        )
    by_name = sorted(shares, key=lambda owner: (owner == INSTITUTION, _name(shares[owner])))
    count = sum(each.messages for each in shares.values())
    return Preview(patrons, [shares[owner] for owner in by_name], count * (facts.fee_minor or 0))


def listed(actor: Actor, at: datetime, institution: Institution, facts: ProfileFacts) -> Iterator[Message]:
    """Every message by patron, read piece by piece, so that a long list needs no more memory than a short one."""
    require(actor, Privilege.CHARGES_CONFIGURE)
    require(actor, Privilege.PATRON_VIEW)
    libraries = {each.pk: each for each in Library.objects.filter(institution=institution)}
    after = BEGIN
    while found := next_messages(institution, facts, at, after=after, limit=PIECE):
        yield from _told(institution, facts, at, found, libraries)
        after = (found[-1].patron_id, found[-1].owner)


def sample(actor: Actor, at: datetime, institution: Institution, facts: ProfileFacts, limit: int) -> list[Message]:
    """The messages that tell of the most, at most ``limit``."""
    require(actor, Privilege.CHARGES_CONFIGURE)
    require(actor, Privilege.PATRON_VIEW)
    rows = messages(institution, facts, at).order_by("-total_minor", "patron_id", "owner_key")[:limit]
    found = [Owed(each["patron_id"], each["owner_key"], each["fees"], each["total_minor"]) for each in rows]
    libraries = {each.pk: each for each in Library.objects.filter(institution=institution)}
    return list(_told(institution, facts, at, found, libraries))


def _told(
    institution: Institution, facts: ProfileFacts, at: datetime, found: list[Owed], libraries: dict[int, Library]
) -> Iterator[Message]:
    known = recipients(institution.pk, {each.patron_id for each in found}, local_day(at, institution.zone))
    gateway = has_gateway(institution.pk)
    for each in found:
        recipient = known[each.patron_id]
        has_email, has_sms = ("email" in recipient.addresses, "sms" in recipient.addresses)
        by = channels(facts, has_email=has_email, has_sms=has_sms, has_gateway=gateway)
        yield Message(each, recipient, libraries.get(each.owner), by)


def _name(share: Share) -> str:
    return share.library.name if share.library else ""


def _sums(institution: Institution, facts: ProfileFacts, at: datetime) -> list[tuple[Any, ...]]:
    """Messages and their total by owner and by how patrons are reached, with how many patrons come for the first time.

    Written by hand around the statement of ``messages``: it groups what is grouped already.
    """
    said, values = messages(institution, facts, at).order_by().query.sql_with_params()
    day = local_day(at, institution.zone).isoformat()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT owner_key, has_email, has_sms, SUM(CASE WHEN nth = 1 THEN 1 ELSE 0 END), COUNT(*), SUM(total_minor)
            FROM (
                SELECT found.owner_key, found.total_minor,
                    ROW_NUMBER() OVER (PARTITION BY found.patron_id ORDER BY found.owner_key) AS nth,
                    EXISTS ({_CONTACT} AND kind = 'email' AND contact.text LIKE %s) AS has_email,
                    EXISTS ({_CONTACT} AND kind = 'phone' AND contact.is_preferred_sms) AS has_sms
                FROM ({said}) AS found
            ) AS reached
            GROUP BY owner_key, has_email, has_sms
            """,  # noqa: S608 - our own statements and places for values
            [day, day, "%_@_%", day, day, *values],
        )
        return [(*row[:3], *map(int, row[3:])) for row in cursor.fetchall()]


_CONTACT = """
    SELECT 1 FROM patrons_contact AS contact WHERE contact.patron_id = found.patron_id
    AND (contact.starts_on IS NULL OR contact.starts_on <= %s) AND (contact.ends_on IS NULL OR contact.ends_on >= %s)
"""
