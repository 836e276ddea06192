"""The plain kinds of cron lines, as the form of a schedule offers them: every hour, day, week or month."""

import re
from dataclasses import dataclass
from enum import StrEnum

LAST_DAY = 28
"""Every month has this day."""
_SUNDAY = 6
_NUMBER = r"\d{1,2}"


class Kind(StrEnum):
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    CRON = "cron"


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How often, in the parts that its kind has. ``weekdays`` count from Monday, 0."""

    kind: Kind
    minute: int = 0
    hour: int = 0
    day: int = 1
    weekdays: tuple[int, ...] = ()
    cron: str = ""

    @classmethod
    def of(cls, cron: str) -> "Rhythm":
        """What ``cron`` says; of the kind ``CRON`` if it is none of the plain ones."""
        minute, hour, day, month, weekdays = (cron.split() + [""] * 5)[:5]
        found = cls(kind=Kind.CRON, cron=cron)
        if not _is_number(minute, 59) or month != "*":
            return found
        if (hour, day, weekdays) == ("*", "*", "*"):
            return cls(kind=Kind.HOURLY, minute=int(minute), cron=cron)
        if not _is_number(hour, 23):
            return found
        at = {"minute": int(minute), "hour": int(hour), "cron": cron}
        if (day, weekdays) == ("*", "*"):
            found = cls(kind=Kind.DAILY, **at)  # type: ignore[arg-type]
        elif day == "*" and re.fullmatch(r"[0-7](,[0-7])*", weekdays, re.ASCII):
            chosen = tuple(sorted({(int(each) + _SUNDAY) % 7 for each in weekdays.split(",")}))
            found = cls(kind=Kind.WEEKLY, weekdays=chosen, **at)  # type: ignore[arg-type]
        elif weekdays == "*" and _is_number(day, LAST_DAY) and int(day):
            found = cls(kind=Kind.MONTHLY, day=int(day), **at)  # type: ignore[arg-type]
        return found

    def as_cron(self) -> str:
        match self.kind:
            case Kind.HOURLY:
                return f"{self.minute} * * * *"
            case Kind.DAILY:
                return f"{self.minute} {self.hour} * * *"
            case Kind.WEEKLY:
                days = ",".join(str((each + 1) % 7) for each in self.weekdays)
                return f"{self.minute} {self.hour} * * {days}"
            case Kind.MONTHLY:
                return f"{self.minute} {self.hour} {self.day} * *"
        return self.cron


def _is_number(part: str, high: int) -> bool:
    return bool(re.fullmatch(_NUMBER, part, re.ASCII)) and int(part) <= high
