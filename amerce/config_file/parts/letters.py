"""Letters: who sends them, which are written, and the institution's own words."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from amerce.config_file.part import Act, SettingsPart, TablePart, Values
from amerce.config_file.scalars import Choice, Flag, Text
from amerce.config_file.shapes import Field, Row, Table
from amerce.institutions.models import Institution
from amerce.letters.check_words import SUBJECT_LIMIT
from amerce.letters.configure import restore_words, save_words, switch_kind
from amerce.letters.defaults import Words
from amerce.letters.house import house_of
from amerce.letters.kinds import OFFERED, LetterKind
from amerce.letters.language import SOURCE_LIMIT
from amerce.letters.models import LetterTemplate
from amerce.letters.save_settings import (
    ADDRESS_LIMIT,
    NAME_LIMIT,
    PHONE_LIMIT,
    LetterSettingsFacts,
    save_letter_settings,
    settings_of,
)

_SETTINGS = ("is_on", "sender_name", "sender_email", "reply_to", "staff_email", "phone", "address", "sms_url")


class Letters(SettingsPart):
    name = "letters"
    about = "Who sends letters. The token of the SMS gateway is a secret and stays as it is."
    shape = Row(
        {
            "is_on": Field(Flag(), "Whether letters are written at all.", True),
            "sender_name": Field(Text(NAME_LIMIT), "The name they come from.", ""),
            "sender_email": Field(Text(254), "The address they come from.", ""),
            "reply_to": Field(Text(254), "Where answers go.", ""),
            "staff_email": Field(Text(254), "Where reports to staff go; empty for nowhere.", ""),
            "phone": Field(Text(PHONE_LIMIT), "At the foot of letters.", ""),
            "address": Field(Text(ADDRESS_LIMIT), "The postal address, by lines.", ""),
            "sms_url": Field(Text(500), "The https address of the SMS gateway.", ""),
        }
    )

    def stands(self, institution: Institution, at: datetime) -> Values:
        facts = settings_of(institution)
        return {name: getattr(facts, name) for name in _SETTINGS}

    def save(self, act: Act, values: Values) -> None:
        kept = settings_of(act.institution).has_sms_token
        facts = LetterSettingsFacts(**values, has_sms_token=kept)
        save_letter_settings(actor=act.actor, at=act.at, facts=facts)

    def secrets_to_enter(self, institution: Institution, changed: Sequence[tuple[Values | None, Values]]) -> list[str]:
        facts = settings_of(institution)
        if not facts.sms_url or facts.has_sms_token:
            return []
        sentence = _("The token of the SMS gateway %(url)s is missing. Enter it at Configuration > Letter Settings.")
        return [sentence % {"url": facts.sms_url}]


class LetterKinds(TablePart):
    name = "letter_kinds"
    about = "Which letters are written."
    is_whole = False
    shape = Table(
        ("kind",),
        Row(
            {
                "kind": Field(Choice(LetterKind.values), "The letter."),
                "is_on": Field(Flag(), "Whether it is written."),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        house = house_of(institution.pk)
        return [{"kind": kind.value, "is_on": house.switched_on(kind)} for kind in OFFERED]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        switch_kind(actor=act.actor, at=act.at, **row)


class LetterWords(TablePart):
    name = "letter_words"
    about = "The institution's own words, in place of the built-in ones."
    shape = Table(
        ("kind", "language"),
        Row(
            {
                "kind": Field(Choice(LetterKind.values), "The letter."),
                "language": Field(Text(2), "Two small letters, such as en."),
                "subject": Field(Text(SUBJECT_LIMIT), "The subject."),
                "html": Field(Text(SOURCE_LIMIT), "The letter as HTML."),
                "text": Field(Text(SOURCE_LIMIT), "The letter as text."),
                "sms": Field(Text(SOURCE_LIMIT), "The letter as a short message."),
            }
        ),
    )

    def stands(self, institution: Institution, at: datetime) -> list[Values]:
        own = LetterTemplate.objects.filter(institution=institution, kind__in=OFFERED)
        own = own.order_by("kind", "language")
        return [{"kind": each.kind, "language": each.language, **Words.of(each).as_dict()} for each in own]

    def save(self, act: Act, row: Values, before: Values | None) -> None:
        parts = {name: row[name] for name in ("subject", "html", "text", "sms")}
        which = {"kind": row["kind"], "language": row["language"]}
        save_words(actor=act.actor, at=act.at, **which, words=Words(**parts))

    def remove(self, act: Act, row: Values) -> None:
        restore_words(actor=act.actor, at=act.at, kind=row["kind"], language=row["language"])
