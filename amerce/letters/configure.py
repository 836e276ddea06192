"""Configuring letters: the words of a kind in one language, and whether a kind is written (row C6)."""

import re
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.errors import ChoiceUnknown
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.letters.charge_letters import forget_wanted
from amerce.letters.check_words import check_words
from amerce.letters.defaults import LANGUAGE, Words, built_in
from amerce.letters.house import House, house_of
from amerce.letters.kinds import KINDS, LetterKind
from amerce.letters.models import LetterSwitch, LetterTemplate

WORDS_CHANGED, SWITCHED = "letter_words.changed", "letter_kind.changed"
_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)


def words_of(house: House, kind: str, language: str) -> tuple[Words, bool]:
    """The words that hold for the kind in that language, and whether they are the institution's own.

    In a language without built-in words one begins with the English ones.
    """
    own = house.own_words.get((kind, language))
    return (own, True) if own else (built_in(kind, language), False)


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
        _tell(actor, at, {"kind": kind, "language": language}, before, built_in(kind, language), is_restored=True)
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


def _check_which(kind: str, language: str) -> None:
    if kind not in LetterKind.values:
        raise ChoiceUnknown("kind")
    if not _LANGUAGE.fullmatch(language):
        raise ChoiceUnknown("language")


def _tell(actor: Actor, at: datetime, which: dict[str, str], before: Words, after: Words, **more: bool) -> None:
    data = {**which, "before": before.as_dict(), "after": after.as_dict(), **more}
    record(WORDS_CHANGED, actor=actor, at=at, data=data)
