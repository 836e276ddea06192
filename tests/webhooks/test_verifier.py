"""The example of ``docs/reference/webhooks.md``, run against what is really sent."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from amerce.access.sealed import seal
from tests.charges.acts import Desk
from tests.outbound.receiver import Receiver
from tests.webhooks.telling import SECRET, bring_all, endpoint_at
from tests.world import NOON

pytestmark = pytest.mark.money
PAGE = Path(__file__).parents[2] / "docs/reference/webhooks.md"


@pytest.fixture
def is_ours() -> Callable[..., bool]:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    known: dict[str, Callable[..., bool]] = {}
    exec(example, known)
    return known["is_ours"]


def test_the_example_takes_what_we_sent_and_nothing_else(
    desk: Desk, receiver: Receiver, is_ours: Callable[..., bool]
) -> None:
    endpoint = endpoint_at(desk.library, receiver.url)
    endpoint.sealed_secret, endpoint.sealed_old_secret = seal("n" * 30), seal(SECRET)
    endpoint.old_secret_until = NOON + timedelta(hours=24)
    endpoint.save()
    desk.charge(300)
    bring_all()
    (got,) = receiver.got

    with time_machine.travel(NOON + timedelta(minutes=4)):
        assert is_ours(got.headers, got.body, "n" * 30)
        assert is_ours(got.headers, got.body, SECRET)
        assert not is_ours(got.headers, got.body, "another secret of thirty chars")
        assert not is_ours(got.headers, got.body.replace(b"300", b"301"), SECRET)
        assert not is_ours({**got.headers, "Amerce-Timestamp": str(int(NOON.timestamp()) + 1)}, got.body, SECRET)
    with time_machine.travel(NOON + timedelta(minutes=6)):
        assert not is_ours(got.headers, got.body, SECRET)


def test_every_event_is_on_the_page() -> None:
    from amerce.webhooks.kinds import TEST, Kind

    for name in (*Kind.values, TEST):
        assert f"`{name}`" in PAGE.read_text()
