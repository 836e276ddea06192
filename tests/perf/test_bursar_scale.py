"""The bench's bursar: both sides do the same work, in turns, and their file is the same to the byte."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Model

from amerce.bursar.export_stages import kept_file
from amerce.bursar.models import BursarImport, BursarLine, BursarPayment, BursarRun
from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from amerce.patrons.models import Patron
from amerce.perf import bursar_file_limit
from amerce.perf.bursar_scale import BY_HAND, OURS, Piece, Tally, by_hand, in_turns, ours, owe
from amerce.perf.ground import Ground, lay_ground
from amerce.perf.plain import Plain
from tests.perf.test_bench import bare

FEES = 10
ACTED = {"actor_name": "the job, or who does it by hand"}


@pytest.fixture
def ground(flushable: None, settings: Any, tmp_path: Path) -> Ground:
    settings.DATA_DIR = tmp_path
    laid = lay_ground(patrons=1)
    owe(laid, FEES)
    return laid


def rows_of(code: str) -> list[Any]:
    """What a side wrote for the patrons of its group, without ids, times and what follows from them."""
    patrons = list(Patron.objects.filter(group__code=code).order_by("pk").values_list("pk", flat=True))
    kinds: list[type[Model]] = [Fee, Transfer, Event, BursarLine, BursarPayment]
    columns = ["patron_id", "fee__patron", "patron_id", "patron_id", "patron_id"]
    return [
        [bare(vars(row)) | ACTED for row in model._default_manager.filter(**{f"{column}__in": patrons}).order_by("pk")]
        for model, column in zip(kinds, columns, strict=True)
    ]


@pytest.mark.django_db
@pytest.mark.money
def test_both_sides_export_write_read_and_book_the_same_rows_and_the_ledger_is_accepted(ground: Ground) -> None:
    tallies = [Tally(), Tally()]
    for number, piece in in_turns(ours(ground), by_hand(ground)):
        tallies[number].add(piece)

    written = rows_of(OURS)
    assert [len(each) for each in written] == [20, 30, 20, 10, 10]
    assert rows_of(BY_HAND) == written
    assert BursarLine.objects.filter(state="posted").count() == BursarPayment.objects.filter(outcome="paid").count()
    for tally in tallies:
        assert {name: tally.rows[name] for name in ("post", "file", "read", "book")} == {
            "post": FEES, "file": 3 * FEES, "read": FEES, "book": FEES,
        }  # fmt: skip
        assert all(tally.per_s(name) > 0 for name in ("post", "file", "read", "book"))
        assert 0 < tally.memory_mib[0] <= tally.memory_mib[-1]
    assert (tallies[0].rows["select"], "select" in tallies[1].rows) == (FEES, False)
    assert [finding for _, finding in verify().results if finding] == []


@pytest.mark.django_db
@pytest.mark.money
def test_the_file_by_hand_is_ours_to_the_byte(ground: Ground, tmp_path: Path) -> None:
    for _piece in ours(ground):
        pass
    export, path, plain = BursarRun.objects.get(profile__code=OURS), tmp_path / "by-hand.xml", Plain()

    assert bursar_file_limit.write(plain, export.pk, path) == FEES

    plain.close()
    assert path.read_bytes() == kept_file(export).read_bytes()
    assert path.read_text(encoding="utf-8").count("<xb:fineFeeComment>Cover torn &amp; wet<") == FEES
    assert BursarImport.objects.get(profile__code=OURS).posted_count == FEES


def test_the_turn_is_of_the_side_that_is_behind() -> None:
    def side(name: str, *pieces: tuple[str, int]) -> Iterator[Piece]:
        for stage, rows in pieces:
            begun.append(f"{name} {stage}")
            yield Piece(stage, rows, 1.0, 1.0)

    begun: list[str] = []
    first = side("a", ("select", 9), ("post", 5), ("post", 4), ("rest", 1), ("file", 9), ("read", 0))
    second = side("b", ("post", 2), ("post", 7), ("file", 9))

    numbers = [number for number, _ in in_turns(first, second)]

    assert begun == [
        "a select", "b post", "a post", "b post", "a post", "a rest", "a file", "b file", "a read",
    ]  # fmt: skip
    assert numbers == [0, 1, 0, 1, 0, 0, 0, 1, 0]
