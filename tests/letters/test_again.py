"""What a person does with letters that are there."""

from collections.abc import Callable
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import RowNotFound
from amerce.institutions.models import Printer
from amerce.letters.again import print_instead, send_again, settle
from amerce.letters.deliver import deliver_letters
from amerce.letters.errors import LetterErased, LetterOnItsWay, NoAddress
from amerce.letters.models import Letter
from tests.letters.writing import parsed, reach, write_one
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def act(command: Callable[..., Letter], library: Library, letter: Letter, **more: Any) -> Letter:
    return command(actor=library.operator, at=NOON, letter_id=letter.pk, **more)


@pytest.mark.parametrize("state", ["sent", "failed", "unknown", "refused", "done"])
def test_a_letter_is_sent_again_as_it_was(library: Library, settings, tmp_path, state: str) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "amerce.letters.transports.mail_folder.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    reach(library.patron, "email", "jane@example.org")
    letter = write_one(library)
    deliver_letters(now=NOON)
    Letter.objects.update(state=state, error="451 later", attempts=7)

    act(send_again, library, letter)
    deliver_letters(now=NOON)

    first, second = (each.read_bytes() for each in sorted(tmp_path.iterdir()))
    assert first == second
    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.error) == ("sent", 1, "")
    event = Event.objects.get(name="letter.sent_again")
    assert event.data == {"letter": letter.pk, "kind": letter.kind, "channel": "email", "was": state}
    assert event.patron_id == library.patron.pk


def test_a_letter_without_an_address_goes_to_the_one_that_is_there_now(library: Library) -> None:
    letter = write_one(library)
    with pytest.raises(NoAddress):
        act(send_again, library, letter)
    reach(library.patron, "email", "jane@example.org")

    act(send_again, library, letter)

    letter.refresh_from_db()
    assert (letter.state, letter.to) == ("waiting", "jane@example.org")
    message = parsed(bytes(letter.body))
    assert (message["To"], message["Message-ID"]) == ("jane@example.org", letter.message_id)


def test_a_letter_is_printed_instead(library: Library) -> None:
    printer = Printer.objects.create(institution=library.institution, code="P", name="P", queue="lp")
    letter = write_one(library)

    printed = act(print_instead, library, letter)

    letter.refresh_from_db()
    assert letter.state == "done"
    assert (printed.channel, printed.state, printed.printer_id) == ("print", "waiting", printer.pk)
    assert printed.facts == letter.facts
    assert "Jane Doe" in bytes(printed.body).decode()


def test_a_letter_is_settled_by_hand(library: Library) -> None:
    letter = write_one(library)

    act(settle, library, letter)

    letter.refresh_from_db()
    assert letter.state == "done"
    assert Event.objects.get(name="letter.settled").data["was"] == "no_address"


@pytest.mark.parametrize("command", [send_again, print_instead, settle])
@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_what_is_on_its_way_is_left_alone(library: Library, command: Callable[..., Letter], state: str) -> None:
    letter = write_one(library)
    Letter.objects.update(state=state)

    with pytest.raises(LetterOnItsWay):
        act(command, library, letter)
    assert Letter.objects.get().state == state


@pytest.mark.parametrize("command", [send_again, print_instead, settle])
def test_who_may_not_or_asks_for_what_is_not_there_changes_nothing(
    library: Library, other_library: Library, command: Callable[..., Letter]
) -> None:
    letter = write_one(library)
    with pytest.raises(NotAllowed):
        command(actor=library.staff("auditor"), at=NOON, letter_id=letter.pk)
    with pytest.raises(RowNotFound):
        act(command, other_library, letter)
    Letter.objects.update(erased_at=NOON)
    with pytest.raises(LetterErased):
        act(command, library, letter)

    assert Letter.objects.get().state == "no_address"
    assert not Event.objects.filter(name__startswith="letter.").exists()
