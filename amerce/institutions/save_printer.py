"""Adding a printer for letters, changing it, or taking it out of use (row C6)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.inputs.checks import checked_name, checked_row, checked_text
from amerce.inputs.errors import Refused
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Library, Printer
from amerce.institutions.rows import CODE_LIMIT, RowSaved, own_row, require_free, write_row

CHANGED = "printer.changed"
EMAIL_LIMIT = 254


class PrinterNotReached(Refused):
    """Neither an e-mail address nor a queue is given, or both are."""

    field = "email"


class EmailNotTaken(Refused):
    """What was typed is no e-mail address."""

    field = "email"


@dataclass(frozen=True, kw_only=True)
class PrinterFacts:
    """What a printer says; the words are those of ``Printer``."""

    code: str
    name: str
    library_id: int | None = None
    email: str = ""
    queue: str = ""
    is_active: bool = True

    @classmethod
    def of(cls, printer: Printer) -> "PrinterFacts":
        return cls(**{name: getattr(printer, name) for name in cls.__dataclass_fields__})


def save_printer(
    *, actor: Actor, at: datetime, facts: PrinterFacts, printer_id: int | None = None, expected_stamp: str | None = None
) -> RowSaved:
    """Make a printer that says ``facts``, or make the one of ``printer_id`` say them; its code stays.

    ``expected_stamp`` is that of ``PrinterFacts.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``, ``NameMissing``, ``TextTooLong``, ``TextMalformed``, ``NameTaken``, ``ChoiceUnknown`` for the
    library, ``PrinterNotReached``, ``EmailNotTaken``.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        printer = own_row(Printer, actor, printer_id)
        before = PrinterFacts.of(printer) if printer else None
        after = _checked(facts, before.code if before else facts.code)
        if printer is not None and after == before:
            return RowSaved(printer.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        if after.library_id is not None:
            checked_row("library_id", Library, actor.institution_id, pk=after.library_id)
        require_free(Printer, actor, printer_id, {"code": after.code, "name": after.name})
        return write_row(Printer, CHANGED, actor=actor, at=at, row=printer, before=before, after=after)


def _checked(facts: PrinterFacts, code: str) -> PrinterFacts:
    email = checked_text("email", facts.email.strip(), EMAIL_LIMIT)
    queue = checked_text("queue", facts.queue.strip(), 200)
    if bool(email) == bool(queue):
        raise PrinterNotReached
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise EmailNotTaken from None
    code = checked_name("code", code, CODE_LIMIT)
    return replace(facts, code=code, name=checked_name("name", facts.name), email=email, queue=queue)
