"""What a worker does beside the slices of runs: small pieces of work that wait in tables of their own.

Why not a job: an event to be delivered or a letter to be sent must not queue behind a run of its kind, and nobody asks
for it. Why through a setting: errands live in other packages, and only ``config`` knows them all.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Errand(Protocol):
    """Does one bounded piece of what is due by ``now``, a second or two at most. Says whether there was something."""

    def __call__(self, *, now: datetime) -> bool: ...


def errands() -> Sequence[Errand]:
    """Those of ``settings.AMERCE_ERRANDS``, in its order."""
    found: Sequence[Errand] = import_string(settings.AMERCE_ERRANDS)
    return found
