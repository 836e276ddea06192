"""Finding patrons (rows A2, F3)."""

from django.db.models import QuerySet

from amerce.access.actors import Actor
from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.patrons.folding import fold_id, name_tokens
from amerce.patrons.models import NameToken, Patron, PatronIdentifier

SUGGESTIONS_LIMIT = 20
WORDS_LIMIT = 10
"""No name has more words; each is a subquery, and SQLite refuses a thousand of them."""


class PatronNotFound(LookupError):
    """No patron of this institution has that id."""


def get_patron(actor: Actor, patron_id: int) -> Patron:
    """The patron, with the group. Raises ``PatronNotFound``, ``NotAllowed``."""
    require(actor, Privilege.PATRON_VIEW)
    patron = _of(actor).filter(pk=patron_id).first()
    if patron is None:
        raise PatronNotFound(patron_id)
    return patron


def find_by_identifier(actor: Actor, typed: str) -> list[Patron]:
    """Those whose primary id, else any identifier, is ``typed`` in any case.

    One is the rule; several only when two types of identifier hold the same value.
    """
    require(actor, Privilege.PATRON_VIEW)
    folded = fold_id(typed)
    if not folded or "\0" in folded:  # PostgreSQL has no text with a NUL; a broken scanner sends one
        return []
    primary = _of(actor).filter(primary_folded=folded).first()
    if primary:
        return [primary]
    holders = PatronIdentifier.objects.filter(institution_id=actor.institution_id, folded=folded)
    return list(_of(actor).filter(pk__in=holders.values("patron_id"))[:SUGGESTIONS_LIMIT])


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


def _of(actor: Actor) -> QuerySet[Patron]:
    return Patron.objects.filter(institution_id=actor.institution_id).select_related("group")
