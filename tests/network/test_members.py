"""Members and settings of the network: what is refused, and where a key may go."""

from contextlib import contextmanager
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.access.sealed import unseal
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NameTaken, NumberOutOfRange, OutOfDate, RowNotFound
from amerce.network import members
from amerce.network.members import (
    MemberFacts,
    MemberIsSelf,
    ServerAddressNotTaken,
    TooManyMembers,
    remove_member,
    save_member,
)
from amerce.network.models import NetworkMember, NetworkSettings
from amerce.network.settings import NetworkSaid, network_settings, save_network_settings
from tests.access.changing import administrator
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
REMOTE: dict[str, Any] = {"name": "Alma", "kind": "remote", "base_url": "https://alma.example"}
LOCAL: dict[str, Any] = {"name": "Neighbour", "kind": "local", "institution_code": "OTHER"}


def save(library: Library, member_id: int | None = None, key: str = "a key", **facts: Any) -> int:
    said = MemberFacts(**{**REMOTE, **facts})
    return save_member(actor=administrator(library), at=NOON, facts=said, api_key=key, member_id=member_id)


@contextmanager
def nothing_written():  # type: ignore[no-untyped-def]
    def rows() -> list[Any]:
        return [list(each._default_manager.values()) for each in (NetworkMember, NetworkSettings, Event)]

    before = rows()
    yield
    assert rows() == before


def test_a_server_is_kept_with_its_key_sealed(library: Library) -> None:
    member_id = save(library, base_url="https://alma.example/almaws/v1/")

    row = NetworkMember.objects.get(pk=member_id)
    assert (row.base_url, unseal(row.sealed_key), row.other) == ("https://alma.example", "a key", None)
    event = Event.objects.get(name="network_member.changed")
    assert "a key" not in str(event.data)
    assert event.data["fields"] == ["api_key"]


def test_a_key_stays_with_the_server_it_was_given_for(library: Library) -> None:
    member_id = save(library)

    save(library, member_id, key="", timeout_s=9)
    with nothing_written(), pytest.raises(NameMissing) as missing:
        save(library, member_id, key="", base_url="https://mine.example")
    assert missing.value.field == "api_key"
    save(library, member_id, key="another", base_url="https://mine.example")

    row = NetworkMember.objects.get()
    assert (row.base_url, unseal(row.sealed_key), row.timeout_s) == ("https://mine.example", "another", 5)


def test_a_member_that_becomes_an_institution_keeps_no_key(library: Library, other_library: Library) -> None:
    member_id = save(library)

    save(library, member_id, **LOCAL)

    row = NetworkMember.objects.get()
    assert (row.kind, row.other, row.base_url, row.sealed_key) == ("local", other_library.institution, "", "")


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"name": ""}, NameMissing),
        ({"name": "TAKEN"}, NameTaken),
        ({"kind": "magic"}, ChoiceUnknown),
        ({"base_url": ""}, NameMissing),
        ({"base_url": "http://alma.example"}, ServerAddressNotTaken),
        ({"base_url": "https://10.0.0.1"}, ServerAddressNotTaken),
        ({"base_url": "https://alma.example?x=1"}, ServerAddressNotTaken),
        ({"identifier_type": "NONE"}, ChoiceUnknown),
        ({"timeout_s": 16}, NumberOutOfRange),
        ({"timeout_s": 0}, NumberOutOfRange),
        ({**LOCAL, "institution_code": ""}, NameMissing),
        ({**LOCAL, "institution_code": "NOBODY"}, ChoiceUnknown),
        ({**LOCAL, "institution_code": "MAIN"}, MemberIsSelf),
    ],
)
def test_a_refusal_writes_nothing(library: Library, facts: dict[str, Any], error: type[Exception]) -> None:
    save(library, name="Taken")

    with nothing_written(), pytest.raises(error):
        save(library, **facts)


def test_there_are_not_more_members_than_can_be_asked_at_once(library: Library, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(members, "MEMBERS_LIMIT", 1)
    member_id = save(library)

    with nothing_written(), pytest.raises(TooManyMembers):
        save(library, name="Another")
    save(library, member_id, name="Another")


def test_who_may_not_configure_or_is_elsewhere_or_late_changes_nothing(
    library: Library, other_library: Library
) -> None:
    member_id = save(library)
    mine, theirs = library.manager, administrator(other_library)
    administrator(library)
    facts = MemberFacts(**REMOTE)
    with nothing_written():
        with pytest.raises(NotAllowed):
            save_member(actor=mine, at=NOON, facts=facts, api_key="k")
        with pytest.raises(NotAllowed):
            remove_member(actor=mine, at=NOON, member_id=member_id)
        with pytest.raises(NotAllowed):
            save_network_settings(actor=mine, at=NOON, settings=NetworkSaid(asks=True))
        with pytest.raises(RowNotFound):
            save_member(actor=theirs, at=NOON, facts=facts, api_key="k", member_id=member_id)
        with pytest.raises(RowNotFound):
            remove_member(actor=theirs, at=NOON, member_id=member_id)
        with pytest.raises(OutOfDate):
            remove_member(actor=administrator(library), at=NOON, member_id=member_id, expected_stamp="old")
        with pytest.raises(OutOfDate):
            save_network_settings(
                actor=administrator(library), at=NOON, settings=NetworkSaid(asks=True), expected_stamp="old"
            )


def test_settings_are_kept_once_and_told(library: Library) -> None:
    who = {"actor": administrator(library), "at": NOON}
    assert network_settings(library.institution.pk) == NetworkSaid()

    assert save_network_settings(**who, settings=NetworkSaid(asks=True))
    with nothing_written():
        assert not save_network_settings(**who, settings=NetworkSaid(asks=True))

    assert network_settings(library.institution.pk) == NetworkSaid(shares=False, asks=True)
    assert Event.objects.get(name="network_settings.changed").data["after"] == {"shares": False, "asks": True}


def test_a_removed_member_is_gone(library: Library) -> None:
    remove_member(actor=administrator(library), at=NOON, member_id=save(library))

    assert not NetworkMember.objects.exists()
    assert Event.objects.filter(name="network_member.changed").last().data["after"] is None
