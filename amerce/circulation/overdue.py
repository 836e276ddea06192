"""What lateness costs: arithmetic on a policy, nothing else.

Why by calendar days: what is due at the end of a day is late by whole days, and a person can count them.
"""

from collections.abc import Collection
from datetime import date
from typing import Protocol


class Policy(Protocol):
    """The numbers of an overdue policy, in minor units and days."""

    @property
    def rate_minor(self) -> int: ...
    @property
    def grace_days(self) -> int: ...
    @property
    def maximum_minor(self) -> int: ...


def fine_minor(policy: Policy, due_on: date, as_of: date, frozen: Collection[date] = ()) -> int:
    """The whole fine by the end of ``as_of`` for what was due on ``due_on``, in minor units.

    Days count from the day after ``due_on`` to ``as_of`` inclusive, those of ``frozen`` left out. Within the grace
    nothing, past it the whole time, at most the policy's maximum (``docs/reference/rules.md``, "Growth with time").
    """
    late_days = (as_of - due_on).days - sum(due_on < day <= as_of for day in frozen)
    if late_days <= policy.grace_days:
        return 0
    return min(late_days * policy.rate_minor, policy.maximum_minor)
