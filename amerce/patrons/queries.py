"""Finding patrons (rows A2, F3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from amerce.access.actors import Actor
from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.patrons.folding import fold_id, name_tokens
from amerce.patrons.models import Contact, NameToken, Note, Patron, PatronBlock, PatronIdentifier, Proxy, UserGroup
from amerce.sql import Select

SUGGESTIONS_LIMIT = 20
WORDS_LIMIT = 10
"""No name has more words; each is a subquery, and SQLite refuses a thousand of them."""


_NO_ID = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL has no text with a NUL, and nobody one with half a character; a broken scanner sends them."""


class PatronNotFound(LookupError):
    """No patron of this institution has that id."""


def get_patron(actor: Actor, patron_id: int) -> Patron:
    """The patron, with the group and how many identifiers, contacts, proxies and blocks there are.

    Raises ``PatronNotFound``, ``NotAllowed``.
    """
    require(actor, Privilege.PATRON_VIEW)
    patron = (
        _of(actor)  # type: ignore[no-redef]
        .filter(pk=patron_id)
        .annotate(
            identifiers_held=_count(PatronIdentifier),
            contacts_held=_count(Contact),
            proxies_held=_count(Proxy) + _count(Proxy, "proxy_id"),
            blocks_held=_count(PatronBlock, lifted_at=None),
        )
        .first()
    )
    if patron is None:
        raise PatronNotFound(patron_id)
    return patron


def find_by_identifier(actor: Actor, typed: str) -> list[Patron]:
    """Those whose primary id, else any identifier, is ``typed`` in any case.

    One is the rule; several only when two types of identifier hold the same value.
    """
    require(actor, Privilege.PATRON_VIEW)
    folded = fold_id(typed)
    if not folded or _NO_ID.search(folded):
        return []
    primary = _PRIMARY.first(actor.institution_id, folded)
    if primary:
        return [primary]
    holders = PatronIdentifier.objects.filter(institution_id=actor.institution_id, folded=folded)
    return list(_of(actor).filter(pk__in=holders.values("patron_id"))[:SUGGESTIONS_LIMIT])


def find_by_identifier_of_type(actor: Actor, typed: str, id_type: str) -> list[Patron]:
    """The patron whose identifier of that type is ``typed`` in any case, if there is one."""
    require(actor, Privilege.PATRON_VIEW)
    folded = fold_id(typed)
    if not folded or _NO_ID.search(folded + id_type):
        return []
    holders = PatronIdentifier.objects.filter(institution_id=actor.institution_id, type=id_type, folded=folded)
    return list(_of(actor).filter(pk__in=holders.values("patron_id")))


def find_by_name(actor: Actor, typed: str) -> list[Patron]:
    """Those in whose name every typed word begins a word, at most ``SUGGESTIONS_LIMIT``, by name.

    Nobody without the clearance for names finds anybody this way, and is not told whether there was one.
    """
    words = name_tokens(typed)
    if not 0 < len(words) <= WORDS_LIMIT or not can(actor, Privilege.PATRON_FIND_BY_NAME):
        return []
    found = _of(actor)
    for word in words:
        tokens = NameToken.objects.filter(institution_id=actor.institution_id, token__startswith=word)
        found = found.filter(pk__in=tokens.values("patron_id"))
    return list(found.order_by("last_name", "first_name", "primary_id")[:SUGGESTIONS_LIMIT])


@dataclass(frozen=True)
class Sought:
    """What a program looks for: ``text`` in ``field``, which is all, name, primary_id, identifiers, email, user_group
    or source_id."""

    field: str
    text: str


def search(actor: Actor, sought: Iterable[Sought]) -> QuerySet[Patron]:
    """Those who fit everything that is sought, by name. Raises ``NotAllowed`` without the clearance for names."""
    found = everybody(actor)
    for each in sought:
        found = found.filter(_fits(actor, each)) if not _NO_ID.search(each.text) else found.none()
    return found.order_by("last_name", "first_name", "primary_folded", "pk")


def _fits(actor: Actor, sought: Sought) -> Q:
    folded, mine = fold_id(sought.text), Q(institution_id=actor.institution_id)
    holders = PatronIdentifier.objects.filter(mine, folded__startswith=folded)
    reached = Contact.objects.filter(mine, kind=Contact.Kind.EMAIL, text__icontains=sought.text.strip())
    named = _named(mine, sought.text)
    held = Q(pk__in=holders.values("patron_id")) | Q(primary_folded=folded)
    by_email = Q(pk__in=reached.values("patron_id"))
    return {
        "all": named | held | by_email,
        "name": named,
        "primary_id": Q(primary_folded__startswith=folded),
        "identifiers": held,
        "email": by_email,
        "user_group": Q(group__code=sought.text.strip()),
        "source_id": Q(source_id=sought.text.strip()),
    }[sought.field]


def _named(mine: Q, text: str) -> Q:
    """In whose name every word of ``text`` begins a word; nobody where there is none."""
    words = sorted(name_tokens(text))[:WORDS_LIMIT]
    named = Q() if words else Q(pk__in=())
    for word in words:
        named &= Q(pk__in=NameToken.objects.filter(mine, token__startswith=word).values("patron_id"))
    return named


def everybody(actor: Actor) -> QuerySet[Patron]:
    """All patrons with their groups, by name. Raises ``NotAllowed`` without the clearance for names."""
    require(actor, Privilege.PATRON_FIND_BY_NAME)
    return _of(actor).order_by("last_name", "first_name", "pk")


def identifiers_of(actor: Actor, patron_id: int) -> QuerySet[PatronIdentifier]:
    """By type, as they were added."""
    require(actor, Privilege.PATRON_VIEW)
    rows = PatronIdentifier.objects.filter(institution_id=actor.institution_id, patron_id=patron_id)
    return rows.order_by("type", "pk")


def contacts_of(actor: Actor, patron_id: int) -> QuerySet[Contact]:
    """The preferred of each kind first."""
    require(actor, Privilege.PATRON_VIEW)
    rows = Contact.objects.filter(institution_id=actor.institution_id, patron_id=patron_id)
    return rows.order_by("kind", "-is_preferred", "pk")


def preferred_contacts(institution_id: int, patron_ids: Iterable[int], kind: Contact.Kind) -> dict[int, Contact]:
    """Patron id to where letters go (``ADDRESS``), e-mail (``EMAIL``) or calls (``PHONE``); nobody without one."""
    rows = Contact.objects.filter(institution_id=institution_id, patron__in=patron_ids, kind=kind, is_preferred=True)
    return {each.patron_id: each for each in rows}


def note_texts(actor: Actor, patron_id: int, note_ids: Iterable[int]) -> dict[int, str]:
    """Note id to what was written with a charge or a decision about the patron; an erased one is empty."""
    require(actor, Privilege.PATRON_VIEW)
    notes = Note.objects.filter(institution_id=actor.institution_id, patron_id=patron_id, pk__in=note_ids)
    return dict(notes.values_list("pk", "text"))


def names_of(actor: Actor, patron_ids: Iterable[int]) -> dict[int, str]:
    """Patron id to the name as lists show it."""
    require(actor, Privilege.PATRON_VIEW)
    rows = Patron.objects.filter(institution_id=actor.institution_id, pk__in=patron_ids)
    return {each.pk: each.display_name for each in rows}


def proxies_about(actor: Actor, patron_id: int) -> list[Proxy]:
    """Who may borrow for the patron and for whom the patron may borrow, in one query."""
    require(actor, Privilege.PATRON_VIEW)
    rows = Proxy.objects.filter(Q(patron_id=patron_id) | Q(proxy_id=patron_id), institution_id=actor.institution_id)
    return list(rows.select_related("patron", "proxy").order_by("pk"))


def proxies_of(actor: Actor, patron_id: int) -> QuerySet[Proxy]:
    """Who may borrow for the patron, with their groups."""
    require(actor, Privilege.PATRON_VIEW)
    rows = Proxy.objects.filter(institution_id=actor.institution_id, patron_id=patron_id)
    return rows.select_related("proxy__group").order_by("pk")


def proxy_for(actor: Actor, patron_id: int) -> QuerySet[Proxy]:
    """For whom the patron may borrow, with their groups."""
    require(actor, Privilege.PATRON_VIEW)
    rows = Proxy.objects.filter(institution_id=actor.institution_id, proxy_id=patron_id)
    return rows.select_related("patron__group").order_by("pk")


def user_groups(institution_id: int) -> QuerySet[UserGroup]:
    """Every group by code, also those out of use."""
    return UserGroup.objects.filter(institution_id=institution_id).order_by("code")


def _count(model: type[Model], column: str = "patron_id", **which: Any) -> Coalesce:
    rows = model._default_manager.filter(**which, **{column: OuterRef("pk")}).order_by().values(column)
    return Coalesce(Subquery(rows.annotate(held=Count("pk")).values("held")), Value(0))


_PRIMARY = Select(
    lambda institution_id, folded: Patron.objects.select_related("group").filter(
        institution_id=institution_id, primary_folded=folded
    )
)


def _of(actor: Actor) -> QuerySet[Patron]:
    return Patron.objects.filter(institution_id=actor.institution_id).select_related("group")
