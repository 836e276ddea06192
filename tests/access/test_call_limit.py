"""Counting calls in a file that threads and processes share."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path

from amerce.access.call_limit import CallCounts


def _taken(path: Path) -> int:
    counts = CallCounts(path)
    return sum(counts.take("portal", limit=100, window=1) for _ in range(80))


def test_processes_count_together(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as processes:
        taken = processes.map(_taken, [tmp_path / "calls"] * 4)

    assert sum(taken) == 100


def test_threads_count_together(tmp_path: Path) -> None:
    counts = CallCounts(tmp_path / "calls")
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: counts.take("portal", limit=100, window=1), range(800)))

    assert sum(taken) == 100


def test_each_name_and_each_window_begins_anew(tmp_path: Path) -> None:
    counts = CallCounts(tmp_path / "calls")

    assert counts.take("a", limit=1, window=1) and not counts.take("a", limit=1, window=1)
    assert counts.take("b", limit=1, window=1)
    assert counts.take("a", limit=1, window=2)


def test_names_that_share_a_slot_take_turns_but_share_a_limit_on_guesses(tmp_path: Path) -> None:
    # given two names of one slot
    other = next(each for each in (f"b{number}" for number in range(100_000)) if slot_of(each) == slot_of("a"))
    calls, guesses = CallCounts(tmp_path / "calls"), CallCounts(tmp_path / "guesses", is_shared=True)

    # when each of them is counted in turn
    taken = [calls.take(each, limit=3, window=1) for each in ("a", other) * 3]
    guessed = [guesses.take(each, limit=3, window=1) for each in ("a", other) * 3]

    # then nobody avoids a limit on guesses by way of the other
    assert taken == [True] * 6
    assert guessed == [True] * 3 + [False] * 3
    assert guesses.take("a", limit=3, window=2)


def slot_of(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little") % 4096


def test_without_a_folder_to_write_into_a_process_counts_for_itself(tmp_path: Path) -> None:
    counts = CallCounts(tmp_path / "nowhere" / "calls")

    assert counts.take("a", limit=1, window=1) and not counts.take("a", limit=1, window=1)
