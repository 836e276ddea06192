"""How loans stand on the list: terms, renewals, what lateness costs by now."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.circulation.models import TermsOfUse
from amerce.circulation.queries import loans_of
from amerce.circulation.standing import Standing, standing_of
from tests.circulation.lending import lend
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def standings(library: Library) -> list[Standing]:
    loans = list(loans_of(library.operator, library.patron.pk))
    found = standing_of(library.operator, library.institution, loans, at=NOON)
    return [found[each.pk] for each in loans]


def test_a_late_loan_shows_what_it_costs_by_now_and_which_terms_say_so(library: Library) -> None:
    terms = TermsOfUse.objects.get(institution=library.institution)
    terms.overdue_rate_minor, terms.grace_minutes, terms.renewals_limit = 150, 0, 2
    terms.save()
    lend(library, due_at=NOON - timedelta(days=2))
    lend(library, due_at=NOON + timedelta(days=2))

    assert standings(library) == [Standing(terms.name, 2, 300), Standing(terms.name, 2, 0)]


def test_a_loan_that_no_terms_match_still_stands_on_the_list(library: Library) -> None:
    TermsOfUse.objects.all().delete()
    lend(library, due_at=NOON - timedelta(days=2))

    assert standings(library) == [Standing("", None, 0)]


def test_it_takes_five_queries_however_many_loans_and_none_without(library: Library) -> None:
    actor = library.operator
    with CaptureQueriesContext(connection) as none:
        assert standing_of(actor, library.institution, [], at=NOON) == {}
    for _each in range(3):
        lend(library, due_at=NOON - timedelta(days=2))
    loans = list(loans_of(actor, library.patron.pk))

    with CaptureQueriesContext(connection) as three:
        standing_of(actor, library.institution, loans, at=NOON)

    assert (len(none), len(three)) == (0, 5)


def test_only_who_may_look_is_told(library: Library) -> None:
    with pytest.raises(NotAllowed):
        standing_of(system_actor(library.institution.pk, "a job"), library.institution, [], at=NOON)
