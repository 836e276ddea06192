"""Configuring letters: the words of a kind in one language, whether a kind is written, and who sends (row C6)."""

import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.template import TemplateSyntaxError

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.access.sealed import seal
from amerce.events.record import record
from amerce.inputs.checks import can_be_seen, checked_text
from amerce.inputs.errors import ChoiceUnknown, TextMalformed, TextTooLong
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Institution
from amerce.institutions.save_printer import EmailNotTaken
from amerce.letters.charge_letters import forget_wanted
from amerce.letters.defaults import LANGUAGE, Words, built_in
from amerce.letters.errors import GatewayNotTaken, WordsBroken, WordsMissing
from amerce.letters.house import House, house_of
from amerce.letters.kinds import KINDS, LetterKind
from amerce.letters.language import SOURCE_LIMIT, UNKNOWN_BEGIN, UNKNOWN_END, LetterTooLong, compiled, frozen, rendered
from amerce.letters.models import LetterSettings, LetterSwitch, LetterTemplate
from amerce.letters.recipients import is_email
from amerce.letters.samples import sample
from amerce.outbound.addresses import AddressRefused, read_address

WORDS_CHANGED, SWITCHED, SETTINGS_CHANGED = "letter_words.changed", "letter_kind.changed", "letter_settings.changed"
SUBJECT_LIMIT, NAME_LIMIT, ADDRESS_LIMIT, PHONE_LIMIT = 300, 200, 1300, 60
_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)
_UNKNOWN = re.compile(f"{UNKNOWN_BEGIN}(.*?){UNKNOWN_END}")


@dataclass(frozen=True, kw_only=True)
class LetterSettingsFacts:
    """Columns of ``LetterSettings``. ``has_sms_token`` says that one is kept, and not which."""

    is_on: bool = True
    sender_name: str = ""
    sender_email: str = ""
    reply_to: str = ""
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


def words_of(house: House, kind: str, language: str) -> tuple[Words, bool]:
    """The words that hold for the kind in that language, and whether they are the institution's own."""
    own = house.own_words.get((kind, language))
    return (own, True) if own else (built_in(kind), False)


def save_words(
    *, actor: Actor, at: datetime, kind: str, language: str, words: Words, expected_stamp: str | None = None
) -> bool:
    """Make ``words`` the institution's own for the kind in that language; whether they are others than before.

    Raises ``NotAllowed``, ``ChoiceUnknown``, ``OutOfDate``, ``TextTooLong``, ``TextMalformed``, ``WordsMissing``,
    ``WordsBroken``.
    """
    require_for(actor, Privilege.LETTER_CONFIGURE, EVERYWHERE)
    _check_which(kind, language)
    after = Words(**{part: text.replace("\r\n", "\n").strip() for part, text in words.as_dict().items()})
    with transaction.atomic():
        house = house_of(locked_institution(actor).pk)
        before, _is_own = words_of(house, kind, language)
        if before == after:
            return False
        require_unchanged(before, expected_stamp)
        check_words(house, kind, language, after)
        row = LetterTemplate.objects.filter(institution=house.institution, kind=kind, language=language).first()
        row = row or LetterTemplate(institution=house.institution, kind=kind, language=language)
        for part, text in after.as_dict().items():
            setattr(row, part, text)
        row.updated_by, row.updated_at = actor.name, at
        row.save()
        _tell(actor, at, {"kind": kind, "language": language}, before, after)
        return True


def restore_words(*, actor: Actor, at: datetime, kind: str, language: str, expected_stamp: str | None = None) -> bool:
    """Back to the built-in words; whether there were others. Raises ``NotAllowed``, ``ChoiceUnknown``,
    ``OutOfDate``.
    """
    require_for(actor, Privilege.LETTER_CONFIGURE, EVERYWHERE)
    _check_which(kind, language)
    with transaction.atomic():
        house = house_of(locked_institution(actor).pk)
        before, is_own = words_of(house, kind, language)
        if not is_own:
            return False
        require_unchanged(before, expected_stamp)
        LetterTemplate.objects.filter(institution=house.institution, kind=kind, language=language).delete()
        _tell(actor, at, {"kind": kind, "language": language}, before, built_in(kind), is_restored=True)
        return True


def switch_kind(*, actor: Actor, at: datetime, kind: str, is_on: bool) -> bool:
    """Have letters of ``kind`` written, or not; whether that is new. Raises ``NotAllowed``, ``ChoiceUnknown``."""
    require_for(actor, Privilege.LETTER_CONFIGURE, EVERYWHERE)
    _check_which(kind, LANGUAGE)
    with transaction.atomic():
        institution = locked_institution(actor)
        row = LetterSwitch.objects.filter(institution=institution, kind=kind).first()
        before = row.is_on if row else KINDS[LetterKind(kind)].starts_on
        if before == is_on:
            return False
        LetterSwitch.objects.update_or_create(
            institution=institution, kind=kind, defaults={"is_on": is_on, "updated_by": actor.name, "updated_at": at}
        )
        forget_wanted()
        data = {"kind": kind, "before": {"is_on": before}, "after": {"is_on": is_on}}
        record(SWITCHED, actor=actor, at=at, data=data)
        return True


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
    None keeps it, and ``has_sms_token`` off forgets it.

    Raises ``NotAllowed``, ``OutOfDate``, ``TextTooLong``, ``TextMalformed``, ``EmailNotTaken``, ``GatewayNotTaken``.
    """
    require_for(actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        institution = locked_institution(actor)
        row = LetterSettings.objects.filter(institution=institution).first() or LetterSettings(institution=institution)
        before = LetterSettingsFacts.of(row)
        token = (sms_token or "").strip()
        after = replace(_checked(facts), has_sms_token=bool(token) or (facts.has_sms_token and before.has_sms_token))
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


def check_words(house: House, kind: str, language: str, words: Words) -> None:
    """Raise ``WordsMissing``, ``TextTooLong``, ``TextMalformed`` or ``WordsBroken`` unless a letter can be made of
    ``words`` by every channel and they name nothing that is not there.
    """
    facts = frozen({**house.facts(_A_DAY), "language": language, **sample(kind)})
    for part, text in words.as_dict().items():
        if not text.strip():
            raise WordsMissing(part)
        limit = SUBJECT_LIMIT if part == "subject" else SOURCE_LIMIT
        if len(text) > limit:
            raise TextTooLong(part, limit)
        if not can_be_seen(text):
            raise TextMalformed(part)
        _check_part(house, language, part, text, facts)


_A_DAY = datetime.fromisoformat("2026-03-02T12:00:00+00:00")


def _check_part(house: House, language: str, part: str, text: str, facts: Any) -> None:
    try:
        template = compiled(house.dress(language), text, is_checking=True)
        said = rendered(template, facts, escapes=part == "html")
    except TemplateSyntaxError as error:
        raise WordsBroken(part, _line_of(error), str(error)) from error
    except LetterTooLong as error:
        raise WordsBroken(part, 1, "it becomes too long") from error
    except Exception as error:
        raise WordsBroken(part, _line_of(error), str(error) or type(error).__name__) from error
    unknown = _UNKNOWN.search(said)
    if unknown:
        raise WordsBroken(part, _line_with(text, unknown[1]), f"there is no “{unknown[1]}” in this letter")


def _line_of(error: Exception) -> int:
    token = getattr(error, "token", None) or getattr(getattr(error, "_culprit_node", None), "token", None)
    return int(getattr(token, "lineno", None) or 1)


def _line_with(text: str, name: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if name in line), 1)


def _check_which(kind: str, language: str) -> None:
    if kind not in LetterKind.values:
        raise ChoiceUnknown("kind")
    if not _LANGUAGE.fullmatch(language):
        raise ChoiceUnknown("language")


def _checked(facts: LetterSettingsFacts) -> LetterSettingsFacts:
    lines = [each.strip() for each in facts.address.splitlines()]
    clean = replace(
        facts,
        sender_name=_one_line("sender_name", facts.sender_name, NAME_LIMIT),
        sender_email=_email("sender_email", facts.sender_email),
        reply_to=_email("reply_to", facts.reply_to),
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


def _tell(actor: Actor, at: datetime, which: dict[str, str], before: Words, after: Words, **more: bool) -> None:
    data = {**which, "before": before.as_dict(), "after": after.as_dict(), **more}
    record(WORDS_CHANGED, actor=actor, at=at, data=data)
