"""By which channel a letter goes that names none: by the first that reaches its patron (row E1).

Why print only with a postal address and a printer: paper that nobody can post, or nobody prints, is told to nobody.
"""

from dataclasses import dataclass

from amerce.institutions.models import Printer
from amerce.letters.house import House
from amerce.letters.models import Letter
from amerce.letters.recipients import Recipient


@dataclass(frozen=True)
class Way:
    """A channel, and the printer if it is print."""

    channel: str
    printer_id: int | None = None


def way_to(recipient: Recipient, house: House, printer_id: int | None) -> Way:
    """E-mail, else SMS if the institution has a gateway, else print by ``printer_id``; else an e-mail that waits for an
    address.
    """
    if Letter.Channel.EMAIL in recipient.addresses:
        return Way(Letter.Channel.EMAIL.value)
    if Letter.Channel.SMS in recipient.addresses and house.settings.sms_url:
        return Way(Letter.Channel.SMS.value)
    if recipient.facts.get("address") and printer_id is not None:
        return Way(Letter.Channel.PRINT.value, printer_id)
    return Way(Letter.Channel.EMAIL.value)


def printer_in_use(institution_id: int, wanted: int | None = None) -> int | None:
    """The printer ``wanted``, if it is in use; the first by name if none is wanted."""
    printers = Printer.objects.filter(institution_id=institution_id, is_active=True).order_by("name", "pk")
    found = printers if wanted is None else printers.filter(pk=wanted)
    return found.values_list("pk", flat=True).first()
