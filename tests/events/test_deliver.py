"""What follows from an event happens once, and never undoes what the event tells of."""

import os
import subprocess
import sys
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from amerce.events.deliver import FIRST_WAIT, LONGEST_WAIT, deliver, deliver_next
from amerce.events.models import Event, EventDelivery
from amerce.events.queries import failing
from tests.charges.acts import Desk
from tests.databases import ENGINE
from tests.events import handling
from tests.world import NOON, Library

pytestmark = [pytest.mark.money, pytest.mark.usefixtures("handlers")]

A_CHILD_THAT_DIES = """
import django
django.setup()
from django.conf import settings
settings.AMERCE_HANDLERS = "tests.events.handling.DYING"
from amerce.access.models import Account
from amerce.access.actors import actor_for
from amerce.charges.pay import pay
from tests.world import NOON
account = Account.objects.get(username="main-circulation_desk_manager")
pay(actor=actor_for(account, None), at=NOON, patron_id={patron_id}, fee_ids=None, amount_minor=None, method="CASH")
"""


@pytest.fixture
def handlers(settings) -> None:  # type: ignore[no-untyped-def]
    settings.AMERCE_HANDLERS = "tests.events.handling.HANDLERS"
    handling.stumbles.clear()


@pytest.fixture
def desk(flushable: None, library: Library) -> Desk:
    """A desk whose commands commit for real."""
    return Desk(library)


def tallied() -> list[int]:
    return list(Event.objects.filter(name="test.tallied").values_list("data__of", flat=True))


def test_an_event_is_handled_right_after_its_transaction(desk: Desk) -> None:
    desk.charge(300)

    desk.pay()

    paid = Event.objects.get(name="fee.paid")
    assert tallied() == [paid.pk]
    delivery = EventDelivery.objects.get()
    assert (delivery.event, delivery.handler, delivery.done_at) == (paid, "stumble", NOON)
    assert (delivery.attempts, delivery.institution_id) == (0, desk.library.institution.pk)
    assert not deliver_next(now=NOON + timedelta(days=1))


def test_what_no_handler_wants_costs_no_row_and_no_statement(desk: Desk, settings) -> None:  # type: ignore[no-untyped-def]
    counts = []
    for wired in ("tests.events.handling.HANDLERS", "amerce.config.wiring.HANDLERS"):
        settings.AMERCE_HANDLERS = wired
        desk.charge(99)
        with CaptureQueriesContext(connection) as queries:
            desk.pay()
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert not EventDelivery.objects.exists()


def test_a_transaction_that_is_rolled_back_leaves_nothing_to_do(desk: Desk) -> None:
    desk.charge(300)
    with pytest.raises(RuntimeError), transaction.atomic():
        desk.pay()
        raise RuntimeError

    assert not EventDelivery.objects.exists()
    assert tallied() == []


def test_a_handler_that_fails_is_tried_again_and_the_payment_stays(desk: Desk) -> None:
    # given
    handling.stumbles += [RuntimeError("no paper\nin the printer"), ValueError()]
    desk.charge(300)

    # when
    desk.pay()

    # then
    assert desk.balance() == 0
    assert tallied() == []
    (delivery,) = failing(desk.library.institution.pk)
    assert (delivery.attempts, delivery.error, delivery.next_at) == (1, "no paper", NOON + FIRST_WAIT)
    assert not deliver_next(now=NOON + FIRST_WAIT / 2)

    # when
    second = NOON + FIRST_WAIT
    assert deliver_next(now=second)

    # then
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.error) == (2, "ValueError")
    assert delivery.next_at == second + 2 * FIRST_WAIT

    # when
    third = second + 2 * FIRST_WAIT
    assert deliver_next(now=third)

    # then
    delivery.refresh_from_db()
    assert delivery.done_at == third
    assert len(tallied()) == 1
    assert not failing(desk.library.institution.pk).exists()
    assert not deliver_next(now=third + timedelta(days=1))


def test_the_wait_grows_to_an_hour_and_no_further(desk: Desk) -> None:
    handling.stumbles += [RuntimeError("still")] * 40
    desk.charge(300)
    desk.pay()
    now, waits = NOON, []

    for _ in range(39):
        next_at = EventDelivery.objects.get().next_at
        waits.append(next_at - now)
        now = next_at
        assert deliver_next(now=now)

    assert waits[:3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert max(waits) == waits[-1] == LONGEST_WAIT


def test_one_that_fails_does_not_hold_up_the_others(desk: Desk) -> None:
    handling.stumbles.append(RuntimeError("only once"))
    for _ in range(2):
        desk.charge(300)
        desk.pay()

    assert [each.done_at for each in EventDelivery.objects.order_by("pk")] == [None, NOON]


def test_a_delivery_by_a_handler_that_is_gone_waits_and_says_so(desk: Desk) -> None:
    desk.charge(300)
    handling.stumbles.append(RuntimeError("once"))
    desk.pay()
    EventDelivery.objects.update(handler="gone")

    assert deliver_next(now=NOON + FIRST_WAIT)

    assert EventDelivery.objects.get().error == "no handler is called gone"


def test_a_process_killed_while_it_handles_leaves_the_payment_and_the_worker_does_the_rest(desk: Desk) -> None:
    # given
    desk.charge(300)
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if ENGINE != "sqlite":
        url = os.environ["AMERCE_DATABASE_URL"].replace("/postgres?", f"/{name}?")

    # when
    child = subprocess.run(
        [sys.executable, "-c", A_CHILD_THAT_DIES.format(patron_id=desk.patron.pk)],
        env=os.environ | {"AMERCE_DATABASE_URL": url},
        check=False,
    )

    # then
    assert child.returncode == 9
    assert desk.balance() == 0
    assert tallied() == []
    assert not deliver_next(now=NOON)

    # when
    assert deliver_next(now=NOON + FIRST_WAIT)

    # then
    assert tallied() == [Event.objects.get(name="fee.paid").pk]


def test_two_workers_do_it_once(desk: Desk) -> None:
    # given
    handling.stumbles += [RuntimeError("first")] * 12
    for _ in range(12):
        desk.charge(300)
        desk.pay()
    now = NOON + LONGEST_WAIT
    assert tallied() == []

    # when
    def one() -> None:
        while deliver_next(now=now):
            pass
        connection.close()

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    # then
    assert sorted(tallied()) == sorted(Event.objects.filter(name="fee.paid").values_list("pk", flat=True))
    assert not EventDelivery.objects.filter(done_at=None).exists()


def test_one_that_is_done_is_not_done_again(desk: Desk) -> None:
    desk.charge(300)
    desk.pay()

    assert not deliver(EventDelivery.objects.get().pk, at=NOON)

    assert len(tallied()) == 1
