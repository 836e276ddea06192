"""The nightly look at who is blocked by what they owe: each change is told once, however it came."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.circulation.models import BlockRule
from amerce.events.models import Event
from amerce.jobs.claim import LEASE, claim
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice, run_to_end
from amerce.webhooks import block_job
from amerce.webhooks.balance_blocks import changes_of, tell
from amerce.webhooks.block_job import BALANCE_BLOCKS
from amerce.webhooks.models import ToldBlock, WebhookDelivery
from tests.charges.acts import Desk
from tests.jobs.running import queue, run
from tests.webhooks.telling import endpoint_at
from tests.world import NOON, Library

pytestmark = pytest.mark.money
URL = "https://hooks.example/in"


def rule(library: Library, **columns: Any) -> BlockRule:
    return BlockRule.objects.create(institution=library.institution, **columns)


def tonight(library: Library, days: int = 0) -> dict[str, int]:
    ended = run(library, BALANCE_BLOCKS.name, at=NOON + timedelta(days=days))
    assert ended.state == JobRun.State.DONE, ended.error
    return ended.counts


def recorded() -> list[tuple[str, int | None, dict[str, Any]]]:
    events = Event.objects.filter(name__startswith="balance_block.").order_by("pk")
    return [(each.name, each.patron_id, each.data["balance_block"]) for each in events]


def test_a_debt_that_grows_old_is_told_once_and_once_more_when_a_changed_rule_lets_it_go(desk: Desk) -> None:
    # given
    by_age = rule(desk.library, age_days=30, blocks_request=False)
    endpoint_at(desk.library, URL, "block.set", "block.lifted")
    desk.charge(500)

    # when
    nights = [tonight(desk.library, days) for days in (29, 30, 31)]
    by_age.age_days = 60
    by_age.save()
    nights.append(tonight(desk.library, 32))

    # then
    assert [(each["looked_at"], each["blocked"], each["let_go"]) for each in nights] == [
        (1, 0, 0), (1, 1, 0), (1, 0, 0), (1, 0, 1),
    ]  # fmt: skip
    set_one, lifted_one = WebhookDelivery.objects.order_by("pk")
    assert (set_one.kind, lifted_one.kind) == ("block.set", "block.lifted")
    assert json.loads(set_one.body)["patron"] == {"id": str(desk.patron.pk)}
    assert json.loads(set_one.body)["block"] == {
        "kind": "balance",
        "forbids": ["checkout", "renewal"],
        "currency": "USD",
        "balance_minor": 500,
        "balance": "5.00",
        "limit_minor": None,
        "limit": None,
        "age_days": 30,
        "since": "2026-03-02",
    }
    assert json.loads(lifted_one.body)["block"] == {"kind": "balance", "forbids": []}


def test_what_was_told_when_money_moved_is_not_told_again_at_night(desk: Desk) -> None:
    rule(desk.library, amount_minor=1000)
    endpoint_at(desk.library, URL, "block.set", "block.lifted")
    desk.charge(1000)

    assert tonight(desk.library)["blocked"] == 0
    desk.pay()
    assert tonight(desk.library) == {"looked_at": 0, "blocked": 0, "let_go": 0}
    assert [name for name, _patron, _said in recorded()] == ["balance_block.set", "balance_block.lifted"]


def test_without_endpoints_the_feed_is_told_at_night(desk: Desk) -> None:
    rule(desk.library, amount_minor=1000)
    desk.charge(1000)
    assert recorded() == []

    tonight(desk.library)
    desk.pay()
    tonight(desk.library)

    said = {
        "forbids": ["checkout", "renewal", "request"], "balance_minor": 1000, "limit_minor": 1000, "age_days": None,
        "since": None,
    }  # fmt: skip
    assert recorded() == [
        ("balance_block.set", desk.patron.pk, said),
        ("balance_block.lifted", desk.patron.pk, {"forbids": []}),
    ]


def test_a_rule_that_spares_a_group_and_a_credit_that_outweighs_block_nobody(desk: Desk) -> None:
    rule(desk.library, amount_minor=1, blocks_checkout=False, blocks_renewal=False, blocks_request=False)
    desk.charge(1000)
    spared = tonight(desk.library)
    BlockRule.objects.update(blocks_checkout=True)
    desk.charge(1000, "CREDIT")

    assert (spared["blocked"], tonight(desk.library)["blocked"], recorded()) == (0, 0, [])


def test_only_the_patrons_of_the_institution_are_looked_at(desk: Desk) -> None:
    other = Library.new("OTHER")
    rule(other, amount_minor=1)
    other.charge(1000)
    desk.charge(1000)

    assert tonight(desk.library) == {"looked_at": 1, "blocked": 0, "let_go": 0}
    assert not ToldBlock.objects.exists()


def test_a_run_that_is_cut_off_tells_each_patron_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(block_job, "SLICE_CHANGES", 2)
    rule(desk.library, amount_minor=100)
    owing = [desk.library.new_patron(f"p{number}") for number in range(5)]
    for patron in owing:
        desk.library.charge(100, patron=patron)
    queue(desk.library, BALANCE_BLOCKS.name)

    # when a worker dies after a slice and another goes on
    first = claim(worker="one", now=NOON)
    assert first is not None
    run_slice(first, worker="one", clock=lambda: NOON)
    assert len(recorded()) == 2
    later = NOON + LEASE + timedelta(seconds=1)
    second = claim(worker="two", now=later)
    assert second is not None
    ended = run_to_end(second, worker="two", clock=lambda: later)

    # then
    assert [patron for _name, patron, _said in recorded()] == [each.pk for each in owing]
    assert ended.counts == {"looked_at": 5, "blocked": 5, "let_go": 0}


def test_what_was_paid_since_it_was_looked_is_not_told(desk: Desk) -> None:
    rule(desk.library, amount_minor=1000)
    desk.charge(1000)
    institution = desk.library.institution
    seen = changes_of(institution, [desk.patron.pk], NOON)
    assert seen.patron_ids == [desk.patron.pk]
    desk.pay(amount=1)

    with transaction.atomic():
        told = tell(system_actor(institution.pk, "tests", Privilege.PATRON_VIEW), institution, seen, NOON)

    assert (told.patron_ids, recorded(), ToldBlock.objects.count()) == ([], [], 0)
