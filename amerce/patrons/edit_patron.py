"""Changing the fields of a patron record by hand (row F1)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.checks import difference
from amerce.patrons.details import PROTECTED, TOLD, Details, values_of
from amerce.patrons.errors import FieldProtected, IdTaken
from amerce.patrons.folding import fold_id
from amerce.patrons.load import write_names
from amerce.patrons.models import NameToken, Patron
from amerce.patrons.record import RecordOutcome, close_record, lock_record

_NAMES = frozenset({"first_name", "middle_name", "last_name"})


def edit_patron(*, actor: Actor, at: datetime, patron_id: int, expected_seq: int, details: Details) -> RecordOutcome:
    """Raises ``NotAllowed``, ``PatronNotFound``, ``RecordChanged``, ``FieldProtected``, ``IdTaken`` and what the
    fields are refused for."""
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        patron = lock_record(actor, patron_id, expected_seq)
        group = details.check(
            actor.institution_id, kept_language=patron.preferred_language, kept_group_id=patron.group_id
        )
        before, after = values_of(patron), details.values(group)
        told = difference(before, after, told=TOLD)
        changed = told["changed"]
        if not changed:
            return RecordOutcome(patron.pk, patron.seq, changed=False)
        _refuse_protected(patron, changed)
        if "primary_id" in changed:
            _refuse_taken(patron, after["primary_id"])
        for name in changed:
            setattr(patron, name, group if name == "group" else after[name])
        patron.primary_folded = fold_id(patron.primary_id)
        columns = [*changed, "primary_folded"]
        try:
            with transaction.atomic():
                outcome = close_record(patron, "patron.edited", actor=actor, at=at, data=told, columns=columns)
        except IntegrityError as error:  # somebody took the id in the same moment
            raise IdTaken("primary_id") from error
        if _NAMES & set(changed):
            NameToken.objects.filter(patron=patron).delete()
            write_names([patron])
        return outcome


def _refuse_protected(patron: Patron, changed: list[str]) -> None:
    if not patron.is_external:
        return
    for name in PROTECTED:
        if name in changed:
            raise FieldProtected(name, patron.source_system)


def _refuse_taken(patron: Patron, primary_id: str) -> None:
    others = Patron.objects.filter(institution_id=patron.institution_id).exclude(pk=patron.pk)
    if others.filter(primary_folded=fold_id(primary_id)).exists():
        raise IdTaken("primary_id")
