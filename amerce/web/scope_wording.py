"""What each scope of an API key is called and what it lets a program do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "users:read": _("Find users and read their records."),
    "users:write": _("Add, change and delete users, with their blocks."),
    "fees:read": _("Read fines and fees and their transactions."),
    "fees:create": _("Charge fines and fees and give credits."),
    "fees:pay": _("Record payments."),
    "fees:waive": _("Waive."),
    "fees:dispute": _("Dispute and restore."),
    "fees:correct": _("Correct what was posted, and refund."),
    "loans:read": _("Read loans and requests."),
    "conf:read": _("Read libraries, desks and code tables."),
    "reports:read": _("Read and download reports of payments, waivers and all other transactions."),
    "events:read": _("Follow the event feed."),
    "jobs:read": _("See jobs and their runs."),
    "jobs:run": _("Start jobs."),
    "bulk:waive": _("Preview, start and undo bulk waiving."),
    "bursar:read": _("See exports to the bursar."),
    "bursar:run": _("Export to the bursar, fetch, acknowledge and undo."),
}
"""Scope to its sentence."""
