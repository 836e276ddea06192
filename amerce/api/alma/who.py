"""The user whom a path names: by any identifier, or by one of the type that is asked for."""

from amerce.api.alma.errors import AlmaError, no_user
from amerce.api.call import Call
from amerce.patrons.models import Patron
from amerce.patrons.queries import find_by_identifier, find_by_identifier_of_type

NOT_THERE = "401651"
"""The code that calls on fees have for a user who is not here."""
_ANY = frozenset({"", "all_unique", "all_unigue"})
_PRIMARY = frozenset({"primary_id", "primaryidentifier", "primary_identifier", "01"})


def user_of(call: Call, user_id: str, user_id_type: str = "", *, code: str = "401861") -> Patron:
    """Raises ``AlmaError``: ``code`` for nobody or several, 401890 for nobody with an identifier of that type."""
    wanted = user_id_type.strip()
    if wanted.casefold() in _ANY:
        found = find_by_identifier(call.actor, user_id)
    elif wanted.casefold() in _PRIMARY:
        found = [each for each in find_by_identifier(call.actor, user_id) if _is_primary(each, user_id)]
    else:
        found = find_by_identifier_of_type(call.actor, user_id, wanted)
        if not found:
            raise AlmaError("401890", f"User with identifier {user_id} of type {wanted} was not found.")
    if len(found) != 1:
        raise no_user(user_id, code)
    return found[0]


def _is_primary(patron: Patron, user_id: str) -> bool:
    return patron.primary_id.casefold() == user_id.strip().casefold()
