from dataclasses import replace

import pytest

from amerce.access.edit_account import AccountFacts, OwnAccount, edit_account
from amerce.access.locked import NobodyLeft
from amerce.events.models import Event
from amerce.inputs.errors import NameMissing, OutOfDate, RowNotFound, TextMalformed
from amerce.inputs.stamp import stamp_of
from tests.access.changing import ADMINISTRATOR, administrator, nothing_changed
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_an_account_gets_a_name_and_is_shut(library: Library) -> None:
    actor, account = administrator(library), library.new_account("desk", "circulation_desk_operator")

    assert edit_account(
        actor=actor, at=NOON, account_id=account.pk, facts=AccountFacts(name=" R. Okafor ", is_active=False)
    )

    account.refresh_from_db()
    assert (account.name, account.is_active) == ("R. Okafor", False)
    assert (account.updated_by, account.updated_at) == (actor.name, NOON)
    assert Event.objects.get(name="account.changed").data == {
        "row": account.pk,
        "fields": ["name", "is_active"],
        "before": {"is_active": True},
        "after": {"is_active": False},
    }


def test_what_is_so_already_writes_nothing(library: Library) -> None:
    actor, account = administrator(library), library.new_account("desk")

    with nothing_changed():
        assert not edit_account(actor=actor, at=NOON, account_id=account.pk, facts=AccountFacts.of(account))


@pytest.mark.parametrize(("name", "refusal"), [(" ", NameMissing), ("a\nb", TextMalformed)])
def test_a_name_that_cannot_be_is_refused(library: Library, name: str, refusal: type[Exception]) -> None:
    actor, account = administrator(library), library.new_account("desk")

    with nothing_changed(), pytest.raises(refusal):
        edit_account(actor=actor, at=NOON, account_id=account.pk, facts=AccountFacts(name=name, is_active=True))


def test_nobody_shuts_their_own_account(library: Library) -> None:
    actor = administrator(library)
    library.new_account("second", ADMINISTRATOR)

    with nothing_changed(), pytest.raises(OwnAccount):
        edit_account(
            actor=actor, at=NOON, account_id=actor.account_id or 0, facts=AccountFacts(name="Me", is_active=False)
        )


@pytest.mark.parametrize("demo_mode", [True, False])
def test_the_last_administrator_is_not_shut(library: Library, settings, demo_mode: bool) -> None:  # type: ignore[no-untyped-def]
    """A demo account does not count where it cannot sign in."""
    settings.DEMO = demo_mode
    demo = library.new_account("demo", ADMINISTRATOR)
    demo.is_demo = True
    demo.save()
    last = library.new_account("last", ADMINISTRATOR)
    actor = replace(administrator(library), account_id=None)
    edit_account(
        actor=actor,
        at=NOON,
        account_id=administrator(library).account_id or 0,
        facts=AccountFacts(name="A", is_active=False),
    )
    shut = AccountFacts(name="Last", is_active=False)

    if demo_mode:
        assert edit_account(actor=actor, at=NOON, account_id=last.pk, facts=shut)
        return
    with nothing_changed(), pytest.raises(NobodyLeft):
        edit_account(actor=actor, at=NOON, account_id=last.pk, facts=shut)


def test_a_page_that_is_out_of_date_is_refused(library: Library) -> None:
    actor, account = administrator(library), library.new_account("desk")
    seen = stamp_of(AccountFacts.of(account))
    first, second = AccountFacts(name="First", is_active=True), AccountFacts(name="Second", is_active=True)
    edit_account(actor=actor, at=NOON, account_id=account.pk, facts=first, expected_stamp=seen)

    with nothing_changed(), pytest.raises(OutOfDate):
        edit_account(actor=actor, at=NOON, account_id=account.pk, facts=second, expected_stamp=seen)


def test_an_account_elsewhere_is_not_found(library: Library, other_library: Library) -> None:
    actor, theirs = administrator(library), other_library.new_account("theirs")

    for account_id in (theirs.pk, 0, 10**30):
        with nothing_changed(), pytest.raises(RowNotFound):
            edit_account(actor=actor, at=NOON, account_id=account_id, facts=AccountFacts(name="x", is_active=False))
