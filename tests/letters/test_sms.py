"""Short messages go to a real HTTP server, once, and say what became of them."""

import json
from typing import Any

import pytest

from amerce.access.sealed import seal
from amerce.letters.deliver import deliver_letters
from amerce.letters.models import Letter, LetterSettings
from tests.letters.writing import reach, write_one
from tests.outbound.conftest import receiver  # noqa: F401 - a fixture
from tests.outbound.receiver import Receiver, says
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(library: Library, receiver: Receiver) -> Letter:  # noqa: F811
    reach(library.patron, "phone", "+1 202 555 0143")
    LetterSettings.objects.create(
        institution=library.institution, sms_url=receiver.url, sms_token_sealed=seal("s3cret")
    )
    return write_one(library, channels=("sms",))


def state() -> tuple[str, str]:
    letter = Letter.objects.get()
    return letter.state, letter.error


def test_a_message_is_posted_as_json(message: Letter, receiver: Receiver) -> None:  # noqa: F811
    assert deliver_letters(now=NOON)

    (got,) = receiver.got
    assert (got.method, got.headers["Authorization"]) == ("POST", "Bearer s3cret")
    reference = message.message_id.strip("<>")
    assert got.headers["Idempotency-Key"] == reference
    assert json.loads(got.body) == {
        "to": "+1 202 555 0143",
        "text": "Main Library: you owe $23.50 in fines and fees.",
        "reference": reference,
    }
    assert state() == ("sent", "")
    assert not deliver_letters(now=NOON.replace(year=2027))


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, ("failed", "HTTP 400")), (429, ("refused", "HTTP 429")), (503, ("refused", "HTTP 503")),
     (302, ("refused", "HTTP 302"))],
)  # fmt: skip
def test_what_the_gateway_says_against_it_is_kept(
    message: Letter, receiver: Receiver, status: int, said: Any  # noqa: F811
) -> None:  # fmt: skip
    receiver.answer = says(status, Location="http://127.0.0.1:1/")

    deliver_letters(now=NOON)

    assert state() == said
    assert len(receiver.got) == 1


def test_a_gateway_that_hangs_up_leaves_it_unknown(message: Letter, receiver: Receiver) -> None:  # noqa: F811
    receiver.answer = lambda handler: handler.connection.close()

    deliver_letters(now=NOON)

    assert state()[0] == "unknown"


def test_an_address_in_a_private_network_is_not_asked(message: Letter, receiver: Receiver, settings: Any) -> None:  # noqa: F811
    settings.AMERCE_OUTBOUND_HOSTS = []

    deliver_letters(now=NOON)

    assert receiver.got == []
    assert state() == ("refused", "the SMS gateway gave no answer: insecure")


def test_without_a_gateway_messages_wait_and_say_so(message: Letter) -> None:
    LetterSettings.objects.update(sms_url="")

    deliver_letters(now=NOON)

    assert state() == ("refused", "no SMS gateway is set")
