"""Why a policy, a calendar or a setting is refused: one class per reason, with the data to say it."""

from datetime import date

from amerce.inputs.errors import Refused


class PolicyError(Refused):
    """A change of the configuration of circulation is refused."""


class ScopeTaken(PolicyError):
    """The terms ``name`` hold for the same group, item policy and library."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} holds for the same")
        self.name = name


class AmountNotTaken(PolicyError):
    """``field`` is below zero or above ``ceiling_minor``."""

    def __init__(self, field: str, ceiling_minor: int) -> None:
        super().__init__(f"{field} is not within 0 and {ceiling_minor}")
        self.field = field
        self.ceiling_minor = ceiling_minor


class NoticesOutOfOrder(PolicyError):
    """Overdue notice ``number`` does not come later than the one before it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"notice {number} is too early")
        self.number = number
        self.field = f"notice_{number}_days"


class LoansWithoutTerms(PolicyError):
    """``loans`` loans that are out would have no terms of use."""

    def __init__(self, loans: int) -> None:
        super().__init__(f"{loans} loans would have no terms")
        self.loans = loans


class DayTooEarly(PolicyError):
    """``field`` is before ``earliest``."""

    def __init__(self, field: str, earliest: date) -> None:
        super().__init__(f"{field} is before {earliest}")
        self.field = field
        self.earliest = earliest


class DayTooLate(PolicyError):
    """``field`` is after ``latest``."""

    def __init__(self, field: str, latest: date) -> None:
        super().__init__(f"{field} is after {latest}")
        self.field = field
        self.latest = latest


class HoursOverlap(PolicyError):
    """The opening hours of ``weekday`` (0 is Monday) end before they begin, or overlap."""

    def __init__(self, weekday: int) -> None:
        super().__init__(f"the hours of weekday {weekday} overlap")
        self.weekday = weekday
        self.field = f"day_{weekday}"


class NeverOpen(PolicyError):
    """A week without any opening hour: a closing is an exception of the calendar."""


class AlreadyRemoved(PolicyError):
    """The closing was removed before."""
