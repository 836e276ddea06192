"""``amerce bench``: see ``docs/reference/bench.md``."""

import argparse

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from amerce.cli.refusal import Refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=_positive, default=5, metavar="N", help="how many rounds (5), odd is best")
    parser.add_argument("--operations", type=_positive, default=100, metavar="N", help="operations in a round (100)")
    parser.add_argument("--engine", choices=["postgresql", "sqlite", "both"], default="both")
    parser.add_argument("--http", action="store_true", help="instead: the REST interface beside a bare view")
    parser.add_argument(
        "--loans", type=_positive, metavar="N", help="instead: charge so many late loans by the nightly job"
    )
    parser.add_argument(
        "--patrons", type=_positive, metavar="N", help="instead: notify so many patrons of what they owe"
    )
    parser.add_argument("--fees", type=_positive, metavar="N", help="instead: waive so many fees in bulk")


def run(args: argparse.Namespace) -> int:
    """Measure in databases made for it, never in the configured one, and print one table."""
    import os

    from amerce.perf import bench
    from amerce.perf.engines import ENGINES, EngineMissing

    engines = ENGINES if args.engine == "both" else (args.engine,)
    url = os.environ.get("AMERCE_DATABASE_URL", "")
    if args.http:
        for engine in engines:
            _http(engine, url, args.rounds, args.operations)
        return 0
    if args.loans:
        for engine in engines:
            _scale(engine, url, args.loans)
        return 0
    if args.patrons:
        for engine in engines:
            _notifications(engine, url, args.patrons)
        return 0
    if args.fees:
        for engine in engines:
            _bulk(engine, url, args.fees)
        return 0
    table, remarks = _table(), []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Measuring", total=bench.STEPS * len(engines))
        for engine in engines:
            try:
                measured, said = bench.run(
                    engine,
                    url,
                    rounds=args.rounds,
                    operations=args.operations,
                    progressed=lambda: progress.advance(task),
                )
            except (EngineMissing, bench.BenchFailed) as failure:
                raise Refusal(str(failure)) from None
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
    return 0


def _scale(engine: str, url: str, loans: int) -> None:
    from amerce.perf import bench
    from amerce.perf.engines import EngineMissing

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Charging", total=loans)
        try:
            found = bench.run_scale(
                engine, url, loans=loans, progressed=lambda looked_at: progress.update(task, completed=looked_at)
            )
        except (EngineMissing, bench.BenchFailed) as failure:
            raise Refusal(str(failure)) from None
    print(
        f"{engine}: {found['loans']:,} late loans in {found['taken_s']:,.1f} s and {found['slices']:,} slices, "
        f"{found['loans'] / found['taken_s']:,.0f} loans/s, {found['fines']:,} fines"
    )
    print(
        f"{engine}: a slice held its locks {found['longest_locked_ms']:,.0f} ms at most, "
        f"{found['median_locked_ms']:,.0f} ms in the median"
    )
    print(
        f"{engine}: peak memory {found['peak_memory_mib']:.0f} MiB, after the first slice "
        f"{found['first_memory_mib']:.0f} MiB"
    )


def _notifications(engine: str, url: str, patrons: int) -> None:
    from amerce.perf import bench
    from amerce.perf.engines import EngineMissing

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Notifying", total=patrons)
        try:
            found = bench.run_notifications(
                engine, url, patrons=patrons, progressed=lambda looked_at: progress.update(task, completed=looked_at)
            )
        except (EngineMissing, bench.BenchFailed) as failure:
            raise Refusal(str(failure)) from None
    timed = found["timed"]
    print(f"{engine}: who matches is known after {found['selection_s']:,.2f} s")
    print(
        f"{engine}: {found['letters']:,} letters with their fees in {timed['taken_s']:,.1f} s and "
        f"{timed['slices']:,} slices, {found['letters'] / timed['taken_s']:,.0f} letters/s, "
        f"{found['letters'] / timed['processor_s']:,.0f} per second of its processor"
    )
    print(
        f"{engine}: a slice held its locks {timed['longest_locked_ms']:,.0f} ms at most, "
        f"{timed['median_locked_ms']:,.0f} ms in the median"
    )
    print(
        f"{engine}: peak memory {timed['peak_memory_mib']:.0f} MiB, after the first slice "
        f"{timed['first_memory_mib']:.0f} MiB"
    )


def _bulk(engine: str, url: str, fees: int) -> None:
    from amerce.perf import bench
    from amerce.perf.engines import EngineMissing

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Waiving", total=fees)
        try:
            found = bench.run_bulk(
                engine, url, fees=fees, progressed=lambda waived: progress.update(task, completed=waived)
            )
        except (EngineMissing, bench.BenchFailed) as failure:
            raise Refusal(str(failure)) from None
    ours, by_hand = found["fees"] / found["taken_s"], found["fees"] / found["by_hand_s"]
    print(
        f"{engine}: {found['fees']:,} fees in {found['taken_s']:,.1f} s and {found['slices']:,} slices, "
        f"{ours:,.0f} fees/s; by hand {by_hand:,.0f} fees/s, ratio {ours / by_hand:.2f}"
    )
    print(
        f"{engine}: peak memory {found['peak_memory_mib']:.0f} MiB, after the first slice "
        f"{found['first_memory_mib']:.0f} MiB"
    )


def _http(engine: str, url: str, rounds: int, operations: int) -> None:
    from amerce.perf import bench
    from amerce.perf.engines import EngineMissing

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Calling", total=3)
        try:
            measured, remarks = bench.run_http(
                engine, url, rounds=rounds, operations=operations, progressed=lambda: progress.advance(task)
            )
        except (EngineMissing, bench.BenchFailed) as failure:
            raise Refusal(str(failure)) from None
    for each in measured:
        print(
            f"{engine}: {each.name}, {each.ours_per_s:,.0f} calls/s, a bare view {each.limit_per_s:,.0f}, "
            f"ratio {each.ratio:.2f}"
        )
    for remark in remarks:
        print(f"{engine}: {remark}")


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
