"""The whole bench on one engine, from a new database to its measurements."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

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
        for said in _child(environment, *asked):
            if "measurement" in said:
                measured.append(Measurement(**said["measurement"]))
            if "remark" in said:
                remarks.append(said["remark"])
            else:
                progressed()
        for number, each in enumerate(measured):
            (said,) = _child(environment, *asked, "--memory-of", each.name)
            measured[number] = replace(each, ours_memory_mib=said["memory_mib"])
            progressed()
    return measured, remarks


def run_scale(engine: str, configured_url: str, *, loans: int, progressed: Callable[[int], None]) -> dict[str, Any]:
    """Charge so many late loans by the nightly job on ``engine``: what ``amerce.perf.scale.Scale`` keeps, by name.

    ``progressed`` gets how many were looked at. Raises ``EngineMissing`` and ``BenchFailed``.
    """
    return _at_scale(engine, configured_url, f"--lend={loans}", "--charge", progressed)["scale"]  # type: ignore[no-any-return]


def run_notifications(
    engine: str, configured_url: str, *, patrons: int, progressed: Callable[[int], None]
) -> dict[str, Any]:
    """Notify so many patrons on ``engine``: what ``amerce.perf.notifications.Notified`` keeps, by name.

    As ``run_scale``.
    """
    return _at_scale(engine, configured_url, f"--owe={patrons}", "--notify", progressed)["notified"]  # type: ignore[no-any-return]


def run_bulk(engine: str, configured_url: str, *, fees: int, progressed: Callable[[int], None]) -> dict[str, Any]:
    """Waive so many fees in bulk on ``engine``, by the job and by hand: what ``amerce.perf.bulk.BulkScale`` keeps.

    As ``run_scale``.
    """
    return _at_scale(engine, configured_url, f"--owe-bulk={fees}", "--waive", progressed)["scale"]  # type: ignore[no-any-return]


def _at_scale(
    engine: str, configured_url: str, prepare: str, act: str, progressed: Callable[[int], None]
) -> dict[str, Any]:
    """The last line of ``act``, in a new database that ``prepare`` filled."""
    with own_database(engine, configured_url) as environment:
        list(_child(environment, prepare))
        for said in _child(environment, act):
            if "looked_at" in said:
                progressed(said["looked_at"])
            else:
                found = said
    return found


def run_http(
    engine: str, configured_url: str, *, rounds: int, operations: int, progressed: Callable[[], None]
) -> tuple[list[HttpMeasurement], list[str]]:
    """Measure the REST interface on ``engine`` beside a bare view. Raises ``EngineMissing`` and ``BenchFailed``."""
    measured, remarks = [], []
    with own_database(engine, configured_url) as environment:
        for said in _child(environment, str(rounds), str(operations), module="amerce.perf.http"):
            if "remark" in said:
                remarks.append(said["remark"])
            else:
                measured.append(HttpMeasurement(**said))
            progressed()
    return measured, remarks


def _child(environment: dict[str, str], *asked: str, module: str = "amerce.perf.child") -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", module, *asked]
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout and child.stderr
        try:
            for line in child.stdout:
                yield json.loads(line)
            errors = child.stderr.read()
        except BaseException:
            child.terminate()
            raise
    if child.returncode:
        raise BenchFailed(f"The bench stopped: {(errors.strip() or 'no reason given').splitlines()[-1]}")
