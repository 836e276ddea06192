"""What a nightly batch does with almapiwrapper. It is told where by the address that its classes keep."""

import json
import os
import tempfile
from pathlib import Path

HERE = tempfile.TemporaryDirectory()
KEYS = Path(HERE.name) / "keys.json"
AREAS = [{"Area": area, "Permissions": "RW", "Env": "P"} for area in ("Users", "Conf")]
KEYS.write_text(json.dumps({"MAIN": [{"API_Key": os.environ["ALMA_KEY"], "Supported_APIs": AREAS}]}))
os.environ["alma_api_keys"] = str(KEYS)  # it looks for its keys there when it is imported

from almapiwrapper.config.library import fetch_libraries
from almapiwrapper.record import Record
from almapiwrapper.users import Fee, Loan, NewUser, User, fetch_users

BASE = os.environ["ALMA_URL"]
Record.api_base_url = BASE
User.api_base_url = f"{BASE}/users"
Fee.api_base_url_users = Loan.api_base_url_users = f"{BASE}/users"

charge = {"type": {"value": "OTHER"}, "original_amount": 12.4, "owner": {"value": "MAIN"}, "comment": "Batch"}
fee = Fee(primary_id="jdoe", zone="MAIN", data=charge, create_fee=True)
listed = User("jdoe", "MAIN").fees
disputed = fee.operate("dispute").data["status"]["value"]
restored = fee.operate("restore").data["status"]["value"]
waived = fee.operate("waive", amount=0.4).data["balance"]
paid = fee.operate("pay", external_transaction_id="B-1").data

made = NewUser(
    "MAIN",
    "P",
    {
        "primary_id": "batch1",
        "first_name": "Ada",
        "last_name": "Batch",
        "record_type": {"value": "PUBLIC"},
        "account_type": {"value": "EXTERNAL"},
        "user_group": {"value": "22"},
        "status": {"value": "ACTIVE"},
        "password": "",
        "user_note": [],
    },
).create("a long pass phrase")
noted = made.add_synchro_note()
has_note = User("batch1", "MAIN").check_synchro_note()
cleared = User("batch1", "MAIN").remove_synchro_note()
found = [each.primary_id for each in fetch_users("last_name~batch", "MAIN")]
loans, requests = made.loans, made.requests
made.delete()
gone = User("batch1", "MAIN")
nothing = gone.data

print(
    json.dumps(
        {
            "listed": [each.data["balance"] for each in listed or []],
            "verbs": [disputed, restored, waived],
            "paid": [paid["balance"], paid["status"]["value"], paid["transaction"][0]["payment_method"]["value"]],
            "errors": [fee.error, made.error, noted.error, cleared.error],
            "notes": [has_note, len(cleared.data["user_note"])],
            "found": found,
            "out": [loans, requests],
            "gone": [gone.error, nothing],
            "libraries": [each.code for each in fetch_libraries("MAIN")],
        }
    )
)
