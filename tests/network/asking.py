"""Members of a network for tests: a server on this machine, and an institution in the same database."""

import json
from typing import Any

from amerce.network.members import MemberFacts, save_member
from amerce.network.settings import NetworkSaid, save_network_settings
from tests.access.changing import administrator
from tests.outbound.receiver import Answering, Receiver, says
from tests.world import NOON, Library

KEY = "l8xx-a-key-of-theirs"


def let(library: Library, *, shares: bool = False, asks: bool = False) -> None:
    save_network_settings(actor=administrator(library), at=NOON, settings=NetworkSaid(shares=shares, asks=asks))


def remote(library: Library, receiver: Receiver, name: str = "Alma", **facts: Any) -> int:
    """A member that is the server ``receiver``."""
    said = {"name": name, "kind": "remote", "base_url": f"http://127.0.0.1:{receiver.port}", **facts}
    return save_member(actor=administrator(library), at=NOON, facts=MemberFacts(**said), api_key=KEY)


def local(library: Library, other: Library, name: str = "Neighbour", **facts: Any) -> int:
    """A member that is the institution of ``other``."""
    said = {"name": name, "kind": "local", "institution_code": other.institution.code, **facts}
    return save_member(actor=administrator(library), at=NOON, facts=MemberFacts(**said))


FEE = {
    "id": "21819664910005164",
    "type": {"value": "OVERDUEFINE", "desc": "Overdue fine"},
    "status": {"value": "ACTIVE", "desc": "Active"},
    "user_primary_id": {"value": "jdoe", "link": "https://alma.example/almaws/v1/users/jdoe"},
    "balance": 5.0,
    "remaining_vat_amount": 0.0,
    "original_amount": 10.0,
    "original_vat_amount": 0.0,
    "creation_time": "2026-11-19T18:43:55.236Z",
    "status_time": "2026-11-19T18:43:55.236Z",
    "owner": {"value": "MAIN", "desc": "Main Library"},
    "title": "The leopard",
    "barcode": {"value": "39007054145727", "link": "https://alma.example/almaws/v1/items?item_barcode=39007054145727"},
    "link": "https://alma.example/almaws/v1/users/jdoe/fees/21819664910005164",
}
CREDIT = {**FEE, "type": {"value": "CREDIT", "desc": "Credit"}, "balance": -1.5, "title": None}
OWES = {"fee": [FEE, CREDIT], "total_record_count": 2, "total_sum": 3.5, "currency": "CAD"}
NOTHING = {"total_record_count": 0, "total_sum": 0.0, "currency": "USD"}


def in_alma(said: Any, status: int = 200) -> Answering:
    """Answer as Alma does."""
    return says(status, json.dumps(said).encode(), Content_Type="application/json;charset=UTF-8")


def alma_error(code: str, status: int = 400) -> Answering:
    error = {"errorCode": code, "errorMessage": "No.", "trackingId": "E01-2211101530-ABCDE-AWAE123456789"}
    return in_alma({"errorsExist": True, "errorList": {"error": [error]}, "result": None}, status)
