from datetime import timedelta

import pytest

from amerce.access.attempts import (
    LIMITS,
    LOCKED,
    REMEMBERED,
    Counted,
    SignInFailed,
    SignInLocked,
    settle_second_factor,
    settle_sign_in,
)
from amerce.access.models import Account, SignInCount
from amerce.events.models import Event
from tests.flows.test_at_once import at_once, kinds
from tests.world import NOON, Library

LIMIT = LIMITS[Counted.ACCOUNT]
HERE = "192.0.2.7"


def fail(times: int, username: str = "rokafor", *, at=NOON, address: str = HERE) -> list[type[Exception]]:  # type: ignore[no-untyped-def]
    refusals = []
    for _each in range(times):
        with pytest.raises(SignInFailed) as refused:
            settle_sign_in(at=at, username=username, address=address, account=None)
        refusals.append(refused.type)
    return refusals


def sign_in(account: Account, *, at=NOON, address: str = HERE) -> Account:  # type: ignore[no-untyped-def]
    return settle_sign_in(at=at, username=account.username, address=address, account=account)


@pytest.mark.django_db
def test_the_failure_that_reaches_the_limit_locks_the_account_also_for_the_right_password(library: Library) -> None:
    account = library.new_account("rokafor")

    assert fail(LIMIT) == [SignInFailed] * LIMIT
    with pytest.raises(SignInLocked):
        sign_in(account, address="192.0.2.99")

    locked = Event.objects.get(name="session.locked")
    assert (locked.actor_id, locked.institution_id, locked.data) == (
        account.pk,
        library.institution.pk,
        {"what": "account"},
    )
    refused = Event.objects.filter(name="session.refused").order_by("pk")
    assert [each.data for each in refused] == [{}] * LIMIT + [{"locked": True}]


@pytest.mark.django_db
def test_one_failure_less_locks_nothing_and_signing_in_begins_the_count_anew(library: Library) -> None:
    account = library.new_account("rokafor")

    for _each in range(2):
        fail(LIMIT - 1)
        assert sign_in(account) == account


@pytest.mark.django_db
def test_a_name_that_is_nobodys_is_locked_just_the_same(library: Library) -> None:
    assert fail(LIMIT + 1, "nobody") == [SignInFailed] * LIMIT + [SignInLocked]
    locked = Event.objects.get(name="session.locked")
    assert (locked.actor_id, locked.actor_name, locked.institution_id) == (None, "", library.institution.pk)


@pytest.mark.django_db
def test_of_several_institutions_none_is_told_of_a_name_that_is_nobodys(
    library: Library, other_library: Library
) -> None:
    fail(1, "nobody")

    assert Event.objects.get(name="session.refused").institution_id is None


@pytest.mark.django_db
def test_a_name_has_no_case_here_either(library: Library) -> None:
    fail(LIMIT - 1, " ROKAFOR ")

    assert fail(2) == [SignInFailed, SignInLocked]


@pytest.mark.django_db
def test_the_lock_ends_by_itself_and_trying_meanwhile_does_not_prolong_it(library: Library) -> None:
    account = library.new_account("rokafor")
    fail(LIMIT)
    fail(5, at=NOON + timedelta(minutes=14))

    assert sign_in(account, at=NOON + LOCKED) == account


@pytest.mark.django_db
def test_failures_are_forgotten_a_while_after_the_last(library: Library) -> None:
    fail(LIMIT - 1)
    fail(LIMIT - 1, at=NOON + REMEMBERED)

    assert Event.objects.filter(name="session.locked").count() == 0


@pytest.mark.django_db
def test_an_address_is_locked_whatever_names_it_tries_and_another_is_not(library: Library) -> None:
    account = library.new_account("rokafor")
    for number in range(LIMITS[Counted.ADDRESS]):
        fail(1, f"name {number}")

    with pytest.raises(SignInLocked):
        sign_in(account)
    assert sign_in(account, address="192.0.2.8") == account


@pytest.mark.django_db
def test_ones_own_account_buys_no_more_guesses_at_others(library: Library) -> None:
    account = library.new_account("rokafor")
    for number in range(LIMITS[Counted.ADDRESS] - 1):
        fail(1, f"name {number}")
    sign_in(account)
    fail(1, "one more")

    with pytest.raises(SignInLocked):
        sign_in(account)


@pytest.mark.django_db
def test_a_network_of_ipv6_counts_as_one_address(library: Library) -> None:
    for number in range(LIMITS[Counted.ADDRESS]):
        fail(1, f"name {number}", address=f"2001:db8::{number:x}")

    assert fail(1, "another", address="2001:db8::ffff") == [SignInLocked]
    assert fail(1, "another", address="2001:db8:0:1::1") == [SignInFailed]


@pytest.mark.django_db
def test_addresses_of_ipv4_count_each_alone_also_as_a_server_of_ipv6_sees_them(library: Library) -> None:
    account = library.new_account("rokafor")
    for number in range(LIMITS[Counted.ADDRESS]):
        fail(1, f"name {number}", address="::ffff:192.0.2.7")

    assert fail(1, "another", address="192.0.2.7") == [SignInLocked]
    assert sign_in(account, address="::ffff:192.0.2.8") == account


@pytest.mark.django_db
def test_nothing_that_was_typed_is_kept(library: Library) -> None:
    fail(1, "my secret password")

    kept = list(SignInCount.objects.values_list("key", flat=True))
    assert [len(each) for each in kept] == [64, 64]
    assert all(set(each) <= set("0123456789abcdef") for each in kept)


@pytest.mark.django_db
def test_rows_that_mean_nothing_any_more_go(library: Library) -> None:
    fail(3)
    fail(1, "another", at=NOON + REMEMBERED, address="192.0.2.8")

    assert SignInCount.objects.count() == 2


@pytest.mark.django_db
def test_a_second_factor_is_counted_apart_from_the_password(library: Library) -> None:
    account = library.new_account("rokafor")
    limit = LIMITS[Counted.SECOND_FACTOR]
    for _each in range(limit):
        sign_in(account)  # a right password in between begins no new count
        with pytest.raises(SignInFailed):
            settle_second_factor(at=NOON, account=account, address=HERE, take=lambda: None)

    with pytest.raises(SignInLocked):
        settle_second_factor(at=NOON, account=account, address=HERE, take=lambda: account)
    assert Event.objects.get(name="session.locked").data == {"what": "second_factor"}
    assert sign_in(account) == account


@pytest.mark.money
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("flushable")
def test_of_many_guesses_at_once_no_more_than_the_limit_get_an_answer() -> None:
    """Were the count read before it is written, the right one would slip through among them."""
    library = Library.new("MAIN")
    account = library.new_account("rokafor")

    def guess(number: int) -> Account:
        found = account if number == 30 else None
        return settle_sign_in(at=NOON, username="rokafor", address=f"192.0.2.{number}", account=found)

    fail(LIMIT - 3)
    answers = at_once(*(lambda number=number: guess(number) for number in range(20)))

    assert kinds(answers) == {"SignInFailed": 3, "SignInLocked": 17}
    assert isinstance(at_once(lambda: guess(30))[0], SignInLocked)
    assert Event.objects.filter(name="session.locked").count() == 1
