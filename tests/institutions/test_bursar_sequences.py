"""Bursar sequences: adding, changing, deleting, setting the next number, taking ids (row C4)."""

from dataclasses import replace
from typing import Any

import pytest

from amerce.events.models import Event
from amerce.inputs.errors import (
    ChoiceUnknown,
    NameMissing,
    NameTaken,
    NumberOutOfRange,
    OutOfDate,
    RowNotFound,
    TextMalformed,
    TextTooLong,
)
from amerce.inputs.stamp import stamp_of
from amerce.institutions.bursar_sequences import (
    NextNumber,
    SequenceFacts,
    bursar_sequences,
    skipped_numbers,
    transaction_id,
)
from amerce.institutions.delete_bursar_sequence import delete_bursar_sequence
from amerce.institutions.models import BursarSequence
from amerce.institutions.models import Library as LibraryRow
from amerce.institutions.save_bursar_sequence import SequenceSaved, save_bursar_sequence
from amerce.institutions.sequence_errors import (
    LibraryHasSequence,
    NumberUsed,
    PaddingTooSmall,
    PrefixTaken,
    SequenceFull,
    SequenceInUse,
)
from amerce.institutions.set_next_number import set_next_number
from amerce.institutions.transaction_ids import take_transaction_ids
from tests.circulation.configuring import nothing_configured
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
ALL = SequenceFacts(name="Bursar", prefix="ABC", start=32, padding=10)


def save(library: Library, facts: SequenceFacts = ALL, **more: Any) -> SequenceSaved:
    return save_bursar_sequence(actor=library.staff("user_administrator"), at=NOON, facts=facts, **more)


def added(library: Library, facts: SequenceFacts = ALL, *, taken: int = 0) -> BursarSequence:
    """A sequence of which ``taken`` numbers were given out."""
    saved = save(library, facts)
    if taken:
        take_transaction_ids(library.institution.pk, [facts.library_id] * taken)
    return BursarSequence.objects.get(pk=saved.sequence_id)


def set_next(sequence: BursarSequence, library: Library, next_value: int, **more: Any) -> bool:
    actor = library.staff("user_administrator")
    return set_next_number(actor=actor, at=NOON, sequence_id=sequence.pk, next_value=next_value, **more)


def delete(sequence: BursarSequence, library: Library, **more: Any) -> None:
    delete_bursar_sequence(actor=library.staff("user_administrator"), at=NOON, sequence_id=sequence.pk, **more)


def take(library: Library, *library_ids: int | None) -> list[str]:
    return take_transaction_ids(library.institution.pk, library_ids)


def branch(library: Library) -> LibraryRow:
    return LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")


def skipped(library: Library) -> list[tuple[int, int, str, str]]:
    rows = skipped_numbers(library.staff("user_administrator"))
    return [(each.first, each.last, each.reason, each.created_by) for each in rows]


@pytest.mark.parametrize(("padding", "written"), [(0, "ABC32"), (2, "ABC32"), (10, "ABC0000000032")])
def test_an_id_is_the_prefix_and_the_number_filled_up_to_the_padding(padding, written):
    assert transaction_id("ABC", padding, 32) == written


def test_the_first_id_is_the_start_and_each_adds_one(library):
    added(library)

    assert take(library, None, library.library.pk) == ["ABC0000000032", "ABC0000000033"]
    assert take(library, None) == ["ABC0000000034"]
    sequence = BursarSequence.objects.get()
    assert (sequence.last_taken, sequence.next_value) == (34, 35)


def test_a_library_uses_its_own_sequence_and_every_other_that_of_all(library):
    other = branch(library)
    added(library)
    added(library, SequenceFacts(name="Branch", library_id=other.pk, prefix="B-", start=1))

    ids = take(library, other.pk, library.library.pk, None, other.pk)

    assert ids == ["B-1", "ABC0000000032", "ABC0000000033", "B-2"]


def test_without_a_sequence_there_is_no_id(library):
    added(library, SequenceFacts(name="Branch", library_id=branch(library).pk))

    assert take(library, library.library.pk, None) == ["", ""]


def test_a_sequence_is_added_and_changed_with_who_and_when_and_events(library):
    sequence = added(library)
    changed = replace(ALL, library_id=library.library.pk, name="Main bursar", padding=6)

    assert save(library, changed, sequence_id=sequence.pk).is_changed

    sequence.refresh_from_db()
    assert SequenceFacts.of(sequence) == changed
    assert (sequence.updated_by, sequence.updated_at, sequence.next_value) == ("main-user_administrator", NOON, 32)
    first, second = (each.data for each in Event.objects.filter(name="bursar_sequence.changed").order_by("pk"))
    facts = {"name": "Bursar", "library_id": None, "start": 32, "prefix": "ABC", "padding": 10}
    assert first == {"row": sequence.pk, "before": None, "after": facts}
    main = {**facts, "library_id": library.library.pk, "name": "Main bursar", "padding": 6}
    assert second == {"row": sequence.pk, "before": facts, "after": main}


def test_the_same_again_writes_nothing(library):
    sequence = added(library)

    with nothing_configured():
        assert not save(library, sequence_id=sequence.pk).is_changed
        assert not set_next(sequence, library, 32)


def test_a_start_that_is_changed_before_the_first_export_is_the_next_number(library):
    sequence = added(library)
    set_next(sequence, library, 40)

    save(library, replace(ALL, start=7), sequence_id=sequence.pk)

    assert take(library, None) == ["ABC0000000007"]
    assert skipped(library) == [], "nothing before the start was ever to be given out"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"name": " "}, NameMissing),
        ({"name": "x" * 201}, TextTooLong),
        ({"name": "bursar"}, NameTaken),
        ({"library_id": None}, LibraryHasSequence),
        ({"library_id": 10**30}, ChoiceUnknown),
        ({"padding": -1}, NumberOutOfRange),
        ({"padding": 19}, NumberOutOfRange),
        ({"start": -1}, NumberOutOfRange),
        ({"start": 10**18}, NumberOutOfRange),
        ({"start": 1000, "padding": 3}, PaddingTooSmall),
        ({"prefix": "x" * 41}, TextTooLong),
        ({"prefix": "x\0"}, TextMalformed),
        ({"prefix": "abc"}, PrefixTaken),
        ({"prefix": "ABC1"}, PrefixTaken),
    ],
)
def test_what_a_sequence_cannot_say_is_refused(library, said, error):
    added(library)
    mine = SequenceFacts(name="Main", library_id=library.library.pk, prefix="M")

    with nothing_configured(), pytest.raises(error):
        save(library, replace(mine, **said))


def test_a_library_of_another_institution_has_no_sequence_here(library, other_library):
    with nothing_configured(), pytest.raises(ChoiceUnknown):
        save(library, replace(ALL, library_id=other_library.library.pk))


@pytest.mark.parametrize("said", [{"start": 40}, {"prefix": "XYZ"}])
def test_start_and_prefix_stay_once_numbers_were_given_out(library, said):
    sequence = added(library, taken=1)

    with nothing_configured(), pytest.raises(SequenceInUse) as refused:
        save(library, replace(ALL, **said), sequence_id=sequence.pk)

    assert refused.value.field == next(iter(said))


def test_a_padding_never_has_less_digits_than_the_next_number(library):
    sequence = added(library, taken=1)
    set_next(sequence, library, 1000)

    with nothing_configured(), pytest.raises(PaddingTooSmall):
        save(library, replace(ALL, padding=3), sequence_id=sequence.pk)


def test_what_is_skipped_is_kept_with_who_when_and_why(library):
    sequence = added(library, taken=3)

    assert set_next(sequence, library, 100, reason=" New year ")

    assert take(library, None) == ["ABC0000000100"]
    assert skipped(library) == [(35, 99, "New year", "main-user_administrator")]
    assert Event.objects.latest("pk").data == {
        "row": sequence.pk, "before": {"next_value": 35}, "after": {"next_value": 100},
    }  # fmt: skip


def test_a_next_number_that_no_export_reached_is_taken_back(library):
    sequence = added(library, taken=3)
    set_next(sequence, library, 1000)

    set_next(sequence, library, 50)
    assert skipped(library) == [(35, 49, "", "main-user_administrator")]
    set_next(sequence, library, 35)

    assert (skipped(library), take(library, None)) == ([], ["ABC0000000035"])


def test_no_number_is_set_that_was_given_out(library):
    sequence = added(library, taken=3)

    for value in (34, 32, 1):
        with nothing_configured(), pytest.raises(NumberUsed) as refused:
            set_next(sequence, library, value)
        assert refused.value.last_taken == 34


@pytest.mark.parametrize("value", [31, -1, 10**10, 10**30])
def test_a_next_number_is_from_the_start_to_what_the_padding_holds(library, value):
    sequence = added(library)

    with nothing_configured(), pytest.raises(NumberOutOfRange) as refused:
        set_next(sequence, library, value)

    assert (refused.value.low, refused.value.high) == (32, 9_999_999_999)


def test_an_overflow_is_refused_before_the_first_number_is_taken(library):
    added(library, replace(ALL, start=98, padding=2))

    with nothing_configured(), pytest.raises(SequenceFull) as refused:
        take(library, None, None, None)

    assert (refused.value.name, refused.value.count, refused.value.room) == ("Bursar", 3, 2)
    assert take(library, None, None) == ["ABC98", "ABC99"]
    with nothing_configured(), pytest.raises(SequenceFull):
        take(library, None)


def test_a_sequence_without_numbers_given_out_is_gone_when_it_is_deleted(library):
    delete(added(library), library)

    assert not BursarSequence.objects.exists()
    save(library)


def test_a_deleted_sequence_serves_nobody_and_none_gives_its_numbers_again(library):
    delete(added(library, taken=3), library)

    assert take(library, None) == [""]
    assert not bursar_sequences(library.staff("user_administrator")).exists()
    with nothing_configured(), pytest.raises(NumberUsed):
        save(library, replace(ALL, start=34))
    with nothing_configured(), pytest.raises(PrefixTaken):
        save(library, replace(ALL, prefix="ABC1", start=100))
    save(library, replace(ALL, start=35))
    assert take(library, None) == ["ABC0000000035"]


def test_numbers_that_the_next_of_its_prefix_gives_out_are_not_told_to_be_skipped(library):
    sequence = added(library, taken=1)
    set_next(sequence, library, 40)
    take(library, None)
    set_next(sequence, library, 1000)

    delete(sequence, library)
    save(library, replace(ALL, start=41))

    assert take(library, None) == ["ABC0000000041"]
    assert skipped(library) == [(33, 39, "", "main-user_administrator")]


def test_what_changed_since_the_page_was_made_is_not_overwritten(library):
    sequence = added(library)
    seen, number = stamp_of(SequenceFacts.of(sequence)), stamp_of(NextNumber.of(sequence))
    save(library, replace(ALL, name="Other"), sequence_id=sequence.pk)
    take(library, None)

    with nothing_configured(), pytest.raises(OutOfDate):
        save(library, replace(ALL, padding=3), sequence_id=sequence.pk, expected_stamp=seen)
    with nothing_configured(), pytest.raises(OutOfDate):
        delete(sequence, library, expected_stamp=seen)
    with nothing_configured(), pytest.raises(OutOfDate):
        set_next(sequence, library, 50, expected_stamp=number)


def test_a_sequence_of_another_institution_is_not_found(library, other_library):
    theirs = added(other_library)

    for act in (
        lambda: save(library, sequence_id=theirs.pk),
        lambda: delete(theirs, library),
        lambda: set_next(theirs, library, 99),
    ):
        with nothing_configured(), pytest.raises(RowNotFound):
            act()
    assert take(library, None) == [""]
