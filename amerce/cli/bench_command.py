"""``amerce bench``: see ``docs/reference/bench.md``."""

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from amerce.cli.bench_scales import SCALES
from amerce.cli.refusal import Refusal

_HTTP_STEPS = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=_positive, default=5, metavar="N", help="how many rounds (5), odd is best")
    parser.add_argument("--operations", type=_positive, default=100, metavar="N", help="operations in a round (100)")
    parser.add_argument("--engine", choices=["postgresql", "sqlite", "both"], default="both")
    parser.add_argument("--http", action="store_true", help="instead: the REST interface beside a bare view")
    for scale in SCALES:
        parser.add_argument(f"--{scale.option}", type=_positive, metavar="N", help=f"instead: {scale.help}")
    parser.add_argument("--alone", action="store_true", help="with --bursar: not by hand, for the memory of many")


def run(args: argparse.Namespace) -> int:
    """Measure in databases made for it, never in the configured one, and print one table."""
    from amerce.perf.engines import ENGINES

    engines = ENGINES if args.engine == "both" else (args.engine,)
    url = os.environ.get("AMERCE_DATABASE_URL", "")
    asked = next((scale for scale in SCALES if getattr(args, scale.option)), None)
    if args.http:
        for engine in engines:
            _http(engine, url, args.rounds, args.operations)
    elif asked:
        for engine in engines:
            count = getattr(args, asked.option)
            with _progress(asked.doing, asked.passes * count) as advance_to:
                found = asked.measure(engine, url, count, args.alone, advance_to)
            for line in asked.said_of(found):
                print(f"{engine}: {line}")
    else:
        _cases(engines, url, args.rounds, args.operations)
    return 0


def _cases(engines: tuple[str, ...], url: str, rounds: int, operations: int) -> None:
    from amerce.perf import bench

    table, remarks = _table(), []
    with _progress("Measuring", bench.STEPS * len(engines)) as advance_to:
        steps = _counted(advance_to)
        for engine in engines:
            measured, said = bench.run(engine, url, rounds=rounds, operations=operations, progressed=steps)
            for each in measured:
                table.add_row(
                    engine,
                    each.name,
                    f"{each.ours_per_s:,.0f}",
                    f"{each.limit_per_s:,.0f}",
                    f"{each.ratio:.2f}",
                    f"{each.one_statement_per_s:,.0f}" if each.one_statement_per_s else "",
                    f"{each.ours_statements} / {each.limit_statements}",
                    f"{each.ours_memory_mib:.0f}",
                )
            remarks += [f"{engine}: {remark}" for remark in said]
    Console(width=110).print(table)
    for remark in remarks:
        print(remark)


def _http(engine: str, url: str, rounds: int, operations: int) -> None:
    from amerce.perf import bench

    with _progress("Calling", _HTTP_STEPS) as advance_to:
        steps = _counted(advance_to)
        measured, remarks = bench.run_http(engine, url, rounds=rounds, operations=operations, progressed=steps)
    for each in measured:
        print(
            f"{engine}: {each.name}, {each.ours_per_s:,.0f} calls/s, a bare view {each.limit_per_s:,.0f}, "
            f"ratio {each.ratio:.2f}"
        )
    for remark in remarks:
        print(f"{engine}: {remark}")


@contextmanager
def _progress(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how far it came, and turn what stops the bench into a sentence."""
    from amerce.perf.bench import BenchFailed
    from amerce.perf.engines import EngineMissing

    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(doing, total=total)
            yield lambda done: progress.update(task, completed=done)
    except (EngineMissing, BenchFailed) as failure:
        raise Refusal(str(failure)) from None


def _counted(advance_to: Callable[[int], Any]) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        advance_to(done)

    return step


def _table() -> Table:
    table = Table(title="Operations a second, medians; the limit is the same statements by hand")
    table.add_column("engine")
    table.add_column("operation")
    for name in ("ours/s", "limit/s", "ratio", "one CTE/s", "statements", "peak MiB"):
        table.add_column(name, justify="right")
    return table


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
