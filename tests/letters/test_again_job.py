"""The job Send Letters Again: all of one state, each once, by the rule of one."""

from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.jobs.claim import claim_run
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice
from amerce.letters import again_job
from amerce.letters.again_job import NothingToSendAgain, start_sending_again
from amerce.letters.deliver import deliver_letters
from amerce.letters.models import Letter
from tests.jobs.running import finish
from tests.letters.writing import new_letter, parsed, reach, write, write_one
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
LATER = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again_job, "SLICE_LETTERS", 2)


def some(library: Library, state: str, count: int, **more: object) -> list[int]:
    """The ids of letters to somebody with an address, which are in ``state``."""
    letters = [new_letter(library, key=f"{state}:{each}:{more}", **more) for each in range(count)]
    ids = [each.pk for each in write(library, *letters)]
    Letter.objects.filter(pk__in=ids).update(state=state, error="554 no", attempts=7)
    return ids


def start(library: Library, state: str = "failed", kind: str = "") -> JobRun:
    return start_sending_again(actor=library.operator, at=NOON, state=state, kind=kind)


def states(ids: list[int]) -> set[tuple[str, int, str]]:
    return set(Letter.objects.filter(pk__in=ids).values_list("state", "attempts", "error"))


@pytest.mark.parametrize("state", ["failed", "refused", "unknown"])
def test_all_of_one_state_wait_for_the_transport_anew(library: Library, other_library: Library, state: str) -> None:
    # given
    reach(library.patron, "email", "jane@example.org")
    ids = some(library, state, 5)
    others = some(library, "done", 1) + some(other_library, state, 1)

    # when
    ended = finish(start(library, state), LATER)

    # then
    assert (ended.state, ended.expected, ended.counts) == ("done", 5, {"looked_at": 5, "letters": 5, "no_address": 0})
    assert states(ids) == {("waiting", 0, "")}
    assert {each[1] for each in states(others)} == {7}
    assert set(Letter.objects.filter(pk__in=ids).values_list("next_at", flat=True)) == {LATER}
    told = Event.objects.filter(name="letter.sent_again")
    assert {(each.actor_name, each.patron_id, each.data["was"]) for each in told} == {
        (library.operator.name, library.patron.pk, state)
    }
    assert sorted(each.data["letter"] for each in told) == ids


def test_those_without_an_address_go_to_the_one_that_is_there_now_and_the_rest_stays(library: Library) -> None:
    reached = write_one(library)
    elsewhere = write_one(library, key="run:2", patron_id=library.new_patron("hermit").pk)
    reach(library.patron, "email", "jane@example.org")

    ended = finish(start(library, "no_address"), LATER)

    assert ended.counts == {"looked_at": 2, "letters": 1, "no_address": 1}
    reached.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (reached.state, reached.to, elsewhere.state, elsewhere.to) == (
        "waiting", "jane@example.org", "no_address", "",
    )  # fmt: skip
    assert parsed(bytes(reached.body))["To"] == "jane@example.org"
    assert Event.objects.get(name="letter.sent_again").data["letter"] == reached.pk


def test_only_the_kind_that_was_shown_goes(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    notices = some(library, "failed", 1)
    receipts = some(library, "failed", 1, kind="PAYMENT_RECEIPT")

    finish(start(library, kind="PAYMENT_RECEIPT"), LATER)

    assert (states(receipts), states(notices)) == ({("waiting", 0, "")}, {("failed", 7, "554 no")})


def test_a_report_to_staff_and_an_erased_letter_are_left(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    ids = some(library, "failed", 3)
    Letter.objects.filter(pk=ids[0]).update(patron=None)
    Letter.objects.filter(pk=ids[1]).update(erased_at=NOON)

    assert finish(start(library), LATER).counts == {"looked_at": 1, "letters": 1, "no_address": 0}
    assert states(ids[:2]) == {("failed", 7, "554 no")}


def test_one_that_fails_once_more_meanwhile_is_not_sent_a_third_time(library: Library, settings) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "amerce.letters.transports.no_mail.EmailBackend"
    reach(library.patron, "email", "jane@example.org")
    ids = some(library, "failed", 3)
    run = claim_run(start(library).pk, worker="one", now=LATER)
    assert run is not None
    run = run_slice(run, worker="one", clock=lambda: LATER)
    deliver_letters(now=LATER)
    Letter.objects.filter(pk__in=ids[:2]).update(state="failed")

    while run.state == "running":
        run = run_slice(run, worker="one", clock=lambda: LATER)

    assert run.counts == {"looked_at": 3, "letters": 3, "no_address": 0}
    assert Event.objects.filter(name="letter.sent_again").count() == 3


def test_asked_for_again_it_is_the_same_run(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    some(library, "failed", 1)
    some(library, "refused", 1)

    first, again, other = start(library), start(library), start(library, "refused")

    assert (first.pk, JobRun.objects.count(), other.params) == (again.pk, 2, {"state": "refused", "kind": ""})
    assert (first.name, first.started_by) == ("send-letters-again", library.operator.name)


def test_where_nothing_is_left_or_nobody_may_nothing_is_queued(library: Library, other_library: Library) -> None:
    some(other_library, "failed", 1)
    with pytest.raises(NothingToSendAgain):
        start(library)
    for state, kind in (("sent", ""), ("done", ""), ("failed", "NOTHING"), ("\0", "")):
        with pytest.raises(JobRefused):
            start(library, state, kind)
    with pytest.raises(NotAllowed):
        start_sending_again(actor=library.staff("auditor"), at=NOON, state="failed")

    assert not JobRun.objects.exists()
