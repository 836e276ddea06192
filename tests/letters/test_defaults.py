"""The built-in words of every kind say something by every channel, and name nothing that is not there."""

import pytest

from amerce.letters.defaults import built_in
from amerce.letters.kinds import KINDS, LetterKind
from amerce.letters.language import UNKNOWN_BEGIN, Dress, compiled, frozen, rendered
from amerce.letters.samples import sample
from tests.letters.writing import new_letter, write
from tests.world import NOON, Library

DRESS = Dress("USD", "en_US", "UTC")


def test_every_kind_is_described() -> None:
    assert set(KINDS) == set(LetterKind)


@pytest.mark.parametrize("kind", LetterKind.values)
@pytest.mark.parametrize("part", ["subject", "html", "text", "sms"])
def test_they_name_nothing_that_is_not_there(kind: str, part: str) -> None:
    facts = frozen({"institution": {"name": "Main"}, "today": NOON.date().isoformat()} | sample(kind))

    said = rendered(compiled(DRESS, built_in(kind).as_dict()[part], is_checking=True), facts, escapes=part == "html")

    assert said.strip()
    assert UNKNOWN_BEGIN not in said


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [each for each in LetterKind.values if each != "FEE_CHARGED"])
def test_every_kind_is_written_by_every_channel(library: Library, kind: str) -> None:
    letters = write(library, new_letter(library, kind=kind, channels=("email", "sms", "print"), to="a@example.org"))

    assert [each.channel for each in letters] == ["email", "sms", "print"]
    assert len({each.subject for each in letters}) == 1
    assert all(len(bytes(each.body)) > 20 for each in letters)
