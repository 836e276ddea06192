"""Pages of lists that only grow."""

import pytest
from django.test import RequestFactory

from amerce.events.models import Event
from amerce.web.log_page import LogPage, number_asked
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "number"),
    [("17", 17), ("9" * 18, 10**18 - 1), ("9" * 19, None), ("-1", None), ("", None), ("x", None), ("٣", None)],
)
def test_only_digits_that_may_be_a_number_of_the_list_are_taken(typed: str, number: int | None):
    request = RequestFactory().get("/", {"before": typed})

    assert number_asked(request, "before") == number  # type: ignore[arg-type]


def test_a_page_says_whether_more_follow_it(library: Library):
    Event.objects.all().delete()
    for number in range(3):
        Event.objects.create(institution=library.institution, name=f"session.{number}", at=NOON, data={})
    newest = Event.objects.order_by("-pk")

    first = LogPage.of(newest, 2, None)
    assert [each.name for each in first.rows] == ["session.2", "session.1"]
    assert first.is_first and first.last == first.rows[-1]

    second = LogPage.of(newest.filter(pk__lt=first.last.pk), 2, first.last.pk)
    assert [each.name for each in second.rows] == ["session.0"]
    assert not second.is_first and second.last is None
    assert LogPage.of(newest, 3, None).last is None
