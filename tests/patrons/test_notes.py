import hashlib

import pytest

from amerce.patrons.models import Note
from amerce.patrons.notes import note_hash, write_note
from tests.world import Library

pytestmark = pytest.mark.django_db


def test_an_empty_comment_is_not_kept(library: Library) -> None:
    assert write_note(institution_id=library.institution.pk, patron_id=library.patron.pk, text="") is None
    assert not Note.objects.exists()


def test_the_same_words_twice_have_different_hashes(library: Library) -> None:
    first, second = (
        write_note(institution_id=library.institution.pk, patron_id=library.patron.pk, text="late") for _ in range(2)
    )

    assert note_hash(first.text, first.salt) != note_hash(second.text, second.salt)
    assert note_hash("late", first.salt) == hashlib.sha256(f"{first.salt}late".encode()).hexdigest()
