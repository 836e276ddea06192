"""The whole bench on one engine, from a new database to its measurements."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import IO, Any

from amerce.perf.bursar_scale import Piece, Tally, in_turns
from amerce.perf.case import Measurement
from amerce.perf.engines import own_database
from amerce.perf.http import HttpMeasurement
from amerce.perf.registry import CASES

STEPS = 1 + 2 * len(CASES)
"""How often ``progressed`` is called for one engine."""


class BenchFailed(Exception):
    """The working process ended; the message is its last line."""


def run(
    engine: str, configured_url: str, *, rounds: int, operations: int, progressed: Callable[[], None]
) -> tuple[list[Measurement], list[str]]:
    """Measure every case on ``engine``, and make the remarks below its table.

    Raises ``EngineMissing`` and ``BenchFailed``.
    """
    measured: list[Measurement] = []
    remarks: list[str] = []
    with own_database(engine, configured_url) as environment:
        asked = (f"--rounds={rounds}", f"--operations={operations}")
        with _child(environment, *asked) as lines:
            for said in lines:
                if "measurement" in said:
                    measured.append(Measurement(**said["measurement"]))
                if "remark" in said:
                    remarks.append(said["remark"])
                else:
                    progressed()
        for number, each in enumerate(measured):
            (said,) = _said_by(environment, *asked, "--memory-of", each.name)
            measured[number] = replace(each, ours_memory_mib=said["memory_mib"])
            progressed()
    return measured, remarks


def run_at_scale(
    engine: str, configured_url: str, scale: str, count: int, progressed: Callable[[int], None]
) -> dict[str, Any]:
    """Make ``count`` of what ``scale`` works on in a new database, and do the work: what its dataclass keeps, by name.

    ``progressed`` gets how many were looked at. Raises ``EngineMissing`` and ``BenchFailed``.
    """
    with own_database(engine, configured_url) as environment:
        _said_by(environment, "--prepare", scale, "--count", str(count))
        with _child(environment, "--act", scale) as lines:
            for said in lines:
                if "looked_at" in said:
                    progressed(said["looked_at"])
                else:
                    found = said["found"]
    return dict(found)


def run_bursar(
    engine: str, configured_url: str, *, fees: int, alone: bool, progressed: Callable[[int], None]
) -> list[Tally]:
    """Export and import so many fees by the jobs and, unless ``alone``, by hand, each side in a process of its own.

    ``progressed`` gets how many rows our side is through. Raises ``EngineMissing`` and ``BenchFailed``.
    """
    names = ("ours",) if alone else ("ours", "by_hand")
    tallies = [Tally() for _ in names]
    with own_database(engine, configured_url) as environment:
        _said_by(environment, "--prepare", "bursar-alone" if alone else "bursar", "--count", str(fees))
        with ExitStack() as stack:
            sides = [stack.enter_context(_child(environment, "--side", name, takes_turns=True)) for name in names]
            for number, piece in in_turns(*((Piece(**said) for said in side) for side in sides)):
                tallies[number].add(piece)
                progressed(sum(tallies[0].rows.values()))
    return tallies


def run_http(
    engine: str, configured_url: str, *, rounds: int, operations: int, progressed: Callable[[], None]
) -> tuple[list[HttpMeasurement], list[str]]:
    """Measure the REST interface on ``engine`` beside a bare view. Raises ``EngineMissing`` and ``BenchFailed``."""
    measured, remarks = [], []
    with (
        own_database(engine, configured_url) as environment,
        _child(environment, str(rounds), str(operations), module="amerce.perf.http") as lines,
    ):
        for said in lines:
            if "remark" in said:
                remarks.append(said["remark"])
            else:
                measured.append(HttpMeasurement(**said))
            progressed()
    return measured, remarks


def _said_by(environment: dict[str, str], *asked: str) -> list[dict[str, Any]]:
    """All that a process said that was asked for this. Raises ``BenchFailed``."""
    with _child(environment, *asked) as lines:
        said = list(lines)
    return said


@contextmanager
def _child(
    environment: dict[str, str], *asked: str, module: str = "amerce.perf.child", takes_turns: bool = False
) -> Iterator[Iterator[dict[str, Any]]]:
    """What a process says, line by line, while it works; one that ``takes_turns`` works when it is asked what it says.

    It is ended when the block is left by an error. Raises ``BenchFailed`` when it fails.
    """
    command = [sys.executable, "-m", module, *asked]
    turns = subprocess.PIPE if takes_turns else None
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdin=turns, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout and child.stderr
        try:
            yield map(json.loads, _after_turns(child.stdin, child.stdout) if child.stdin else child.stdout)
            errors = child.stderr.read()
        except BaseException:
            child.terminate()
            raise
    if child.returncode:
        raise BenchFailed(f"The bench stopped: {(errors.strip() or 'no reason given').splitlines()[-1]}")


def _after_turns(turns: IO[str], lines: IO[str]) -> Iterator[str]:
    while True:
        with suppress(BrokenPipeError):  # it has failed, which the end of its lines tells
            os.write(turns.fileno(), b"\n")
        line = lines.readline()
        if not line:
            return
        yield line
