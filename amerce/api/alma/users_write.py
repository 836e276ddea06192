"""Users written: added, replaced and deleted."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from amerce.api.alma.errors import AlmaError
from amerce.api.alma.interface import api
from amerce.api.alma.schemas import REFUSALS, User
from amerce.api.alma.user_input import read_user
from amerce.api.alma.users import whole_user
from amerce.api.alma.who import user_of
from amerce.api.call import Call, called
from amerce.api.examples import example
from amerce.circulation.delete_patron import PatronHeld, delete_patron
from amerce.patrons.errors import FieldMissing, IdTaken, RecordChanged
from amerce.patrons.models import Patron
from amerce.patrons.whole_record import WholeRecord, create_whole_record, replace_whole_record

_TAGS = ["Users"]
_TRIES = 5
"""How often what is sent is put over the record as it stands, while others change it."""
_EMAIL = {"email_address": "nora@example.org", "preferred": True, "email_type": [{"value": "work"}]}
_NEW = {
    "primary_id": "newcomer",
    "first_name": "Nora",
    "last_name": "Newcomer",
    "user_group": {"value": "22"},
    "contact_info": {"email": [_EMAIL]},
}
_OBJECT = {"type": "object"}


@api.post(
    "/users",
    response={200: User, **REFUSALS},
    tags=_TAGS,
    summary="Add a user",
    openapi_extra=example(_NEW, schema=_OBJECT),
)
@called("users:write")
def create_user(call: Call) -> HttpResponseBase:
    """What is sent and has no column here is kept and comes back."""
    record = _needed(read_user(call, call.body(), None))
    try:
        made = create_whole_record(actor=call.actor, at=call.at, record=record)
    except IdTaken:
        raise _taken(record) from None
    except FieldMissing as error:
        raise _missing(error.field) from None
    return _written(call, made.patron_id)


@api.put(
    "/users/{user_id}",
    response={200: User, **REFUSALS},
    tags=_TAGS,
    summary="Replace a user",
    openapi_extra=example({"job_description": "Geologist"}, schema=_OBJECT, user_id="jdoe"),
)
@called("users:write")
def replace_user(call: Call, user_id: str, user_id_type: str = "") -> HttpResponseBase:
    """Lists that are sent replace those there are; what is not sent stays."""
    for _ in range(_TRIES - 1):
        try:
            return _replaced(call, user_of(call, user_id, user_id_type))
        except RecordChanged:
            continue
    return _replaced(call, user_of(call, user_id, user_id_type))


def _replaced(call: Call, patron: Patron) -> HttpResponseBase:
    record = _needed(read_user(call, call.body(), patron))
    try:
        replace_whole_record(actor=call.actor, at=call.at, patron_id=patron.pk, record=record, expected_seq=patron.seq)
    except IdTaken:
        raise _taken(record) from None
    except FieldMissing as error:
        raise _missing(error.field) from None
    return _written(call, patron.pk)


@api.delete(
    "/users/{user_id}",
    response={204: None, **REFUSALS},
    tags=_TAGS,
    summary="Delete a user",
    openapi_extra=example(user_id="jdoe"),
)
@called("users:write")
def delete_user(call: Call, user_id: str, user_id_type: str = "") -> HttpResponseBase:
    """Not while something is owed, out or waited for. What money hangs on stays, and says no more who it was."""
    patron = user_of(call, user_id, user_id_type)
    try:
        delete_patron(actor=call.actor, at=call.at, patron_id=patron.pk)
    except PatronHeld:
        message = f"Failed to delete user {user_id}: there are open fees, loans or requests."
        raise AlmaError("401850", message) from None
    return HttpResponse(status=204)


def _written(call: Call, patron_id: int) -> HttpResponseBase:
    mine = Patron.objects.filter(institution_id=call.institution.pk, pk=patron_id)
    return whole_user(call, mine.select_related("group").get())


def _needed(record: WholeRecord) -> WholeRecord:
    if not record.details.primary_id:
        raise _missing("primary_id")
    return record


def _missing(field: str) -> AlmaError:
    return AlmaError("401664", f"Mandatory field is missing: {field}.")


def _taken(record: WholeRecord) -> AlmaError:
    return AlmaError("401851", f"User with identifier {record.details.primary_id} already exists.")
