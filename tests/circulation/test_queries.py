from datetime import timedelta

import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.charges.assess import ItemFacts
from amerce.circulation.errors import ItemNotFound
from amerce.circulation.models import Request
from amerce.circulation.queries import (
    Held,
    find_items,
    held_by,
    is_overdue,
    item_facts,
    loans_of,
    loans_of_session,
    requests_of,
    returns_of,
)
from tests.circulation.lending import lend
from tests.world import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def ask(library, *, closed_at=None):
    return Request.objects.create(
        institution=library.institution,
        patron=library.patron,
        item=library.new_item(),
        pickup=library.library,
        placed_at=NOON,
        closed_at=closed_at,
    )


def test_an_item_is_found_by_its_barcode_with_space_around(library):
    item = library.new_item("The leopard", "39007000000001")

    assert item_facts(library.operator, " 39007000000001 ") == ItemFacts(item.pk, "The leopard", "39007000000001")


def test_an_item_of_another_institution_is_not_found(library, other_library):
    other_library.new_item(barcode="39007000000002")

    with pytest.raises(ItemNotFound):
        item_facts(library.operator, "39007000000002")


@pytest.mark.parametrize("text", ["a" * 60_000, "%" * 60_000, "a\0", "\ud800"])
def test_what_no_item_can_be_called_finds_none(library, text):
    library.new_item()

    assert find_items(library.operator, text, 9) == []
    with pytest.raises(ItemNotFound):
        item_facts(library.operator, text)


def test_loans_are_those_out_soonest_due_first(library):
    late = lend(library, due_at=NOON - DAY)
    later = lend(library, due_at=NOON + DAY)
    lend(library, returned_at=NOON)
    lend(library, patron=library.new_patron("other"))

    assert list(loans_of(library.operator, library.patron.pk)) == [late, later]


def test_loans_of_the_session_are_those_lent_since_it_began(library):
    lend(library, loaned_at=NOON - DAY)
    first = lend(library, loaned_at=NOON, due_at=NOON + DAY)
    second = lend(library, loaned_at=NOON + timedelta(minutes=1), due_at=NOON + DAY)

    assert list(loans_of_session(library.operator, library.patron.pk, NOON)) == [second, first]


def test_returns_are_newest_first_and_begin_where_they_are_asked_to(library):
    old = lend(library, returned_at=NOON - 10 * DAY)
    new = lend(library, returned_at=NOON)
    lend(library)

    assert list(returns_of(library.operator, library.patron.pk)) == [new, old]
    assert list(returns_of(library.operator, library.patron.pk, NOON - DAY)) == [new]


def test_requests_are_those_still_open(library):
    waiting = ask(library)
    ask(library, closed_at=NOON)

    assert list(requests_of(library.operator, library.patron.pk)) == [waiting]


def test_a_loan_is_overdue_after_its_due_moment_and_while_it_is_out(library):
    out = lend(library, due_at=NOON)
    back = lend(library, due_at=NOON - DAY, returned_at=NOON)

    assert not is_overdue(out, NOON)
    assert is_overdue(out, NOON + timedelta(seconds=1))
    assert not is_overdue(back, NOON + DAY)


def test_the_tabs_are_counted_in_one_query(library, django_assert_num_queries):
    lend(library, due_at=NOON - DAY)
    lend(library, due_at=NOON + DAY)
    lend(library, returned_at=NOON)
    lend(library, returned_at=NOON - 10 * DAY)
    ask(library)
    actor = library.operator

    with django_assert_num_queries(1):
        held = held_by(actor, library.patron.pk, at=NOON, returns_since=NOON - DAY)

    assert held == Held(loans=2, overdue=1, returns=1, requests=1)


def test_nothing_is_counted_for_a_patron_without_anything(library):
    assert held_by(library.operator, library.patron.pk, at=NOON, returns_since=NOON) == Held(0, 0, 0, 0)


def test_another_institution_sees_nothing(library, other_library):
    lend(library, due_at=NOON - DAY)
    lend(library, returned_at=NOON)
    ask(library)
    stranger = other_library.operator

    assert not loans_of(stranger, library.patron.pk).exists()
    assert not loans_of_session(stranger, library.patron.pk, NOON - 90 * DAY).exists()
    assert not returns_of(stranger, library.patron.pk).exists()
    assert not requests_of(stranger, library.patron.pk).exists()
    assert held_by(stranger, library.patron.pk, at=NOON, returns_since=NOON - DAY) == Held(0, 0, 0, 0)


@pytest.mark.parametrize(
    "ask_for",
    [
        lambda actor, patron_id: item_facts(actor, "1"),
        loans_of,
        lambda actor, patron_id: loans_of_session(actor, patron_id, NOON),
        returns_of,
        requests_of,
        lambda actor, patron_id: held_by(actor, patron_id, at=NOON, returns_since=NOON),
    ],
)
def test_nobody_reads_without_the_privilege(library, ask_for):
    nobody = system_actor(library.institution.pk, "nobody")

    with pytest.raises(NotAllowed):
        ask_for(nobody, library.patron.pk)
