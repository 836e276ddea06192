"""When libraries are open."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from amerce.circulation.add_closure import BACK_DAYS, add_closure
from amerce.circulation.models import CalendarException, OpeningHours
from amerce.circulation.remove_closure import remove_closure
from amerce.circulation.set_opening_hours import set_opening_hours
from amerce.config_file.part import Act, TablePart, Values, id_of
from amerce.config_file.parts.codes import library_codes, library_ids
from amerce.config_file.scalars import Day, Span, Text
from amerce.config_file.shapes import Field, ListOf, MapOf, Maybe, Row, Table
from amerce.inputs.errors import Refused
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = MapOf(WEEKDAYS, ListOf(Span()))


class HoursStay(Refused):
    """Hours cannot be taken away; say new ones from a day on."""


class Hours(TablePart):
    name = "opening_hours"
    about = "When each library is open, and changes that are planned. A day that is left out is closed."
    shape = Table(
        ("library",),
        Row(
            {
                "library": Field(Text(60), "Code of the library."),
                "week": Field(Maybe(_WEEK), "From today on; null for always open."),
                "later": Field(
                    ListOf(Row({"from": Field(Day(), "The first day."), "week": Field(_WEEK, "From then on.")})),
                    "Weeks that follow.",
                    [],
                ),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        today = local_day(at, institution.zone)
        weeks: dict[int, dict[date, list[OpeningHours]]] = {}
        for row in OpeningHours.objects.filter(institution=institution).order_by("valid_from", "weekday", "opens"):
            weeks.setdefault(row.library_id, {}).setdefault(row.valid_from, []).append(row)
        libraries = sorted(library_codes(institution.pk).items(), key=lambda each: each[1])
        return [_values(code, weeks.get(pk, {}), today) for pk, code in libraries]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        library_id = id_of("library", library_ids(act.institution.pk), row["library"])
        assert library_id is not None
        stood = before or {"week": None, "later": []}
        gone = {each["from"] for each in stood["later"]} - {each["from"] for each in row["later"]}
        if gone or (row["week"] is None and stood["week"] is not None):
            raise HoursStay
        said = [] if row["week"] is None else [(local_day(act.at, act.institution.zone), row["week"], stood["week"])]
        planned = {each["from"]: each["week"] for each in stood["later"]}
        said += [(each["from"], each["week"], planned.get(each["from"])) for each in row["later"]]
        for valid_from, week, stands in said:
            if week != stands:
                spans = {WEEKDAYS.index(name): each for name, each in week.items()}
                set_opening_hours(actor=act.actor, at=act.at, library_id=library_id, valid_from=valid_from, week=spans)

    def remove(self, act: Act, row: Values) -> None:
        if row["week"] is not None:
            raise HoursStay


class Closings(TablePart):
    name = "closings"
    about = "Days on which a library, or every one, is closed whatever the weekday; those of the last year and to come."
    shape = Table(
        ("library", "first_on", "last_on", "reason"),
        Row(
            {
                "library": Field(Maybe(Text(60)), "Code of the library; null for every one."),
                "first_on": Field(Day(), "The first day."),
                "last_on": Field(Day(), "The last day."),
                "reason": Field(Text(), "Why."),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        libraries = library_codes(institution.pk)
        found = []
        for row in _known(institution, at):
            code = None if row.library_id is None else libraries[row.library_id]
            values = {"library": code, "first_on": row.first_on, "last_on": row.last_on, "reason": row.reason}
            if values not in found:  # the same closing entered twice closes once
                found.append(values)
        return found

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        library_id = id_of("library", library_ids(act.institution.pk), row["library"])
        days = {"first_on": row["first_on"], "last_on": row["last_on"]}
        add_closure(actor=act.actor, at=act.at, library_id=library_id, reason=row["reason"], **days)

    def remove(self, act: Act, row: Values) -> None:
        code = row["library"]
        same = _known(act.institution, act.at).filter(**{name: row[name] for name in ("first_on", "last_on", "reason")})
        for each in same.filter(library=None) if code is None else same.filter(library__code=code):
            remove_closure(actor=act.actor, at=act.at, closure_id=each.pk)


def _known(institution: Institution, at: datetime) -> Any:
    since = local_day(at, institution.zone) - timedelta(days=BACK_DAYS)
    closings = CalendarException.objects.filter(institution=institution, removed_on=None, first_on__gte=since)
    return closings.order_by("first_on", "last_on", "pk")


def _values(code: str, weeks: dict[date, list[OpeningHours]], today: date) -> Values:
    past = [day for day in weeks if day <= today]
    now = _week(weeks[max(past)]) if past else None
    later, stood = [], now
    for day in sorted(day for day in weeks if day > today):
        week = _week(weeks[day])
        if week != stood:  # a week like the one before it changes nothing
            later.append({"from": day, "week": week})
        stood = week
    return {"library": code, "week": now, "later": later}


def _week(rows: Iterable[OpeningHours]) -> dict[str, Any]:
    week: dict[str, Any] = {}
    for row in rows:
        week.setdefault(WEEKDAYS[row.weekday], []).append((row.opens, row.closes))
    return week
