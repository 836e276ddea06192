"""What an institution says in all its letters: who sends them, its own words, and which kinds are off. Read once."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from django.conf import settings

from amerce.institutions.models import Institution
from amerce.letters.defaults import BUILT_IN_LANGUAGES, LANGUAGE, Words, built_in
from amerce.letters.kinds import KINDS, LetterKind
from amerce.letters.language import Dress
from amerce.letters.models import LetterSettings, LetterSwitch, LetterTemplate


@dataclass(frozen=True)
class House:
    """Of one institution, at one moment. ``own_words`` are by kind and language."""

    institution: Institution
    settings: LetterSettings
    own_words: dict[tuple[str, str], Words]
    switches: dict[str, bool]

    def is_on(self, kind: str) -> bool:
        """Whether letters of ``kind`` are written."""
        return self.settings.is_on and self.switched_on(kind)

    def switched_on(self, kind: str) -> bool:
        """Whether they would be, if letters are written at all."""
        return self.switches.get(kind, KINDS[LetterKind(kind)].starts_on)

    def words(self, kind: str, wanted: str) -> tuple[str, Words]:
        """The language to write in and the words: the language that is wanted, else the institution's, else English.

        In each the institution's own words go before the built-in ones.
        """
        languages = (wanted.lower()[:2], self.language, LANGUAGE)
        language = next(each for each in languages if (kind, each) in self.own_words or each in BUILT_IN_LANGUAGES)
        return language, self.own_words.get((kind, language)) or built_in(kind, language)

    @property
    def language(self) -> str:
        return self.institution.locale.partition("_")[0]

    def dress(self, language: str) -> Dress:
        """Amounts and dates as ``language`` writes them where the institution is."""
        return _dress(language, self.institution.locale, self.institution.currency_code, self.institution.time_zone)

    @property
    def sender_email(self) -> str:
        return self.settings.sender_email or f"library@{urlsplit(settings.BASE_URL).hostname or 'localhost'}"

    @property
    def sender_name(self) -> str:
        return self.settings.sender_name or self.institution.name

    def facts(self, at: datetime) -> dict[str, Any]:
        """What every letter knows of the institution and the day."""
        return {
            "institution": {
                "code": self.institution.code,
                "name": self.institution.name,
                "email": self.settings.reply_to or self.sender_email,
                "phone": self.settings.phone,
                "address": self.settings.address.splitlines(),
            },
            "currency": self.institution.currency_code,
            "today": at.astimezone(self.institution.zone).date().isoformat(),
        }


def has_gateway(institution_id: int) -> bool:
    """Whether short messages can be sent. One query."""
    return LetterSettings.objects.filter(institution_id=institution_id).exclude(sms_url="").exists()


def house_of(institution_id: int) -> House:
    """Four queries."""
    institution = Institution.objects.get(pk=institution_id)
    own = LetterTemplate.objects.filter(institution_id=institution_id)
    switches = LetterSwitch.objects.filter(institution_id=institution_id)
    kept = LetterSettings.objects.filter(institution_id=institution_id).first()
    return House(
        institution=institution,
        settings=kept or LetterSettings(institution_id=institution_id),
        own_words={(each.kind, each.language): Words.of(each) for each in own},
        switches=dict(switches.values_list("kind", "is_on")),
    )


def short_day(day: date, locale: str) -> str:
    """dd/mm/yyyy, or mm/dd/yyyy where ``locale`` writes the month first: as Alma's letters have it."""
    pattern = Locale.parse(locale).date_formats["short"].pattern
    return day.strftime("%m/%d/%Y" if pattern.upper().startswith("M") else "%d/%m/%Y")


@lru_cache(maxsize=256)
def _dress(language: str, locale: str, currency_code: str, time_zone: str) -> Dress:
    _language, _, territory = locale.partition("_")
    for name in (f"{language}_{territory}" if territory else language, language):
        try:
            return Dress(currency_code, str(Locale.parse(name)), time_zone)
        except (UnknownLocaleError, ValueError):
            continue
    return Dress(currency_code, locale, time_zone)
