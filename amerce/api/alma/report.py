"""The report of payments and waivers (``fee-transactions``): at most seven days, paged by fees."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http.response import HttpResponseBase

from amerce.api.alma.answers import answer
from amerce.api.alma.errors import AlmaError, other_library
from amerce.api.alma.fee_object import fee_object
from amerce.api.alma.interface import api
from amerce.api.alma.labels import money_labels
from amerce.api.alma.schemas import REFUSALS, Fees
from amerce.api.call import Call, called
from amerce.api.paging import MOST, Limit, Offset
from amerce.charges.queries import fees_with_transactions
from amerce.institutions.days import begin_of_day, local_day
from amerce.institutions.queries import desks, libraries

_DAYS = 7
_KINDS = {"BOTH": ("PAYMENT", "WAIVE"), "PAYMENT": ("PAYMENT",), "WAIVE": ("WAIVE",)}


@api.get(
    "/conf/utilities/fee-transactions",
    response={200: Fees, **REFUSALS},
    tags=["Fines and fees"],
    summary="Report payments and waivers",
)
@called("reports:read")
def report(
    call: Call,
    *,
    limit: Limit = 10,
    offset: Offset = 0,
    transaction_from_date: str = "",
    transaction_to_date: str = "",
    transaction_type: str = "BOTH",
    owner: str = "",
    received_by_circ_library: str = "",
    received_by_circ_desk: str = "",
) -> HttpResponseBase:
    """The fees of which something was paid or waived on these days, each with those transactions alone."""
    first, last = _days(call, transaction_from_date, transaction_to_date)
    kinds = _KINDS.get(transaction_type.strip().upper().removesuffix("D") or "BOTH")
    if kinds is None:
        raise AlmaError("40166419", "An error has occurred in setting transaction type.")
    zone = call.institution.zone
    since, until = begin_of_day(first, zone), begin_of_day(last + timedelta(days=1), zone)
    where = _received(call, received_by_circ_library.strip(), received_by_circ_desk.strip())
    fees, transactions, count = fees_with_transactions(
        call.actor,
        since=since,
        until=until,
        kinds=kinds,
        owned=_owned(call, owner.strip()),
        where=where,
        offset=offset,
        limit=min(limit, MOST),
    )
    labels = money_labels(call.institution.pk) if fees else {}
    listed = [fee_object(call, each.patron, each, transactions[each.pk], labels) for each in fees]
    tree: dict[str, Any] = {"fee": listed} if listed else {}
    return answer(call, "fees", {**tree, "total_record_count": count})


def _days(call: Call, first: str, last: str) -> tuple[date, date]:
    try:
        begins = _day(first) or local_day(call.at, call.institution.zone)
        ends = _day(last) or begins
    except ValueError:
        raise _wrong_days() from None
    if not timedelta(0) <= ends - begins < timedelta(days=_DAYS + 1) or ends.year > 9000:  # noqa: PLR2004
        raise _wrong_days()
    return begins, ends


def _day(text: str) -> date | None:
    text = text.strip().removesuffix("Z")
    return date.fromisoformat(text) if text and text.casefold() != "today" else None


def _wrong_days() -> AlmaError:
    return AlmaError("40166411", "An error has occurred in setting from and/or to dates.")


def _owned(call: Call, code: str) -> Q:
    if not code:
        return Q()
    library = next((each for each in libraries(call.institution.pk) if each.code == code), None)
    if library is None and code != call.institution.code:
        raise AlmaError("401666", f"The owner {code} was not found.")
    if call.actor.bound_to_library_id not in (None, library and library.pk):
        raise other_library()
    return Q(owner=library)


def _received(call: Call, library_code: str, desk_code: str) -> Q:
    wrong = AlmaError("40166410", "An error has occurred in setting circ library or circ desk.")
    if not library_code:
        if desk_code:
            raise wrong
        return Q()
    library = next((each for each in libraries(call.institution.pk) if each.code == library_code), None)
    if library is None:
        raise wrong
    if not desk_code:
        return Q(library=library)
    desk = next((each for each in desks(call.institution.pk).filter(library=library) if each.code == desk_code), None)
    if desk is None:
        raise wrong
    return Q(desk=desk)
