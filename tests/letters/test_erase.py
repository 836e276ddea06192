"""A letter that names an anonymised loan says nothing any more."""

import pytest

from amerce.letters.deliver import deliver_letters
from amerce.letters.erase import erase_letters_about
from amerce.letters.models import Letter
from tests.letters.writing import reach, write_one
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


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
