"""Bursar profiles, their runs, and what came back (rows D1 to D7)."""

from amerce.bursar.models.payments import BOOKED, PROBLEMS, STANDS, UNMATCHED, BursarImport, BursarPayment
from amerce.bursar.models.profiles import BursarProfile
from amerce.bursar.models.runs import BursarLine, BursarRun

__all__ = [
    "BOOKED",
    "PROBLEMS",
    "STANDS",
    "UNMATCHED",
    "BursarImport",
    "BursarLine",
    "BursarPayment",
    "BursarProfile",
    "BursarRun",
]
