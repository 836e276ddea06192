"""Bursar profiles, their runs, and what came back (rows D1 to D7)."""

from amerce.bursar.models.payments import (
    BOOKED,
    IMPORTED,
    PROBLEMS,
    STANDS,
    TICKED_OFF,
    UNMATCHED,
    BursarImport,
    BursarPayment,
)
from amerce.bursar.models.profiles import BursarProfile
from amerce.bursar.models.runs import BursarLine, BursarRun
from amerce.bursar.models.ticks import BursarTick

__all__ = [
    "BOOKED",
    "IMPORTED",
    "PROBLEMS",
    "STANDS",
    "TICKED_OFF",
    "UNMATCHED",
    "BursarImport",
    "BursarLine",
    "BursarPayment",
    "BursarProfile",
    "BursarRun",
    "BursarTick",
]
