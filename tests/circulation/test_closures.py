"""Adding a closing and taking it out again; what follows for fines is in ``test_recalculate``."""

from datetime import date, timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.add_closure import ClosureAdded, add_closure
from amerce.circulation.models import CalendarException
from amerce.circulation.opening import openings
from amerce.circulation.policy_errors import AlreadyRemoved, DayTooEarly, DayTooLate
from amerce.circulation.remove_closure import remove_closure
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, RowNotFound, TextMalformed, TextTooLong
from amerce.jobs.models import JobRun
from tests.circulation.configuring import administrator, nothing_configured
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def close(library: Library, first: int, last: int, **said) -> ClosureAdded:  # type: ignore[no-untyped-def]
    plain = {"library_id": library.library.pk, "reason": "Water in the stacks"}
    return add_closure(
        actor=administrator(library), at=NOON, first_on=day(first), last_on=day(last), **{**plain, **said}
    )


def closed_days(library: Library) -> list[int]:
    opening = openings(library.institution.pk, [library.library.pk])[library.library.pk]
    return [each for each in range(-10, 11) if not opening.is_open_on(day(each))]


def test_a_holiday_to_come_closes_its_days_and_causes_no_run(library):
    added = close(library, 3, 5)

    assert (closed_days(library), added.run_id) == ([3, 4, 5], None)
    assert not JobRun.objects.exists()
    event = Event.objects.get(name="calendar.changed")
    assert event.data == {
        "closure": added.closure_id,
        "library": library.library.pk,
        "before": None,
        "after": {"first_on": "2026-03-05", "last_on": "2026-03-07", "removed_on": None},
    }


@pytest.mark.parametrize(("first", "last"), [(-3, -2), (-1, 4), (0, 0)])
def test_a_closing_that_has_begun_queues_the_run_that_lowers_its_fines(library, first, last):
    added = close(library, first, last)

    run = JobRun.objects.get()
    assert (run.pk, run.name, run.params) == (
        added.run_id, "recalculate-overdue-fines", {"closure": added.closure_id}
    )  # fmt: skip
    assert run.started_by == "main-fulfillment_administrator"


def test_a_closing_of_every_library_closes_each(library):
    close(library, 1, 1, library_id=None)

    assert closed_days(library) == [1]


def test_removing_keeps_past_days_closed_and_opens_the_others(library):
    added = close(library, -2, 2)

    remove_closure(actor=administrator(library), at=NOON, closure_id=added.closure_id)

    assert closed_days(library) == [-2, -1]
    row = CalendarException.objects.get()
    assert (row.removed_on, row.removed_by) == (TODAY, "main-fulfillment_administrator")
    event = Event.objects.filter(name="calendar.changed").latest("pk")
    assert (event.data["before"]["removed_on"], event.data["after"]["removed_on"]) == (None, "2026-03-02")
    assert JobRun.objects.count() == 1, "removing causes no run: no fee changes"


def test_removing_a_holiday_that_is_over_changes_no_day(library):
    added = close(library, -5, -4)

    remove_closure(actor=administrator(library), at=NOON, closure_id=added.closure_id)

    assert closed_days(library) == [-5, -4]


def test_removing_twice_is_refused(library):
    added, actor = close(library, 1, 1), administrator(library)
    remove_closure(actor=actor, at=NOON, closure_id=added.closure_id)

    with nothing_configured(), pytest.raises(AlreadyRemoved):
        remove_closure(actor=actor, at=NOON, closure_id=added.closure_id)


@pytest.mark.parametrize(
    ("first", "last", "said", "error"),
    [
        (-367, -366, {}, DayTooEarly),
        (731, 731, {}, DayTooLate),
        (2, 1, {}, DayTooEarly),
        (1, 367, {}, DayTooLate),
        (1, 1, {"reason": "  "}, NameMissing),
        (1, 1, {"reason": "x" * 201}, TextTooLong),
        (1, 1, {"reason": "\u202ewons"}, TextMalformed),
        (1, 1, {"library_id": 0}, ChoiceUnknown),
    ],
)
def test_days_that_cannot_be_are_refused_and_nothing_is_written(library, first, last, said, error):
    administrator(library)

    with nothing_configured(), pytest.raises(error):
        close(library, first, last, **said)


def test_a_library_or_closing_of_another_institution_is_not_there(library, other_library):
    added, actor = close(other_library, 1, 1), administrator(library)

    with nothing_configured(), pytest.raises(ChoiceUnknown):
        close(library, 1, 1, library_id=other_library.library.pk)
    with nothing_configured(), pytest.raises(RowNotFound):
        remove_closure(actor=actor, at=NOON, closure_id=added.closure_id)


def test_who_may_not_configure_is_refused(library):
    added, actor = close(library, 1, 1), library.manager

    with nothing_configured(), pytest.raises(NotAllowed):
        add_closure(actor=actor, at=NOON, library_id=None, first_on=TODAY, last_on=TODAY, reason="Snow")
    with nothing_configured(), pytest.raises(NotAllowed):
        remove_closure(actor=actor, at=NOON, closure_id=added.closure_id)
