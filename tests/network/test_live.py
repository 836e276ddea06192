"""Another Amerce as a member: the client of the dialect against the dialect as we speak it, over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from amerce.access.api_keys import create_api_key
from amerce.network.activity import network_activity
from amerce.network.answer import MemberFee, State
from amerce.network.members import MemberFacts, save_member
from tests.access.changing import administrator
from tests.charges.acts import Desk
from tests.network.asking import let
from tests.world import NOON, Library


@pytest.fixture
def server(live_server: Any, flushable: None, settings: Any) -> Iterator[str]:
    """A running Amerce; the guards of the ledger step aside after the test, as ``flushable`` says."""
    settings.AMERCE_OUTBOUND_HOSTS = ["127.0.0.1", "localhost"]
    yield live_server.url


def key_of(library: Library, *scopes: str) -> str:
    made = create_api_key(actor=administrator(library), at=NOON, name="network", scopes=scopes)
    return made.key


def member(library: Library, server: str, key: str, name: str = "Amerce", identifier_type: str = "") -> None:
    facts = MemberFacts(name=name, kind="remote", base_url=server, identifier_type=identifier_type)
    save_member(actor=administrator(library), at=NOON, facts=facts, api_key=key)


def test_another_amerce_says_what_a_patron_owes_there(server: str, library: Library, other_library: Library) -> None:
    # given
    let(library, asks=True)
    desk = Desk(other_library)
    desk.charge(1235, item=other_library.new_item("Invisible cities"))
    desk.charge(300, "CREDIT")
    desk.dispute(desk.charge(500))
    library.new_patron("asmith")
    member(library, server, key_of(other_library, "fees:read"))
    member(library, server, "amk_nobody_knows_it", "Wrong key")

    # when
    activity = network_activity(actor=library.operator, at=NOON, patron_id=library.patron.pk)

    # then
    answer, wrong = (each.answer for each in activity.members)
    assert (answer.state, answer.total_minor, answer.count) == (State.OWES, 935, 2)
    assert answer.currency is not None
    assert answer.currency.code == "USD"
    assert set(answer.fees) == {MemberFee("Invisible cities", "Other", 1235), MemberFee("", "Credit", -300)}
    assert wrong.state is State.REFUSED


def test_who_is_not_known_there_or_owes_nothing_is_told_apart(
    server: str, library: Library, other_library: Library
) -> None:
    let(library, asks=True)
    stranger = library.new_patron("asmith")
    member(library, server, key_of(other_library, "fees:read"))

    def state_of(patron_id: int) -> State:
        activity = network_activity(actor=library.operator, at=NOON, patron_id=patron_id)
        return activity.members[0].answer.state

    assert state_of(library.patron.pk) is State.NOTHING
    assert state_of(stranger.pk) is State.UNKNOWN
