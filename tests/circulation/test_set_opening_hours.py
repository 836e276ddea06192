from datetime import date, datetime, time, timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.models import OpeningHours
from amerce.circulation.opening import openings
from amerce.circulation.policy_errors import DayTooEarly, DayTooLate, HoursOverlap, NeverOpen
from amerce.circulation.set_opening_hours import set_opening_hours
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NumberOutOfRange
from tests.circulation.configuring import administrator, nothing_configured
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)  # a Monday
NINE, NOON_TIME, ONE, SIX, MIDNIGHT = time(9), time(12), time(13), time(18), time(0)


def set_hours(library: Library, week, valid_from: date = TODAY, library_id: int | None = None) -> None:  # type: ignore[no-untyped-def]
    set_opening_hours(
        actor=administrator(library),
        at=NOON,
        library_id=library_id or library.library.pk,
        valid_from=valid_from,
        week=week,
    )


def test_a_library_is_open_as_the_week_says_from_the_day_on(library):
    set_hours(library, {0: [(NINE, NOON_TIME), (ONE, SIX)], 5: [(NINE, MIDNIGHT)]})

    opening = openings(library.institution.pk, [library.library.pk])[library.library.pk]
    assert [opening.is_open_on(TODAY + timedelta(days=each)) for each in range(7)] == [
        True, False, False, False, False, True, False,
    ]  # fmt: skip
    assert opening.is_open_on(TODAY - timedelta(days=1)), "before the first hours it was always open"
    row = OpeningHours.objects.order_by("weekday", "opens").first()
    assert row is not None
    assert (row.updated_by, row.updated_at) == ("main-fulfillment_administrator", NOON)


def test_hours_for_the_same_day_take_the_place_of_those_before_and_others_stay(library):
    later = TODAY + timedelta(days=30)
    set_hours(library, {0: [(NINE, SIX)]})
    set_hours(library, {1: [(NINE, SIX)]}, later)
    set_hours(library, {2: [(NINE, SIX)]})

    rows = OpeningHours.objects.order_by("valid_from").values_list("valid_from", "weekday")
    assert list(rows) == [(TODAY, 2), (later, 1)]
    event = Event.objects.filter(name="calendar.changed").latest("pk")
    assert event.data == {
        "library": library.library.pk,
        "valid_from": "2026-03-02",
        "before": [[0, "09:00", "18:00"]],
        "after": [[2, "09:00", "18:00"]],
    }


def test_the_same_hours_again_write_nothing(library):
    set_hours(library, {0: [(NINE, SIX)]})

    with nothing_configured():
        set_hours(library, {0: [(NINE, SIX)]})


def test_today_is_that_of_the_institutions_zone():
    library = Library.new("EAST", time_zone="Pacific/Auckland")  # where it is the 3rd already
    actor = administrator(library)

    with nothing_configured(), pytest.raises(DayTooEarly) as refused:
        set_opening_hours(
            actor=actor, at=NOON, library_id=library.library.pk, valid_from=TODAY, week={0: [(NINE, SIX)]}
        )

    assert refused.value.earliest == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("week", "valid_from", "error"),
    [
        ({0: [(NINE, SIX)]}, TODAY - timedelta(days=1), DayTooEarly),
        ({0: [(NINE, SIX)]}, TODAY + timedelta(days=731), DayTooLate),
        ({}, TODAY, NeverOpen),
        ({0: []}, TODAY, NeverOpen),
        ({0: [(SIX, NINE)]}, TODAY, HoursOverlap),
        ({0: [(NINE, NINE)]}, TODAY, HoursOverlap),
        ({0: [(NINE, ONE), (NOON_TIME, SIX)]}, TODAY, HoursOverlap),
        ({0: [(NINE, MIDNIGHT), (ONE, SIX)]}, TODAY, HoursOverlap),
        ({7: [(NINE, SIX)]}, TODAY, NumberOutOfRange),
        ({0: [(time(each), time(each, 30)) for each in range(9, 14)]}, TODAY, NumberOutOfRange),
    ],
)
def test_hours_that_cannot_be_are_refused_and_nothing_is_written(library, week, valid_from, error):
    actor = administrator(library)

    with nothing_configured(), pytest.raises(error):
        set_opening_hours(actor=actor, at=NOON, library_id=library.library.pk, valid_from=valid_from, week=week)


def test_a_library_of_another_institution_is_refused(library, other_library):
    administrator(library)

    with nothing_configured(), pytest.raises(ChoiceUnknown):
        set_hours(library, {0: [(NINE, SIX)]}, library_id=other_library.library.pk)


def test_who_may_not_configure_is_refused(library):
    actor = library.manager

    with nothing_configured(), pytest.raises(NotAllowed):
        set_opening_hours(
            actor=actor, at=NOON, library_id=library.library.pk, valid_from=TODAY, week={0: [(NINE, SIX)]}
        )


def test_around_the_clock_is_from_midnight_to_midnight(library):
    set_hours(library, {each: [(MIDNIGHT, MIDNIGHT)] for each in range(7)})

    opening = openings(library.institution.pk, [library.library.pk])[library.library.pk]
    begin = datetime(2026, 3, 2)  # noqa: DTZ001 wall-clock time
    assert list(opening.closed_time(begin, begin + timedelta(days=9))) == []
