"""What our own interface answers, and how it reads an id."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse

from amerce.api.call import Call
from amerce.api.json_form import to_json
from amerce.api.v1.problems import Problem
from amerce.charges.outcome import Outcome
from amerce.money.format import format_plain
from amerce.patrons.models import Patron
from amerce.patrons.queries import PatronNotFound, find_by_identifier

JSON = "application/json"
_ID_DIGITS = 18


def answer(tree: Any, *, status: int = 200, is_replay: bool = False) -> HttpResponse:
    response = HttpResponse(to_json(tree), content_type=JSON, status=status)
    if is_replay:
        response["Amerce-Replayed"] = "true"
    return response


def outcome(call: Call, done: Outcome) -> HttpResponse:
    """What a command on fees did, and how the account stands since."""
    tree = {
        "receipt": text_of(done.payment_id),
        "lines": [
            {
                "kind": each.kind,
                "fee": str(each.fee_id),
                "amount": money(call, each.amount_minor),
                "before": money(call, each.before_minor),
                "after": money(call, each.after_minor),
                "status": each.status,
            }
            for each in done.lines
        ],
        "active": money(call, done.balance_minor),
        "disputed": money(call, done.disputed_minor),
        "transferred": money(call, done.transferred_minor),
        "seq": done.seq,
    }
    return answer(tree, is_replay=done.replayed)


def money(call: Call, minor: int) -> str:
    """A decimal with all places of the currency: ``23.50``."""
    return format_plain(minor, call.institution.currency)


def moment(at: datetime | None) -> str | None:
    """In UTC to the microsecond; None for what has not happened."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def text_of(number: int | None) -> str | None:
    return None if number is None else str(number)


def id_of(text: str) -> int:
    """The id that ``text`` is; 0, which no row has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS else 0


def mark_of(after: str, name: str = "after") -> int:
    """Where a list goes on, 0 for its beginning. Raises ``Problem``: from a mark that is none it would begin anew."""
    if after and not id_of(after) and after != "0":
        raise Problem(422, "malformed", f"These cannot be taken as they are: {name}.")
    return id_of(after)


def older_than(newest_first: Any, before: str) -> Any:
    """The rows after the one that ``before`` names; all of them where it is empty. Raises ``Problem``."""
    return newest_first.filter(pk__lt=mark_of(before, "before")) if before else newest_first


def page_of(name: str, rows: Any, limit: int, tree_of: Callable[[Any], Any], key: str = "pk") -> HttpResponse:
    """The first ``limit`` of ``rows`` and, while there are more, what to ask for the next."""
    part = list(rows[: limit + 1])
    following = str(getattr(part[limit - 1], key)) if len(part) > limit else None
    return answer({name: [tree_of(each) for each in part[:limit]], "next": following})


def patron_of(call: Call, patron: str) -> Patron:
    """By any identifier. Raises ``PatronNotFound`` for nobody or several."""
    found = find_by_identifier(call.actor, patron)
    if len(found) != 1:
        raise PatronNotFound(patron)
    return found[0]
