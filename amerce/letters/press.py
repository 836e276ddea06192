"""One letter as it is kept: made from the words of the institution, the facts of its patron, and what it tells."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from amerce.letters.defaults import BUILT_IN_LANGUAGES, LANGUAGE, Words, built_in
from amerce.letters.house import House
from amerce.letters.kinds import notice_number
from amerce.letters.message import message_bytes, message_id
from amerce.letters.models import Letter
from amerce.letters.recipients import Recipient
from amerce.letters.render import Rendered, render
from amerce.sql import fresh

_log = logging.getLogger(__name__)
NOBODY = Recipient({})
"""To whom letters to staff go."""


@dataclass(frozen=True, kw_only=True)
class NewLetter:
    """A letter to be written, once by each of ``channels``; by the first that reaches the patron if there are none.

    ``data`` is what ``samples.py`` shows for the kind, as JSON; ``key`` says what it is about, at most 200 characters,
    and a second letter of the same key and channel is not written. ``to`` is an address instead of the patron's,
    needed without a patron. ``about`` names the loans and requests in it (``loan:12``).
    ``words`` hold instead of the kind's, in ``language``: for a test of words that are not saved.
    """

    kind: str
    patron_id: int | None
    data: Mapping[str, Any]
    key: str
    channels: Sequence[str] = ()
    printer_id: int | None = None
    to: str = ""
    language: str | None = None
    about: Sequence[str] = ()
    words: Words | None = None


@dataclass(frozen=True)
class Press:
    """Makes letters of one institution at one moment. ``shared`` is what all of them know."""

    house: House
    at: datetime
    shared: Mapping[str, Any]

    @classmethod
    def of(cls, house: House, at: datetime) -> "Press":
        return cls(house, at, house.facts(at))

    @property
    def day(self) -> date:
        return self.at.astimezone(self.house.institution.zone).date()

    def facts(self, new: NewLetter, recipient: Recipient) -> dict[str, Any]:
        """All that the letter is made from."""
        return {**self.shared, "patron": recipient.facts, "number": notice_number(new.kind), **new.data}

    def make(self, new: NewLetter, channel: str, recipient: Recipient) -> Letter:
        """A letter that is not kept yet."""
        facts = self.facts(new, recipient)
        language, made = self._rendered(new, new.language or recipient.language, facts, channel)
        to = new.to or recipient.addresses.get(channel, "")
        mark = message_id(self.house, new.key, channel)
        if channel == Letter.Channel.EMAIL:
            body = message_bytes(self.house, made, to=to, at=self.at, message_id=mark)
        else:
            body = (made.text if channel == Letter.Channel.SMS else made.html).encode()
        is_reached = bool(to) or channel == Letter.Channel.PRINT
        return fresh(
            Letter,
            institution_id=self.house.institution.pk,
            patron_id=new.patron_id,
            kind=new.kind,
            channel=channel,
            key=new.key,
            state=Letter.State.WAITING if is_reached else Letter.State.NO_ADDRESS,
            language=language,
            to=to,
            printer_id=new.printer_id if channel == Letter.Channel.PRINT else None,
            subject=made.subject,
            message_id=mark,
            next_at=self.at,
            created_at=self.at,
            about=list(new.about),
            facts=facts,
            body=body,
        )

    def _rendered(self, new: NewLetter, wanted: str, facts: Mapping[str, Any], channel: str) -> tuple[str, Rendered]:
        """The language and the letter, by the institution's words; by the built-in ones if those go wrong with these
        facts, which nobody could see when they were saved: no letter is lost for it.
        """
        kind = new.kind
        language, words = (wanted, new.words) if new.words else self.house.words(kind, wanted)
        try:
            return language, self._render(words, language, facts, channel)
        except Exception:
            plain = language if language in BUILT_IN_LANGUAGES else LANGUAGE
            if words == built_in(kind, plain):
                raise
            _log.exception("the words of %s in %s could not be used", kind, language)
            return plain, self._render(built_in(kind, plain), plain, facts, channel)

    def _render(self, words: Words, language: str, facts: Mapping[str, Any], channel: str) -> Rendered:
        return render(words, self.house.dress(language), {**facts, "language": language}, channel)
