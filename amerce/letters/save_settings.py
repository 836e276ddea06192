"""What holds for every letter of an institution: whether any is written, who sends, and the SMS gateway (row C6).

Why the token apart from the facts: it is kept sealed, and neither a page nor an event may show it.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.access.sealed import seal
from amerce.events.record import record
from amerce.inputs.checks import checked_text
from amerce.inputs.errors import TextMalformed
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Institution
from amerce.institutions.save_printer import EmailNotTaken
from amerce.letters.errors import GatewayNotTaken
from amerce.letters.models import LetterSettings
from amerce.letters.recipients import is_email
from amerce.outbound.addresses import AddressRefused, read_address

SETTINGS_CHANGED = "letter_settings.changed"
NAME_LIMIT, ADDRESS_LIMIT, PHONE_LIMIT = 200, 1300, 60


@dataclass(frozen=True, kw_only=True)
class LetterSettingsFacts:
    """Columns of ``LetterSettings``. ``has_sms_token`` says that one is kept, and not which."""

    is_on: bool = True
    sender_name: str = ""
    sender_email: str = ""
    reply_to: str = ""
    staff_email: str = ""
    phone: str = ""
    address: str = ""
    sms_url: str = ""
    has_sms_token: bool = False

    @classmethod
    def of(cls, row: LetterSettings | None) -> "LetterSettingsFacts":
        if row is None:
            return cls()
        names = [each for each in cls.__dataclass_fields__ if each != "has_sms_token"]
        return cls(**{name: getattr(row, name) for name in names}, has_sms_token=bool(row.sms_token_sealed))


def settings_of(institution: Institution) -> LetterSettingsFacts:
    """What stands now."""
    return LetterSettingsFacts.of(LetterSettings.objects.filter(institution=institution).first())


def save_letter_settings(
    *,
    actor: Actor,
    at: datetime,
    facts: LetterSettingsFacts,
    sms_token: str | None = None,
    expected_stamp: str | None = None,
) -> bool:
    """Make the settings say ``facts``; whether they said something else. ``sms_token`` replaces the one that is kept;
    None keeps it, and ``has_sms_token`` off forgets it, as another address of the gateway does: no token goes to whom
    it was not given for.

    Raises ``NotAllowed``, ``OutOfDate``, ``TextTooLong``, ``TextMalformed``, ``EmailNotTaken``, ``GatewayNotTaken``.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        institution = locked_institution(actor)
        row = LetterSettings.objects.filter(institution=institution).first() or LetterSettings(institution=institution)
        before = LetterSettingsFacts.of(row)
        token = (sms_token or "").strip()
        after = _checked(facts)
        keeps = facts.has_sms_token and before.has_sms_token and after.sms_url == before.sms_url
        after = replace(after, has_sms_token=bool(token) or keeps)
        if before == after and not token:
            return False
        require_unchanged(before, expected_stamp)
        if token:
            row.sms_token_sealed = seal(checked_text("sms_token", token, ADDRESS_LIMIT))
        elif not after.has_sms_token:
            row.sms_token_sealed = ""
        for name, value in asdict(after).items():
            if name != "has_sms_token":
                setattr(row, name, value)
        row.updated_by, row.updated_at = actor.name, at
        row.save()
        data = {"before": asdict(before), "after": asdict(after)} | ({"fields": ["sms_token"]} if token else {})
        record(SETTINGS_CHANGED, actor=actor, at=at, data=data)
        return True


def _checked(facts: LetterSettingsFacts) -> LetterSettingsFacts:
    lines = [each.strip() for each in facts.address.splitlines()]
    clean = replace(
        facts,
        sender_name=_one_line("sender_name", facts.sender_name, NAME_LIMIT),
        sender_email=_email("sender_email", facts.sender_email),
        reply_to=_email("reply_to", facts.reply_to),
        staff_email=_email("staff_email", facts.staff_email),
        phone=_one_line("phone", facts.phone, PHONE_LIMIT),
        address=checked_text("address", "\n".join(each for each in lines if each), ADDRESS_LIMIT),
        sms_url=facts.sms_url.strip(),
    )
    if clean.sms_url:
        try:
            read_address(clean.sms_url)
        except AddressRefused:
            raise GatewayNotTaken from None
    return clean


def _one_line(field: str, text: str, limit: int) -> str:
    if len(text.strip().splitlines()) > 1:
        raise TextMalformed(field)
    return checked_text(field, text.strip(), limit)


def _email(field: str, text: str) -> str:
    email = text.strip()
    if email and not (email.isascii() and is_email(email)):
        refused = EmailNotTaken()
        refused.field = field
        raise refused
    return email
