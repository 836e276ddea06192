"""From an API key to whoever acts by it, or why not."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amerce.access.actors import Place
from amerce.access.api_keys import revoke_api_key
from amerce.access.can import can
from amerce.access.key_actor import KeyRefused, TooManyCalls, caller_of, tell_scope_missing
from amerce.access.models import ApiKey
from amerce.access.privileges import Privilege
from amerce.events.models import Event
from tests.access.changing import administrator
from tests.access.test_api_keys import make
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def call(key: str, at: datetime = NOON, address: str = "192.0.2.7"):  # type: ignore[no-untyped-def]
    return caller_of(key, at=at, address=address)


def test_the_actor_is_the_key_with_what_its_scopes_allow_and_no_account(library: Library) -> None:
    caller = call(make(library, scopes=("fees:pay",)).key)

    actor = caller.actor
    assert (actor.account_id, actor.name, actor.place, actor.is_application) == (None, "Portal", None, True)
    assert can(actor, Privilege.FEE_PAY) and can(actor, Privilege.PATRON_VIEW)
    assert not can(actor, Privilege.FEE_WAIVE)
    assert caller.scopes == {"fees:pay"}


def test_a_key_of_one_library_works_there_alone(library: Library) -> None:
    actor = call(make(library, scopes=("fees:pay",), library_id=library.library.pk).key).actor

    assert actor.place == Place(library.library.pk, None)
    assert actor.grants[Privilege.FEE_PAY] == {library.library.pk}


def test_a_key_of_one_library_that_was_once_given_what_goes_over_all_holds_it_no_more(library: Library) -> None:
    made = make(library, scopes=("jobs:run", "fees:read"), library_id=None)
    ApiKey.objects.filter(pk=made.key_id).update(library_id=library.library.pk)

    caller = call(made.key)

    assert caller.scopes == {"fees:read"}
    assert not can(caller.actor, Privilege.JOB_VIEW) and not can(caller.actor, Privilege.JOB_RUN)
    assert can(caller.actor, Privilege.PATRON_VIEW)


def test_a_key_holds_through_its_last_day_in_the_zone_of_the_institution(library: Library) -> None:
    library.institution.time_zone = "Pacific/Auckland"  # 13 hours before UTC in March
    library.institution.save()
    key = make(library, expires_on=date(2026, 3, 2)).key

    assert call(key, datetime(2026, 3, 2, 10, 59, 59, tzinfo=UTC))
    with pytest.raises(KeyRefused):
        call(key, datetime(2026, 3, 2, 11, 0, tzinfo=UTC))
    assert Event.objects.get(name="api_key.refused").data["why"] == "expired"


def test_a_revoked_key_is_refused(library: Library) -> None:
    made = make(library)
    revoke_api_key(actor=administrator(library), at=NOON, key_id=made.key_id)

    with pytest.raises(KeyRefused):
        call(made.key)
    assert Event.objects.get(name="api_key.refused").data == {"why": "revoked", "row": made.key_id, "name": "Portal"}


@pytest.mark.parametrize("typed", ["", "l8xx", "amk_0123456789_" + "0" * 48, "\0", "amk_" + "é" * 10])
def test_what_is_no_key_is_refused(library: Library, typed: str) -> None:
    with pytest.raises(KeyRefused):
        call(typed)


def test_a_wrong_secret_is_refused_and_told_with_the_key_s_name(library: Library) -> None:
    made = make(library)

    with pytest.raises(KeyRefused):
        call(made.key[:-1] + ("0" if made.key[-1] != "0" else "1"))
    event = Event.objects.get(name="api_key.refused")
    assert (event.data["name"], event.actor_name) == ("Portal", "")


def test_refusals_are_told_once_a_minute_for_a_key_or_an_address(library: Library) -> None:
    caller = call(make(library).key)
    for second in (0, 1, 59, 60):
        tell_scope_missing(caller, "fees:pay", NOON + timedelta(seconds=second))
    for address in ("198.51.100.1", "198.51.100.1", "198.51.100.2"):
        with pytest.raises(KeyRefused):
            call("nothing", address=address)

    why = Event.objects.filter(name="api_key.refused").order_by("pk").values_list("data__why", flat=True)
    assert list(why) == ["scope", "scope", "unknown", "unknown"]


def test_more_calls_than_a_second_may_have_are_refused_until_the_next(library: Library) -> None:
    key = make(library, calls_per_second=3).key
    for _ in range(3):
        call(key)

    with pytest.raises(TooManyCalls):
        call(key, NOON + timedelta(milliseconds=999))
    assert call(key, NOON + timedelta(seconds=1))


def test_no_limit_is_no_limit(library: Library) -> None:
    key = make(library, calls_per_second=0).key

    for _ in range(100):
        call(key)


def test_use_is_kept_once_a_minute_and_else_a_call_costs_one_query_and_writes_nothing(library: Library) -> None:
    made = make(library)
    call(made.key)
    with CaptureQueriesContext(connection) as queries:
        call(made.key, NOON + timedelta(seconds=59))

    assert len(queries) == 1
    assert ApiKey.objects.get(pk=made.key_id).last_used_at == NOON
    call(made.key, NOON + timedelta(seconds=60))
    assert ApiKey.objects.get(pk=made.key_id).last_used_at == NOON + timedelta(seconds=60)
