"""Why a notification profile refuses: one class per reason. Words are made at the edge."""

from amerce.inputs.errors import Refused


class ProfileError(Refused):
    """A change of a notification profile is refused."""


class AmountNeeded(ProfileError):
    """``field`` is an amount that is needed and above zero."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is not above zero")
        self.field = field


class AmountAboveCeiling(ProfileError):
    """``field`` is above ``ceiling_minor``, the highest amount of the institution."""

    def __init__(self, field: str, ceiling_minor: int) -> None:
        super().__init__(f"{field} is above {ceiling_minor}")
        self.field = field
        self.ceiling_minor = ceiling_minor


class MaximumTooLow(ProfileError):
    """The maximum is not above the minimum, so that no total could match."""

    field = "maximum_minor"


class NoDayBetween(ProfileError):
    """No fee can be older than ``before_days`` and younger than what was given with it, which is to be ``least_days``
    at least."""

    field = "created_after_days"

    def __init__(self, before_days: int) -> None:
        super().__init__(f"no day lies between, with {before_days}")
        self.before_days = before_days
        self.least_days = before_days + 2


class PrinterNeeded(ProfileError):
    """Letters are printed, and the printer is not said."""

    field = "printer_id"
