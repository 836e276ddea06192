"""What a person does with a letter that is there: send it again, print it instead, or say that it is done (row B12)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.institutions.models import Institution
from amerce.letters.channel import printer_in_use
from amerce.letters.errors import LetterErased, LetterKindOff, LetterOnItsWay, NoAddress
from amerce.letters.message import addressed
from amerce.letters.models import Letter
from amerce.letters.press import NewLetter
from amerce.letters.queries import require_to_read
from amerce.letters.recipients import recipients
from amerce.letters.write import write_letters

_ON_ITS_WAY = (Letter.State.WAITING, Letter.State.SENDING)


def send_again(*, actor: Actor, at: datetime, letter_id: int) -> Letter:
    """Have the same letter sent once more, byte for byte, with the same ``Message-ID``; of a print, print it again.

    One that had no address goes to the one that the patron has now. Raises ``NotAllowed``, ``RowNotFound``,
    ``LetterOnItsWay``, ``LetterErased``, ``NoAddress``.
    """
    require(actor, Privilege.LETTER_SEND)
    with transaction.atomic():
        letter = _locked(actor, letter_id)
        was = letter.state
        if was == Letter.State.NO_ADDRESS or not (letter.to or letter.channel == Letter.Channel.PRINT):
            _give_address(letter, at)
        letter.state, letter.next_at, letter.attempts = Letter.State.WAITING, at, 0
        letter.error, letter.batch_id = "", None
        letter.save(update_fields=["state", "next_at", "attempts", "error", "batch", "to", "body"])
        _tell(actor, at, letter, "letter.sent_again", was)
        return letter


def print_instead(*, actor: Actor, at: datetime, letter_id: int, printer_id: int | None = None) -> Letter:
    """Write the same letter for print, and let the one that did not go be done. Answers the print.

    Raises ``NotAllowed``, ``RowNotFound``, ``LetterOnItsWay``, ``LetterErased``, ``LetterKindOff``.
    """
    require(actor, Privilege.LETTER_SEND)
    with transaction.atomic():
        letter = _locked(actor, letter_id)
        made = NewLetter(
            kind=letter.kind,
            patron_id=letter.patron_id,
            channels=(Letter.Channel.PRINT,),
            data=letter.facts,
            key=letter.key,
            printer_id=printer_in_use(actor.institution_id, printer_id),
            language=letter.language,
            about=letter.about,
        )
        printed = write_letters(actor=actor, at=at, letters=[made])
        if not printed:
            raise LetterKindOff
        was, letter.state = letter.state, Letter.State.DONE
        letter.save(update_fields=["state"])
        _tell(actor, at, letter, "letter.printed_instead", was)
        return printed[0]


def settle(*, actor: Actor, at: datetime, letter_id: int) -> Letter:
    """Take the letter off the worklist: somebody saw to it. Raises ``NotAllowed``, ``RowNotFound``,
    ``LetterOnItsWay``, ``LetterErased``.
    """
    require(actor, Privilege.LETTER_SEND)
    with transaction.atomic():
        letter = _locked(actor, letter_id)
        was, letter.state = letter.state, Letter.State.DONE
        letter.save(update_fields=["state"])
        _tell(actor, at, letter, "letter.settled", was)
        return letter


def _locked(actor: Actor, letter_id: int) -> Letter:
    letters = Letter.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([letter_id]))
    letter = letters.select_for_update(of=("self",)).first()
    if letter is None:
        raise RowNotFound(letter_id)
    require_to_read(actor, letter)
    if letter.erased_at is not None:
        raise LetterErased
    if letter.state in _ON_ITS_WAY:
        raise LetterOnItsWay
    return letter


def _give_address(letter: Letter, at: datetime) -> None:
    institution = Institution.objects.get(pk=letter.institution_id)
    day = at.astimezone(institution.zone).date()
    known = recipients(institution.pk, [letter.patron_id], day) if letter.patron_id else {}
    to = known[letter.patron_id].addresses.get(letter.channel, "") if letter.patron_id in known else ""
    if not to:
        raise NoAddress
    if letter.channel == Letter.Channel.EMAIL:
        letter.body = addressed(bytes(letter.body), to)
    letter.to = to


def _tell(actor: Actor, at: datetime, letter: Letter, name: str, was: str) -> None:
    data = {"letter": letter.pk, "kind": letter.kind, "channel": letter.channel, "was": str(was)}
    record(name, actor=actor, at=at, patron_id=letter.patron_id, data=data)
