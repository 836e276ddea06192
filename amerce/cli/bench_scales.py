"""What ``amerce bench`` measures at full size instead of its table: by which option, and what it says of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Progressed = Callable[[int], None]
_BURSAR_STAGES = {
    "post": "exporting", "file": "writing the file", "read": "reading the file", "book": "booking",
}  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """``measure`` gets engine, database, how many, whether ours alone, and whom to tell how many it is through.

    ``passes`` is how often it looks at each of them.
    """

    option: str
    help: str
    doing: str
    measure: Callable[[str, str, int, bool, Progressed], Any]
    said_of: Callable[[Any], Iterator[str]]
    passes: int = 1


def _by_job(scale: str) -> Callable[[str, str, int, bool, Progressed], Any]:
    def measure(engine: str, url: str, count: int, _alone: bool, progressed: Progressed) -> Any:
        from amerce.perf import bench

        return bench.run_at_scale(engine, url, scale, count, progressed)

    return measure


def _by_bursar(engine: str, url: str, count: int, alone: bool, progressed: Progressed) -> Any:
    from amerce.perf import bench

    return bench.run_bursar(engine, url, fees=count, alone=alone, progressed=progressed)


def _of_loans(found: Any) -> Iterator[str]:
    yield (
        f"{found['loans']:,} late loans in {found['taken_s']:,.1f} s and {found['slices']:,} slices, "
        f"{found['loans'] / found['taken_s']:,.0f} loans/s, {found['fines']:,} fines"
    )
    yield _locked(found)
    yield _memory(found)


def _of_patrons(found: Any) -> Iterator[str]:
    timed = found["timed"]
    yield f"who matches is known after {found['selection_s']:,.2f} s"
    yield (
        f"{found['letters']:,} letters with their fees in {timed['taken_s']:,.1f} s and "
        f"{timed['slices']:,} slices, {found['letters'] / timed['taken_s']:,.0f} letters/s, "
        f"{found['letters'] / timed['processor_s']:,.0f} per second of its processor"
    )
    yield _locked(timed)
    yield _memory(timed)


def _of_fees(found: Any) -> Iterator[str]:
    ours, by_hand = found["fees"] / found["taken_s"], found["fees"] / found["by_hand_s"]
    yield (
        f"{found['fees']:,} fees in {found['taken_s']:,.1f} s and {found['slices']:,} slices, "
        f"{ours:,.0f} fees/s; by hand {by_hand:,.0f} fees/s, ratio {ours / by_hand:.2f}"
    )
    yield _memory(found)


def _of_bursar(found: Any) -> Iterator[str]:
    ours, *by_hand = found
    for stage, doing in _BURSAR_STAGES.items():
        said = f"{doing}: {ours.per_s(stage):,.0f} fees/s"
        for other in by_hand:
            said += f", by hand {other.per_s(stage):,.0f}, ratio {ours.per_s(stage) / other.per_s(stage):.2f}"
        yield said
    yield (
        f"selecting {ours.rows['select']:,} fees took {ours.taken_s['select']:,.1f} s, "
        f"all else of both jobs {ours.taken_s['rest']:,.1f} s"
    )
    for other in found:
        whose = "the process by hand" if other in by_hand else "our process"
        first_mib, peak_mib = other.memory_mib[0], other.memory_mib[-1]
        yield f"peak memory of {whose} {peak_mib:.0f} MiB, after its first piece {first_mib:.0f} MiB"


def _locked(timed: Any) -> str:
    return (
        f"a slice held its locks {timed['longest_locked_ms']:,.0f} ms at most, "
        f"{timed['median_locked_ms']:,.0f} ms in the median"
    )


def _memory(timed: Any) -> str:
    return f"peak memory {timed['peak_memory_mib']:.0f} MiB, after the first slice {timed['first_memory_mib']:.0f} MiB"


SCALES = (
    Scale("loans", "charge so many late loans by the nightly job", "Charging", _by_job("loans"), _of_loans),
    Scale("patrons", "notify so many patrons of what they owe", "Notifying", _by_job("patrons"), _of_patrons),
    Scale("fees", "waive so many fees in bulk", "Waiving", _by_job("fees"), _of_fees),
    Scale(
        "bursar", "export so many fees to the bursar, and import their file", "Exporting and importing", _by_bursar,
        _of_bursar, passes=7,
    ),
)  # fmt: skip
