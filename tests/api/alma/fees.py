"""Where the fees of the patron of the tests are, and one to be charged."""

from typing import Any

FEES = "/users/jdoe/fees"
NEW: dict[str, Any] = {"type": {"value": "SERVICEFEE"}, "original_amount": "5.00", "owner": {"value": "MAIN"}}
