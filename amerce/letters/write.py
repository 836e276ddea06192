"""Writing letters: each is made now, exactly as it will be sent, and delivered later (``deliver.py``).

Why in the caller's transaction: what a letter tells of and that it is told commit together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from amerce.access.actors import Actor
from amerce.institutions.models import Institution
from amerce.letters.channel import printer_in_use, way_to
from amerce.letters.house import house_of
from amerce.letters.kinds import LetterKind
from amerce.letters.models import Letter
from amerce.letters.press import NOBODY, NewLetter, Press
from amerce.letters.recipients import recipients
from amerce.sql import insert

__all__ = ["NewLetter", "is_written", "write_letters"]


def write_letters(*, actor: Actor, at: datetime, letters: Sequence[NewLetter]) -> list[Letter]:
    """Make and keep ``letters``, in their order; of those that were written before, what was written then.

    One whose kind is turned off is left out. Sixteen queries at most, and a statement for every few hundred rows. A
    patron that has no address by a channel gets a letter that waits for one. Must run in the transaction of a caller
    that asked whether ``actor`` may.
    """
    house = house_of(actor.institution_id)
    press = Press.of(house, at)
    on = [each for each in letters if house.is_on(each.kind)]
    wanted = [(each, str(channel)) for each in _with_channels(press, on) for channel in dict.fromkeys(each.channels)]
    made: dict[tuple[str, str], Letter] = {}
    for _attempt in range(2):
        there = _there(actor.institution_id, wanted)
        missing = [each for each in wanted if (each[0].key, each[1]) not in there]
        made |= _made(press, [each for each in missing if (each[0].key, each[1]) not in made])
        rows = {(each.key, channel): made[each.key, channel] for each, channel in missing}
        try:
            with transaction.atomic():
                insert(list(rows.values()))
        except IntegrityError:  # another transaction has just written one of them
            continue
        return [there.get((each.key, channel)) or rows[each.key, channel] for each, channel in wanted]
    raise RuntimeError("letters are being written by somebody else all the time")


def _with_channels(press: Press, letters: Sequence[NewLetter]) -> Iterator[NewLetter]:
    """``letters`` with the channel of those that name none: the one by which it was written before, if it was."""
    open_ones = [each for each in letters if not each.channels]
    if not open_ones:
        yield from letters
        return
    institution_id = press.house.institution.pk
    ids = {each.patron_id for each in open_ones if each.patron_id is not None}
    known = recipients(institution_id, ids, press.day)
    before = dict(_there(institution_id, [(each, "") for each in open_ones]).keys())
    printer_id = printer_in_use(institution_id)
    for each in letters:
        if each.channels:
            yield each
        elif each.key in before:
            yield replace(each, channels=(before[each.key],))
        else:
            way = way_to(known.get(each.patron_id or 0, NOBODY), press.house, printer_id)
            yield replace(each, channels=(way.channel,), printer_id=way.printer_id)


def _there(institution_id: int, wanted: Sequence[tuple[NewLetter, str]]) -> dict[tuple[str, str], Letter]:
    found: dict[tuple[str, str], Letter] = {}
    keys = sorted({each.key for each, _channel in wanted})
    for begin in range(0, len(keys), 500):
        some = Letter.objects.filter(institution_id=institution_id, key__in=keys[begin : begin + 500])
        found |= {(each.key, each.channel): each for each in some.defer("facts", "body", "pdf")}
    return found


def _made(press: Press, wanted: Sequence[tuple[NewLetter, str]]) -> dict[tuple[str, str], Letter]:
    ids = {each.patron_id for each, _channel in wanted if each.patron_id is not None}
    known = recipients(press.house.institution.pk, ids, press.day) if ids else {}
    return {
        (each.key, channel): press.make(each, channel, known.get(each.patron_id or 0, NOBODY))
        for each, channel in wanted
    }


def is_written(institution: Institution, kind: LetterKind) -> bool:
    """Whether letters of ``kind`` are written: what a page asks before it offers one."""
    return house_of(institution.pk).is_on(kind)
