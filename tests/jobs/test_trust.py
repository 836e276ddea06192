"""Nothing more is done on the word of a key that was revoked, or of somebody whose account was shut."""

from datetime import date, timedelta

import pytest

from amerce.access.actors import Actor, actor_for
from amerce.access.api_keys import revoke_api_key
from amerce.access.edit_account import AccountFacts, edit_account
from amerce.access.key_actor import caller_of
from amerce.events.models import Event
from amerce.jobs.claim import claim_run
from amerce.jobs.enqueue import enqueue
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice, run_to_end
from tests.access.changing import ADMINISTRATOR, administrator
from tests.access.test_api_keys import make
from tests.jobs import counting
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money, pytest.mark.usefixtures("counting_jobs")]
SENTENCE = "The API key Portal, which asked for this run, was revoked. What was done before stays done."


@pytest.fixture
def program(library: Library) -> Actor:
    made = make(library, scopes=("jobs:run",), expires_on=date(2026, 3, 2))
    return caller_of(made.key, at=NOON, address="192.0.2.7").actor


def asked(actor: Actor, name: str = "count") -> JobRun:
    run = claim_run(enqueue(actor=actor, at=NOON, name=name, given={"to": "5"}).pk, worker="one", now=NOON)
    assert run is not None
    return run


def revoke(library: Library, program: Actor) -> None:
    assert program.key_id is not None
    revoke_api_key(actor=administrator(library), at=NOON, key_id=program.key_id)


def end(run: JobRun) -> JobRun:
    return run_to_end(run, worker="one", clock=lambda: NOON)


def counted() -> int:
    return Event.objects.filter(name="test.counted").count()


@pytest.mark.parametrize("name", ["count", "look", "whole"])
def test_a_run_of_a_key_that_was_revoked_never_begins(library: Library, program: Actor, name: str) -> None:
    queued = asked(program, name)
    counting.stumbles.append(AssertionError("a slice was done"))
    revoke(library, program)

    ended = end(queued)

    assert (ended.state, ended.error, ended.ended_at) == ("failed", SENTENCE, NOON)
    assert (counted(), ended.counts, ended.expected) == (0, {}, None)
    assert Event.objects.get(name="job.failed").data == {"run": ended.pk, "job": name}


def test_a_run_that_goes_on_stops_before_its_next_slice_and_keeps_what_it_did(library: Library, program: Actor) -> None:
    going = run_slice(asked(program), worker="one", clock=lambda: NOON)
    revoke(library, program)

    ended = end(going)

    assert (ended.state, ended.error, ended.counts) == ("failed", SENTENCE, {"looked_at": 2})
    assert counted() == 2


def test_a_run_that_has_to_be_whole_goes_on_once_it_began(library: Library, program: Actor) -> None:
    going = run_slice(asked(program, "whole"), worker="one", clock=lambda: NOON)
    revoke(library, program)

    assert end(going).state == "done"
    assert counted() == 5


def test_what_a_key_asked_for_on_its_last_day_is_done_after_it(program: Actor) -> None:
    queued = asked(program)

    assert run_to_end(queued, worker="one", clock=lambda: NOON + timedelta(days=9)).state == "done"


def test_another_key_by_which_nothing_was_asked_changes_nothing(library: Library, program: Actor) -> None:
    other = make(library, name="Kiosk", scopes=("jobs:run",))
    queued = asked(program)
    revoke_api_key(actor=administrator(library), at=NOON, key_id=other.key_id)

    assert end(queued).state == "done"


def test_a_run_of_somebody_whose_account_was_shut_ends(library: Library) -> None:
    account = library.new_account("boss", ADMINISTRATOR)
    going = run_slice(asked(actor_for(account, library.place)), worker="one", clock=lambda: NOON)
    facts = AccountFacts(name=account.name, is_active=False)
    edit_account(actor=administrator(library), at=NOON, account_id=account.pk, facts=facts)

    ended = end(going)

    assert (ended.state, counted()) == ("failed", 2)
    assert ended.error == "The account of boss, who asked for this run, was shut. What was done before stays done."
