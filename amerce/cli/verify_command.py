"""``amerce verify``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from amerce.cli.refusal import Refusal

if TYPE_CHECKING:
    from amerce.ledger.digest import DigestUnreadable
    from amerce.ledger.verify import Report, Watcher


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--against", metavar="FILE", type=Path, help="also check the digests that were written to this file"
    )
    parser.add_argument("--institution", metavar="CODE", help="check the rows of this institution alone")


def run(args: argparse.Namespace) -> int:
    """Recompute everything and print what was counted. Raises ``Refusal`` that names the first bad row."""
    from amerce.ledger.digest import DigestUnreadable
    from amerce.ledger.verify import verify

    institution_id = _institution_id(args.institution)
    console = Console(stderr=True)
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bar, console=console, transient=True, disable=not console.is_terminal) as progress:
        try:
            report = verify(institution_id, watcher=_watcher(progress), against=args.against)
        except DigestUnreadable as error:
            raise Refusal(_unreadable(error)) from None
    _print_checks(report)
    if report.findings:
        raise Refusal(f"The ledger is not whole at {report.findings[0]}.")
    return 0


def _watcher(progress: Progress) -> "Watcher":
    from amerce.ledger.verify import Watcher

    task = progress.add_task("", total=None)
    return Watcher(
        start=lambda total: progress.update(task, total=total),
        check=lambda name: progress.update(task, description=name),
        advance=lambda rows: progress.advance(task, rows),
    )


def _institution_id(code: str | None) -> int | None:
    from amerce.institutions.models import Institution

    if code is None:
        return None
    found: int | None = Institution.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise Refusal(f"There is no institution {code}.")
    return found


def _print_checks(report: "Report") -> None:
    from amerce.money.amount import currency
    from amerce.money.format import format_plain

    table = Table("Check", "Result", box=None)
    for name, finding in report.results:
        table.add_row(name, f"[red]{finding.row}[/red]" if finding else "[green]whole[/green]")
    console = Console()
    if report.findings:
        console.print(table)
        return
    counts = report.counts
    print(
        f"The ledger is whole: {counts.transfers} transfers, {counts.accounts} accounts, {counts.fees} fees, "
        f"{counts.idempotency_records} idempotency records, {len(report.results)} checks."
    )
    for balance in report.trial_balances:
        money = currency(balance.currency_code)
        groups = ", ".join(f"{name} {format_plain(minor, money)}" for name, minor in balance.groups.items())
        print(f"Trial balance {balance.currency_code} {format_plain(balance.total_minor, money)}: {groups}.")


def _unreadable(error: "DigestUnreadable") -> str:
    if error.line == 0:
        return f"{error.path} holds no digest."
    return f"{error.path} line {error.line} is not a digest."
