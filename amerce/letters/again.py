"""What a person does with a letter that is there: send it again, print it instead, or say that it is done (row B12).

Sending many again is a job (``again_job.py``), by the same rule (``hand_back``).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.events.models import Event
from amerce.events.record import event_of, record_all
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
from amerce.sql import update_all

_ON_ITS_WAY = (Letter.State.WAITING, Letter.State.SENDING)


def send_again(*, actor: Actor, at: datetime, letter_id: int) -> Letter:
    """Have the same letter sent once more, byte for byte, with the same ``Message-ID``; of a print, print it again.

    One that had no address goes to the one that the patron has now. Raises ``NotAllowed``, ``RowNotFound``,
    ``LetterOnItsWay``, ``LetterErased``, ``NoAddress``.
    """
    require(actor, Privilege.LETTER_SEND)
    with transaction.atomic():
        letter = _locked(actor, letter_id)
        if not hand_back([letter], actor=actor, at=at):
            raise NoAddress
        return letter


def hand_back(letters: Sequence[Letter], *, actor: Actor, at: datetime) -> list[Letter]:
    """Let ``letters``, which are locked and not on their way, wait for the transport as they are; those are answered,
    and not the ones that nobody can be reached by. Some six queries, and two for each that gets an address now.

    Must run in the transaction of a caller that asked whether ``actor`` may.
    """
    reached = _with_addresses(letters, at)
    events = [_event(actor, at, each, "letter.sent_again", each.state) for each in reached]
    for letter in reached:
        letter.state, letter.next_at, letter.attempts = Letter.State.WAITING, at, 0
        letter.error, letter.batch_id = "", None
    update_all(reached, ("state", "next_at", "attempts", "error", "batch"))
    record_all(events)
    return reached


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


def _with_addresses(letters: Sequence[Letter], at: datetime) -> list[Letter]:
    """Those of ``letters`` that have an address, or get the one that their patron has now."""
    lost = [each for each in letters if _needs_address(each)]
    if not lost:
        return list(letters)
    institution = Institution.objects.get(pk=lost[0].institution_id)
    patron_ids = {each.patron_id for each in lost if each.patron_id is not None}
    known = recipients(institution.pk, patron_ids, at.astimezone(institution.zone).date())
    for letter in lost:
        recipient = known.get(letter.patron_id or 0)
        to = recipient.addresses.get(letter.channel, "") if recipient else ""
        if to:
            _give_address(letter, to)
    return [each for each in letters if not _needs_address(each)]


def _needs_address(letter: Letter) -> bool:
    return not letter.to and letter.channel != Letter.Channel.PRINT


def _give_address(letter: Letter, to: str) -> None:
    if letter.channel == Letter.Channel.EMAIL:
        letter.body = addressed(bytes(letter.body), to)
    letter.to = to
    letter.save(update_fields=["to", "body"])


def _tell(actor: Actor, at: datetime, letter: Letter, name: str, was: str) -> None:
    record_all([_event(actor, at, letter, name, was)])


def _event(actor: Actor, at: datetime, letter: Letter, name: str, was: str) -> Event:
    data = {"letter": letter.pk, "kind": letter.kind, "channel": letter.channel, "was": str(was)}
    return event_of(name, actor=actor, at=at, patron_id=letter.patron_id, data=data)
