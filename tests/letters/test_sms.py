"""Short messages go to a real HTTP server, once, and say what became of them."""

import json
import socket
from typing import Any

import pytest

from amerce.access.sealed import seal
from amerce.letters.deliver import OUTAGE_WAIT, deliver_letters
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


def test_a_gateway_that_is_not_there_is_no_fault_of_a_message(
    message: Letter,
    receiver: Receiver,  # noqa: F811
    settings: Any,
) -> None:
    settings.AMERCE_OUTBOUND_HOSTS = ["127.0.0.1"]
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        LetterSettings.objects.update(sms_url=f"http://127.0.0.1:{nobody.getsockname()[1]}/")

        deliver_letters(now=NOON)

    letter = Letter.objects.get()
    assert (letter.state, letter.attempts, letter.next_at) == ("refused", 0, NOON + OUTAGE_WAIT)
    assert letter.error == "the SMS gateway gave no answer: connection"
    LetterSettings.objects.update(sms_url=receiver.url)
    deliver_letters(now=NOON + OUTAGE_WAIT)
    assert state() == ("sent", "")


def test_a_gateway_that_speaks_no_tls_is_no_fault_of_a_message(message: Letter, receiver: Receiver) -> None:  # noqa: F811
    LetterSettings.objects.update(sms_url=receiver.url.replace("http:", "https:"))

    deliver_letters(now=NOON)

    assert (state()[0], Letter.objects.get().attempts, receiver.got) == ("refused", 0, [])


def test_an_address_in_a_private_network_is_not_asked(message: Letter, receiver: Receiver, settings: Any) -> None:  # noqa: F811
    settings.AMERCE_OUTBOUND_HOSTS = []

    deliver_letters(now=NOON)

    assert receiver.got == []
    assert state() == ("refused", "the SMS gateway gave no answer: insecure")


def test_without_a_gateway_messages_wait_and_say_so(message: Letter) -> None:
    LetterSettings.objects.update(sms_url="")

    deliver_letters(now=NOON)

    assert state() == ("refused", "no SMS gateway is set")
    assert Letter.objects.get().attempts == 0


def test_without_a_gateway_all_messages_of_an_institution_wait_at_once_and_those_of_others_go(
    message: Letter, library: Library, other_library: Library, receiver: Receiver, django_assert_max_num_queries: Any  # noqa: F811
) -> None:  # fmt: skip
    LetterSettings.objects.update(sms_url="")
    for number in range(20):
        write_one(library, key=f"more:{number}", channels=("sms",))
    reach(other_library.patron, "phone", "+1 202 555 0199")
    LetterSettings.objects.create(institution=other_library.institution, sms_url=receiver.url)
    theirs = write_one(other_library, channels=("sms",))

    with django_assert_max_num_queries(60):
        while deliver_letters(now=NOON):
            pass

    ours = Letter.objects.exclude(pk=theirs.pk).values_list("state", "attempts", "error", "next_at")
    assert set(ours) == {("refused", 0, "no SMS gateway is set", NOON + OUTAGE_WAIT)}
    assert [json.loads(each.body)["to"] for each in receiver.got] == ["+1 202 555 0199"]
