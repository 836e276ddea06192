"""A letter that names an anonymised loan says nothing any more."""

from contextlib import suppress
from datetime import timedelta
from threading import Thread
from time import monotonic

import pytest
from django.db import connection, transaction

from amerce.letters import deliver
from amerce.letters.deliver import SENDING_LIMIT, claim, deliver_letters
from amerce.letters.erase import erase_letters_about
from amerce.letters.house import house_of
from amerce.letters.models import Letter, PrintBatch
from amerce.letters.print_letters import mark_printed
from amerce.letters.queries import worklist
from amerce.letters.transports.answers import NotKnown, NotReached, TurnedAway
from tests.jobs.running import run
from tests.letters.writing import reach, write_one
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_it_loses_its_content_its_address_and_its_patron(library: Library, other_library: Library) -> None:
    # given
    reach(library.patron, "email", "jane@example.org")
    gone = write_one(library, kind="OVERDUE_1", key="a", about=["loan:1"])
    report = write_one(library, kind="ACTIVITY_REPORT", key="b", about=["loan:1", "loan:2"])
    kept = write_one(library, kind="OVERDUE_1", key="c", about=["loan:3"])
    receipt = write_one(library, kind="PAYMENT_RECEIPT", key="d")
    elsewhere = write_one(other_library, kind="OVERDUE_1", key="a", about=["loan:1"])

    # when
    patrons = [library.patron.pk, other_library.patron.pk]
    erased = erase_letters_about(library.institution.pk, patrons, {"loan:1"}, at=NOON)

    # then
    assert erased == 2
    for letter in (gone, report):
        letter.refresh_from_db()
        assert (letter.patron_id, letter.to, letter.subject, letter.facts, letter.about) == (None, "", "", {}, [])
        assert bytes(letter.body) == b""
        assert (letter.state, letter.erased_at) == ("done", NOON)
    for letter in (kept, receipt, elsewhere):
        letter.refresh_from_db()
        assert letter.erased_at is None
        assert letter.patron_id is not None
        assert bytes(letter.body)
    assert Letter.objects.filter(state="waiting").count() == 2
    assert erase_letters_about(library.institution.pk, patrons, {"loan:1"}, at=NOON) == 0


def test_an_erased_letter_is_not_sent(library: Library, settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "amerce.letters.transports.mail_folder.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    reach(library.patron, "email", "jane@example.org")
    write_one(library, about=["loan:1"])
    erase_letters_about(library.institution.pk, [library.patron.pk], {"loan:1"}, at=NOON)

    assert not deliver_letters(now=NOON)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("state", ["waiting", "refused", "failed", "unknown", "no_address"])
def test_an_erased_letter_needs_no_hand_any_more(library: Library, state: str) -> None:
    letter = write_one(library, about=["loan:1"])
    Letter.objects.update(state=state)

    erase(library)

    letter.refresh_from_db()
    assert letter.state == "done"
    assert list(worklist(library.operator)) == []


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, "sent"),
        (NotKnown("no word from <jane@example.org>"), "done"),
        (NotReached("nobody there"), "done"),
        (TurnedAway("550 <jane@example.org> is unknown", is_final=True), "done"),
    ],
)
def test_one_that_was_being_sent_ends_and_says_nothing(library: Library, error: Exception | None, state: str) -> None:
    # given
    reach(library.patron, "email", "jane@example.org")
    letter = claim(write_one(library, about=["loan:1"]).pk, now=NOON)
    assert letter is not None

    def send(*_whose: object) -> None:
        erase(library)
        if error:
            raise error

    # when
    with suppress(NotReached):
        deliver._hand_over(letter, house_of(library.institution.pk), NOON, send)

    # then
    letter.refresh_from_db()
    assert (letter.state, letter.error, letter.to) == (state, "", "")
    assert not deliver_letters(now=NOON + timedelta(days=9))


def test_one_whose_worker_died_while_it_was_sent_is_done(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    letter = write_one(library, about=["loan:1"])
    claim(letter.pk, now=NOON)
    erase(library)

    deliver_letters(now=NOON + SENDING_LIMIT)

    letter.refresh_from_db()
    assert letter.state == "done"


def test_the_other_letters_of_a_file_that_nobody_printed_wait_for_another(library: Library) -> None:
    gone = write_one(library, key="a", channels=("print",), about=["loan:1"])
    other = write_one(library, key="b", channels=("print",))
    run(library, "print-letters")

    erase(library)

    other.refresh_from_db()
    gone.refresh_from_db()
    assert (other.state, other.batch, gone.state) == ("waiting", None, "done")
    assert run(library, "print-letters", NOON + timedelta(hours=1)).counts == {"looked_at": 1, "files": 1}
    old, new = PrintBatch.objects.order_by("pk")
    assert (bytes(old.pdf), bytes(new.pdf)[:5]) == (b"", b"%PDF-")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks the whole database at BEGIN")
def test_a_file_that_is_kept_while_the_erasing_waits_for_its_letters_is_erased_too(
    flushable: None, library: Library
) -> None:
    # given
    gone = write_one(library, key="a", channels=("print",), about=["loan:1"])
    other = write_one(library, key="b", channels=("print",))

    def erase_elsewhere() -> None:
        with transaction.atomic():
            erase(library)
        connection.close()

    # when
    thread = Thread(target=erase_elsewhere)
    with transaction.atomic():
        list(Letter.objects.select_for_update(of=("self",)).order_by("pk"))
        thread.start()
        wait_for_somebody_who_waits()
        batch = PrintBatch.objects.create(
            institution=library.institution, created_at=NOON, created_by="job", pdf=b"%PDF-"
        )
        Letter.objects.update(batch=batch)
    thread.join(20)

    # then
    gone.refresh_from_db()
    other.refresh_from_db()
    batch.refresh_from_db()
    assert gone.erased_at == NOON
    assert bytes(batch.pdf) == b""
    assert (other.state, other.batch) == ("waiting", None)


def wait_for_somebody_who_waits() -> None:
    """Until another connection waits for a lock that is held."""
    deadline = monotonic() + 20
    with connection.cursor() as cursor:
        while monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


def test_the_other_letters_of_a_printed_file_are_not_printed_again(library: Library) -> None:
    write_one(library, key="a", channels=("print",), about=["loan:1"])
    other = write_one(library, key="b", channels=("print",))
    run(library, "print-letters")
    batch = PrintBatch.objects.get()
    mark_printed(actor=library.operator, at=NOON, batch_id=batch.pk)

    erase(library)

    other.refresh_from_db()
    assert (other.state, other.batch) == ("sent", batch)
    assert bytes(PrintBatch.objects.get().pdf) == b""


def erase(library: Library) -> None:
    assert erase_letters_about(library.institution.pk, [library.patron.pk], {"loan:1"}, at=NOON) == 1
