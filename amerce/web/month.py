"""A month as a table of days, open and closed: the small picture of the calendar, with its words."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, timedelta

from babel import Locale
from babel.dates import format_skeleton, get_day_names

from amerce.circulation.models import CalendarException
from amerce.circulation.opening import Closure, Opening

_FIRST_YEAR, _LAST_YEAR = 1970, 2200


@dataclass(frozen=True)
class Day:
    """``reason`` is that of a closing, empty for a weekday on which the library never opens."""

    on: date
    is_open: bool
    is_today: bool
    in_month: bool
    reason: str


@dataclass(frozen=True)
class Month:
    """``before`` and ``after`` are the months beside it, as ``2026-03``."""

    title: str
    weekdays: tuple[tuple[str, str], ...]
    weeks: tuple[tuple[Day, ...], ...]
    before: str
    after: str


def month_of(first: date, opening: Opening, closures: list[CalendarException], *, today: date, locale: str) -> Month:
    """The month of ``first``, in whole weeks that begin as the locale's do."""
    begins = int(Locale.parse(locale).first_week_day)
    weeks = Calendar(begins).monthdatescalendar(first.year, first.month)
    short = get_day_names("abbreviated", context="stand-alone", locale=locale)
    long = get_day_names("wide", context="stand-alone", locale=locale)
    return Month(
        title=str(format_skeleton("yMMMM", first, locale=locale)),
        weekdays=tuple((str(short[day.weekday()]), str(long[day.weekday()])) for day in weeks[0]),
        weeks=tuple(
            tuple(
                Day(each, opening.is_open_on(each), each == today, each.month == first.month, _reason(each, closures))
                for each in week
            )
            for week in weeks
        ),
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{first + timedelta(days=31):%Y-%m}",
    )


def month_asked(typed: str, today: date) -> date:
    """The first day of a month written as ``2026-03``; of this month for anything else."""
    try:
        asked = date.fromisoformat(f"{typed}-01")
    except ValueError:
        asked = today
    return asked.replace(day=1) if _FIRST_YEAR <= asked.year <= _LAST_YEAR else today.replace(day=1)


def _reason(day: date, closures: list[CalendarException]) -> str:
    for each in closures:
        if Closure(each.first_on, each.last_on, each.removed_on).holds_on(day):
            return each.reason
    return ""
