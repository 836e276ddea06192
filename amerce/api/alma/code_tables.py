"""Code tables: what codes there are and what they are called."""

from django.http.response import HttpResponseBase

from amerce.api.alma.answers import answer
from amerce.api.alma.errors import AlmaError
from amerce.api.alma.interface import api
from amerce.api.alma.labels import FEE_STATUSES, TRANSACTION_TYPES
from amerce.api.alma.schemas import REFUSALS, CodeTable, CodeTables
from amerce.api.call import Call, called
from amerce.charges.models import FeeType
from amerce.institutions.models import CodeEntry
from amerce.patrons.queries import user_groups

_TAGS = ["Configuration"]
_OWN = {
    CodeEntry.Table.WAIVE_REASON: "Reasons for waiving fines and fees",
    CodeEntry.Table.PAYMENT_METHOD: "Payment methods",
    CodeEntry.Table.IDENTIFIER_TYPE: "Types of identifiers",
    CodeEntry.Table.EMAIL_TYPE: "Types of e-mail addresses",
    CodeEntry.Table.PHONE_TYPE: "Types of phone numbers",
    CodeEntry.Table.ADDRESS_TYPE: "Types of addresses",
    CodeEntry.Table.NOTE_TYPE: "Types of notes",
    CodeEntry.Table.LANGUAGE: "Languages",
    CodeEntry.Table.ITEM_POLICY: "Item policies",
}
_MADE = {
    "FineFeeTransactionType": "Types of fine and fee transactions",
    "HFrUserFinesFees.fineFeeStatus": "Statuses of fines and fees",
    "HFrUserFinesFees.fineFeeType": "Types of fines and fees",
    "UserGroups": "User groups",
}
_TABLES = {**{str(table.value): text for table, text in _OWN.items()}, **_MADE}
"""Every code table by its name, with what it is about."""

Row = tuple[str, str, bool]


@api.get("/conf/code-tables", response={200: CodeTables, **REFUSALS}, tags=_TAGS, summary="List the code tables")
@called("conf:read")
def list_code_tables(call: Call) -> HttpResponseBase:
    """Their names."""
    found = [{"value": name, "link": call.url(f"/almaws/v1/conf/code-tables/{name}")} for name in _TABLES]
    return answer(call, "code_tables", {"code_table": found})


@api.get(
    "/conf/code-tables/{code_table_name}",
    response={200: CodeTable, **REFUSALS},
    tags=_TAGS,
    summary="Read a code table",
)
@called("conf:read")
def read_code_table(call: Call, code_table_name: str, scope: str = "") -> HttpResponseBase:
    """Its codes with what they are called, and whether each can be chosen now. ``scope`` may say enabled only."""
    if code_table_name not in _TABLES:
        raise AlmaError("90101", f"The code table {code_table_name} does not exist.")
    rows = [
        {"code": code, "description": label, "default": False, "enabled": is_active}
        for code, label, is_active in _rows(call, code_table_name)
    ]
    tree = {
        "name": code_table_name,
        "description": _TABLES[code_table_name],
        "language": {"value": "en", "desc": "English"},
        "scope": {"institution_id": {"value": call.institution.code, "desc": call.institution.name}},
        "row": rows,
        "link": call.url(f"/almaws/v1/conf/code-tables/{code_table_name}"),
    }
    return answer(call, "code_table", tree)


def _rows(call: Call, name: str) -> list[Row]:
    institution_id = call.institution.pk
    if name == "UserGroups":
        return [(each.code, each.label, each.is_active) for each in user_groups(institution_id)]
    if name == "FineFeeTransactionType":
        return [(code, label, True) for code, label in TRANSACTION_TYPES.items()]
    if name == "HFrUserFinesFees.fineFeeStatus":
        return [(code, label, True) for code, label in FEE_STATUSES.items()]
    if name == "HFrUserFinesFees.fineFeeType":
        types = FeeType.objects.filter(institution_id=institution_id).order_by("position")
        return [(each.code, each.label, each.is_enabled) for each in types]
    entries = CodeEntry.objects.filter(institution_id=institution_id, table=name, removed_at=None)
    return [(each.code, each.label, each.is_active) for each in entries.order_by("position", "label")]
