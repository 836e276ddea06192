"""Who reads which letters."""

import pytest

from amerce.access.can import NotAllowed
from amerce.letters.again import print_instead, send_again, settle
from amerce.letters.erase import erase_letters_to
from amerce.letters.models import Letter
from amerce.letters.queries import get_letter, worklist
from tests.charges.checks import nothing_written
from tests.letters.writing import write_one
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

BURSAR, TILL = "BURSAR_RUN", "TILL"


def to_staff(library: Library, kind: str) -> Letter:
    letter = write_one(library, kind=kind, key=f"{kind}:1", patron_id=None, to="office@example.org")
    Letter.objects.filter(pk=letter.pk).update(state="failed")
    return letter


@pytest.mark.parametrize(
    ("kind", "role"),
    [(BURSAR, "bursar_clerk"), (BURSAR, "general_system_administrator"), (TILL, "user_administrator")],
)
def test_a_letter_to_staff_is_read_by_who_may_see_its_subject(library: Library, kind: str, role: str) -> None:
    letter = to_staff(library, kind)

    assert get_letter(library.staff(role), letter.pk) == letter


@pytest.mark.parametrize(
    ("kind", "role"),
    [(BURSAR, "circulation_desk_operator"), (BURSAR, "user_manager"), (TILL, "bursar_clerk")],
)
def test_a_letter_to_staff_is_not_read_by_who_may_only_look_at_patrons(library: Library, kind: str, role: str) -> None:
    letter = to_staff(library, kind)

    with pytest.raises(NotAllowed):
        get_letter(library.staff(role), letter.pk)


@pytest.mark.parametrize("command", [send_again, print_instead, settle])
def test_nor_is_it_sent_or_printed_by_them(library: Library, command) -> None:  # type: ignore[no-untyped-def]
    letter = to_staff(library, BURSAR)

    with nothing_written(), pytest.raises(NotAllowed):
        command(actor=library.operator, at=NOON, letter_id=letter.pk)


def test_the_worklist_leaves_out_what_its_reader_may_not_read(library: Library) -> None:
    mine, staff = write_one(library), to_staff(library, TILL)

    assert list(worklist(library.operator)) == [mine]
    assert list(worklist(library.staff("general_system_administrator"))) == [mine, staff]


def test_an_erased_letter_is_read_by_who_may_look_at_patrons(library: Library) -> None:
    letter = write_one(library)
    erase_letters_to(library.institution.pk, library.patron.pk, at=NOON)

    assert get_letter(library.operator, letter.pk) == letter
    assert list(worklist(library.operator)) == []
