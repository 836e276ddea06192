"""Words hold from when they are saved, and kinds are turned off and on."""

from dataclasses import replace

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, OutOfDate
from amerce.inputs.stamp import stamp_of
from amerce.letters.configure import (
    restore_words,
    save_words,
    switch_kind,
)
from amerce.letters.defaults import built_in
from amerce.letters.models import LetterSwitch, LetterTemplate
from tests.letters.writing import FEES, write_one
from tests.letters.writing import save_words_of as save
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_words_hold_from_now_on_and_are_restored(library: Library) -> None:
    assert save(library, subject="You owe {{ total_minor|money }}")
    assert not save(library, subject="You owe {{ total_minor|money }}")
    assert write_one(library).subject == "You owe $23.50"

    actor = library.staff("user_administrator")
    assert restore_words(actor=actor, at=NOON, kind=FEES, language="en")
    assert not restore_words(actor=actor, at=NOON, kind=FEES, language="en")

    assert write_one(library, key="run:2").subject == "Fines and fees: $23.50"
    changed, restored = Event.objects.filter(name="letter_words.changed").order_by("pk")
    assert changed.data["after"]["subject"] == "You owe {{ total_minor|money }}"
    assert restored.data["is_restored"]


def test_of_two_people_the_second_is_told(library: Library) -> None:
    stamp = stamp_of(built_in(FEES))
    save(library, subject="First")

    with pytest.raises(OutOfDate):
        save_words(
            actor=library.staff("user_administrator"),
            at=NOON,
            kind=FEES,
            language="en",
            words=replace(built_in(FEES), subject="Second"),
            expected_stamp=stamp,
        )
    assert LetterTemplate.objects.get().subject == "First"


def test_a_kind_is_turned_off_and_on(library: Library) -> None:
    actor = library.staff("user_administrator")

    assert switch_kind(actor=actor, at=NOON, kind=FEES, is_on=False)
    assert not switch_kind(actor=actor, at=NOON, kind=FEES, is_on=False)
    assert switch_kind(actor=actor, at=NOON, kind=FEES, is_on=True)

    row = LetterSwitch.objects.get()
    assert (row.is_on, row.updated_by, row.updated_at) == (True, actor.name, NOON)
    with pytest.raises(NotAllowed):
        switch_kind(actor=library.operator, at=NOON, kind=FEES, is_on=False)
    with pytest.raises(ChoiceUnknown):
        switch_kind(actor=actor, at=NOON, kind="NO_SUCH", is_on=False)
