"""Deleting a patron record (row G1): whole where nothing hangs on it, else everything that says who it was.

Why here and not with the patrons: whether somebody may go is known by what they owe, have borrowed and wait for.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.locks import lock_account
from amerce.charges.models import Fee
from amerce.circulation.models import Loan, Request
from amerce.events.record import record
from amerce.inputs.errors import Refused
from amerce.letters.erase import erase_letters_to
from amerce.patrons.folding import fold_id
from amerce.patrons.models import Contact, NameToken, Patron, PatronBlock, PatronIdentifier, PatronNote, Proxy

_OF_A_PERSON = (Contact, PatronIdentifier, PatronNote, PatronBlock, NameToken)


class PatronHeld(Refused):
    """The patron owes or is owed something, has something out, or waits for something."""


@dataclass(frozen=True)
class Deleted:
    """``is_erased`` says that the row stays without a name, since money or loans of the past hang on it."""

    patron_id: int
    is_erased: bool


def delete_patron(*, actor: Actor, at: datetime, patron_id: int) -> Deleted:
    """Delete the record, or erase what says who it was; letters to the patron are erased.

    Raises ``NotAllowed``, ``PatronNotFound``, ``PatronHeld``.
    """
    require(actor, Privilege.PATRON_EDIT)
    with transaction.atomic():
        account = lock_account(actor.institution_id, patron_id)
        patron = Patron.objects.select_for_update().get(institution_id=actor.institution_id, pk=patron_id)
        _refuse_held(patron)
        erase_letters_to(actor.institution_id, patron_id, at=at)
        is_erased = account.seq > 0 or not _gone(patron)
        if is_erased:
            _erase(patron)
        data = {"seq": patron.seq, "is_erased": is_erased}
        record("patron.deleted", actor=actor, at=at, patron_id=patron_id, data=data)
        return Deleted(patron_id, is_erased)


def _refuse_held(patron: Patron) -> None:
    mine = {"institution_id": patron.institution_id, "patron_id": patron.pk}
    is_open = Fee.objects.filter(**mine).exclude(status=Fee.Status.CLOSED).exists()
    has_out = Loan.objects.filter(**mine, returned_at=None, closed_at=None).exists()
    if is_open or has_out or Request.objects.filter(**mine, closed_at=None).exists():
        raise PatronHeld


def _gone(patron: Patron) -> bool:
    """Whether the row could be deleted, with the account that never moved."""
    try:
        with transaction.atomic():
            patron.account.delete()
            Patron.objects.filter(pk=patron.pk).delete()
    except ProtectedError:
        return False
    return True


def _erase(patron: Patron) -> None:
    for model in _OF_A_PERSON:
        model._default_manager.filter(patron=patron).delete()
    Proxy.objects.filter(patron=patron).delete()
    Proxy.objects.filter(proxy=patron).delete()
    patron.primary_id = f"deleted-{secrets.token_hex(8)}"
    patron.primary_folded = fold_id(patron.primary_id)
    patron.first_name = patron.middle_name = patron.last_name = ""
    patron.source_system = patron.source_id = patron.password = ""
    patron.expires_on = patron.group = None
    patron.status, patron.other_fields = Patron.Status.INACTIVE, {}
    patron.seq += 1
    patron.save()
