"""Comments and the salted hash that stands for them in the ledger."""

import hashlib
import secrets

from amerce.patrons.models import Note
from amerce.sql import fresh, insert


def note_hash(text: str, salt: str) -> str:
    return hashlib.sha256((salt + text).encode()).hexdigest()


def new_note(*, institution_id: int, patron_id: int, text: str) -> Note | None:
    """A comment to be inserted, or nothing for an empty one."""
    if not text:
        return None
    return fresh(Note, institution_id=institution_id, patron_id=patron_id, text=text, salt=secrets.token_hex(16))


def write_note(*, institution_id: int, patron_id: int, text: str) -> Note | None:
    """Keep a comment, or nothing for an empty one."""
    note = new_note(institution_id=institution_id, patron_id=patron_id, text=text)
    if note:
        insert([note])
    return note
