"""Asking every member at once: who answers, who does not, and what is kept of it."""

from dataclasses import replace
from time import monotonic

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.money.amount import Currency
from amerce.network.activity import Activity, network_activity
from amerce.network.answer import Answer, MemberFee, State
from amerce.network.models import NetworkMember
from amerce.patrons.facts import IdentifierFacts
from amerce.patrons.models import Patron
from amerce.patrons.set_identifier import set_identifier
from tests.charges.acts import Desk
from tests.network.asking import NOTHING, OWES, in_alma, let, local, remote
from tests.outbound.receiver import Receiver, receiving
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
USD, CAD = Currency("USD", 2), Currency("CAD", 2)


def look(library: Library, patron: Patron | None = None) -> Activity:
    patron_id = (patron or library.patron).pk
    return network_activity(actor=library.operator, at=NOON, patron_id=patron_id)


def answers(activity: Activity) -> dict[str, Answer]:
    return {each.name: each.answer for each in activity.members}


def identify(library: Library, patron: Patron, value: str) -> None:
    set_identifier(
        actor=library.staff("user_manager"),
        at=NOON,
        patron_id=patron.pk,
        expected_seq=Patron.objects.get(pk=patron.pk).seq,
        identifier=IdentifierFacts("BARCODE", value, ""),
    )


def test_an_institution_that_asks_nobody_asks_nobody(library: Library, receiver: Receiver) -> None:
    remote(library, receiver)

    assert look(library) == Activity(is_asking=False)
    let(library, asks=True)
    NetworkMember.objects.update(is_active=False)
    assert look(library) == Activity(is_asking=False)

    assert receiver.got == []
    assert not Event.objects.filter(name="network.looked").exists()


def test_members_near_and_far_answer_and_the_totals_are_by_currency(
    library: Library, other_library: Library, receiver: Receiver
) -> None:
    # given
    let(library, asks=True)
    let(other_library, shares=True)
    local(other_library, library)
    near, far = local(library, other_library), remote(library, receiver)
    receiver.answer = in_alma(OWES)
    Desk(other_library).charge(700, item=other_library.new_item("Invisible cities"))
    Desk(library).charge(100)

    # when
    activity = look(library)

    # then
    assert answers(activity)["Neighbour"] == Answer(
        State.OWES, USD, 700, (MemberFee("Invisible cities", "Other", 700),), 1
    )
    assert answers(activity)["Alma"].total_minor == 350
    assert activity.totals == [(CAD, 350), (USD, 700)]
    assert activity.owing == 2

    looked = Event.objects.get(name="network.looked")
    assert (looked.institution, looked.patron_id, looked.actor_name) == (
        library.institution,
        library.patron.pk,
        library.operator.name,
    )
    assert looked.data == {"members": [far, near]}
    shown = Event.objects.get(name="network.shown")
    assert (shown.institution, shown.patron_id) == (other_library.institution, other_library.patron.pk)
    assert shown.actor_name == f"MAIN: {library.operator.name}"
    assert shown.data == {"institution": library.institution.pk}


def test_an_institution_that_does_not_share_or_does_not_know_us_shows_nothing(
    library: Library, other_library: Library
) -> None:
    let(library, asks=True)
    local(library, other_library)
    Desk(other_library).charge(700)

    assert answers(look(library))["Neighbour"] == Answer(State.NOT_SHARED)
    let(other_library, shares=True)
    assert answers(look(library))["Neighbour"] == Answer(State.NOT_SHARED)
    local(other_library, library, is_active=False)
    assert answers(look(library))["Neighbour"] == Answer(State.NOT_SHARED)
    assert not Event.objects.filter(name="network.shown").exists()

    NetworkMember.objects.update(is_active=True)
    assert answers(look(library))["Neighbour"].state is State.OWES


def test_a_patron_is_asked_for_by_the_identifier_of_the_member(
    library: Library, other_library: Library, receiver: Receiver
) -> None:
    let(library, asks=True)
    let(other_library, shares=True)
    local(other_library, library)
    local(library, other_library, identifier_type="BARCODE")
    remote(library, receiver, identifier_type="BARCODE")
    receiver.answer = in_alma(NOTHING)

    assert set(answers(look(library)).values()) == {Answer(State.NO_IDENTIFIER)}
    assert receiver.got == []

    there = other_library.new_patron("another-id")
    identify(library, library.patron, "2123-X")
    assert answers(look(library))["Neighbour"] == Answer(State.UNKNOWN)
    identify(other_library, there, "2123-x")
    other_library.charge(250, patron=there)
    found = answers(look(library))
    assert (found["Neighbour"].total_minor, found["Alma"].state) == (250, State.NOTHING)
    assert "/users/2123-X/fees" in receiver.got[-1].path


def test_credits_are_netted_and_disputed_fees_are_not_owed(library: Library, other_library: Library) -> None:
    let(library, asks=True)
    let(other_library, shares=True)
    local(other_library, library)
    local(library, other_library)
    desk = Desk(other_library)
    assert answers(look(library))["Neighbour"] == Answer(State.NOTHING, USD, 0)
    desk.charge(1000)
    desk.dispute(desk.charge(400))
    desk.charge(300, "CREDIT")

    answer = answers(look(library))["Neighbour"]

    assert (answer.total_minor, [each.balance_minor for each in answer.fees]) == (700, [1000, -300])


def test_members_are_asked_at_the_same_time_and_a_slow_one_is_not_waited_for_longer_than_it_may(
    library: Library, receiver: Receiver, settings
) -> None:  # type: ignore[no-untyped-def]
    let(library, asks=True)
    receiver.answer = in_alma(OWES)
    with receiving() as slow, receiving() as slower:
        settings.AMERCE_OUTBOUND_HOSTS = ["127.0.0.1"]
        slow.answer, slower.answer = slow.hang, slower.trickle_body
        for name, server in (("Quick", receiver), ("Slow", slow), ("Slower", slower)):
            remote(library, server, name, timeout_s=1)

        began = monotonic()
        activity = look(library)
        took_s = monotonic() - began

    assert [each.answer.state for each in activity.members] == [State.OWES, State.NOT_REACHED, State.NOT_REACHED]
    assert took_s < 2.5


def test_a_key_that_another_secret_sealed_is_said_and_nothing_is_sent(library: Library, receiver: Receiver) -> None:
    let(library, asks=True)
    remote(library, receiver)
    NetworkMember.objects.update(sealed_key="not of this key")

    assert answers(look(library)) == {"Alma": Answer(State.NO_KEY)}
    assert receiver.got == []


def test_who_may_not_see_patrons_asks_nobody(library: Library, receiver: Receiver) -> None:
    let(library, asks=True)
    remote(library, receiver)

    with pytest.raises(NotAllowed):
        network_activity(actor=replace(library.operator, grants={}), at=NOON, patron_id=library.patron.pk)
    assert receiver.got == []


def test_more_members_cost_no_more_queries_of_ours(library: Library, receiver: Receiver) -> None:
    let(library, asks=True)
    receiver.answer = in_alma(NOTHING)
    operator, counts = library.operator, []
    for number in range(3):
        remote(library, receiver, f"Member {number}")
        with CaptureQueriesContext(connection) as queries:
            network_activity(actor=operator, at=NOON, patron_id=library.patron.pk)
        counts.append(len(queries))

    assert counts[0] == counts[2]
