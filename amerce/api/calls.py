"""Both interfaces with all their calls: each of these modules hangs its own on one of them."""

from amerce.api.alma import charge_fee, code_tables, conf, fees, libraries, loans, one_fee, report, users, users_write
from amerce.api.alma import interface as alma
from amerce.api.v1 import accounts, bulk, bursar, feed, reports, runs
from amerce.api.v1 import interface as own

__all__ = [
    "accounts", "alma", "bulk", "bursar", "charge_fee", "code_tables", "conf", "feed", "fees", "libraries", "loans",
    "one_fee", "own", "report", "reports", "runs", "users", "users_write",
]  # fmt: skip
