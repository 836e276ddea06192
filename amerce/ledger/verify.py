"""Recomputing everything: that every hash, balance and reference of the ledger is what its transfers make it.

Why over the whole ledger and not from a mark: whoever could change an old row could move the mark. Reads one
snapshot, in bounded memory, and holds no writer up.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections, transaction
from django.db.models import Sum

from amerce.ledger.checks import bursar, fee_facts, fees, hashes, links, reductions
from amerce.ledger.checks.scope import Finding, Scope, fee_model
from amerce.ledger.digest import check_digests
from amerce.ledger.guards import foreign_guards, missing_guards
from amerce.ledger.models import Idempotency, PatronAccount, Transfer


def guards(scope: Scope) -> Finding | None:
    """The database refuses to change money rows: every guard stands."""
    missing = missing_guards(Transfer.objects.db)
    return Finding(f"guard {missing[0]}", "in place", "missing, switched off or replaced") if missing else None


def strangers(scope: Scope) -> Finding | None:
    """Nothing but the guards stands between a statement and a money table."""
    foreign = foreign_guards(Transfer.objects.db)
    return Finding("foreign guards", "no trigger or rule but our guards", ", ".join(foreign)) if foreign else None


CHECKS: tuple[tuple[str, Callable[[Scope], Finding | None]], ...] = (
    ("Transfers follow one another", hashes.chain),
    ("Accounts without transfers are empty", hashes.untouched_accounts),
    ("Account sums", fees.accounts),
    ("Fee amounts", fees.debts),
    ("Credit amounts", fees.credits),
    ("Bound credits", fees.bound_credits),
    ("Waivers of bound credits", fees.waivers),
    ("Reductions", reductions.reductions),
    ("Payments received from the bursar", bursar.payments_received),
    ("Fee statuses", fees.statuses),
    ("VAT parts", fees.vat),
    ("Fee types", fee_facts.types),
    ("Fee links", fee_facts.links),
    ("Fee dates and notes", fee_facts.beginnings),
    ("One institution per transfer", links.one_institution),
    ("One patron per transfer", links.one_patron),
    ("Accounts and records are their patron's", links.owners),
    ("Currency", links.currency),
    ("Chart of accounts", links.known_accounts),
    ("Corrections", links.corrections),
    ("Receipt numbers", links.receipts),
    ("Receipt sequence", links.receipt_sequence),
    ("Comments", hashes.notes),
    ("Idempotency records", hashes.idempotency),
    ("Guards", guards),
    ("Foreign guards", strangers),
)
"""Every check with its name, in the order of which finding is told first."""


@dataclass(frozen=True)
class Counts:
    transfers: int
    accounts: int
    fees: int
    idempotency_records: int


@dataclass(frozen=True)
class TrialBalance:
    """Debits less credits of each group of accounts in one currency, in minor units. They sum to zero."""

    currency_code: str
    groups: dict[str, int]

    @property
    def total_minor(self) -> int:
        return sum(self.groups.values())


@dataclass(frozen=True)
class Report:
    """What ``verify`` saw: per check its first bad row or None."""

    counts: Counts
    results: tuple[tuple[str, Finding | None], ...]
    trial_balances: tuple[TrialBalance, ...]

    @property
    def findings(self) -> list[Finding]:
        return [finding for _, finding in self.results if finding]


@dataclass
class Watcher:
    """Is told how far ``verify`` is. ``total`` rows will be read one by one."""

    start: Callable[[int], None] = field(default=lambda total: None)
    check: Callable[[str], None] = field(default=lambda name: None)
    advance: Callable[[int], None] = field(default=lambda rows: None)


def verify(institution_id: int | None = None, watcher: Watcher | None = None, *, against: Path | None = None) -> Report:
    """Recompute one institution, or all. Every check runs, each to its first bad row; nothing is written.

    ``against`` is a file of digests that are checked too. Raises ``DigestUnreadable`` for a file that has none.
    """
    watcher = watcher or Watcher()
    scope = Scope(institution_id, watcher.advance)
    with _snapshot(Transfer.objects.db):
        counts = Counts(
            transfers=scope.of(Transfer).count(),
            accounts=scope.of(PatronAccount).count(),
            fees=scope.of(fee_model()).count(),
            idempotency_records=scope.of(Idempotency).count(),
        )
        noted = scope.of(Transfer).filter(note__isnull=False).count()
        taxed = scope.of(fee_model()).filter(vat_rate_bp__gt=0).count()
        watcher.start(counts.transfers + counts.idempotency_records + noted + taxed)
        results: list[tuple[str, Finding | None]] = []
        for name, check in CHECKS:
            watcher.check(name)
            results.append((name, _run(check, scope)))
        if against:
            watcher.check("Digests")
            results.append(("Digests", check_digests(against)))
        watcher.check("Trial balance")
        balances = tuple(trial_balances(scope))
    results.append(("Trial balance", next((_unbalanced(each) for each in balances if each.total_minor), None)))
    return Report(counts, tuple(results), balances)


def trial_balances(scope: Scope) -> Iterator[TrialBalance]:
    """One per currency, from the debits and the credits of all transfers, each side summed on its own."""
    groups: dict[str, dict[str, int]] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        sums = scope.of(Transfer).order_by().values_list("currency_code", side).annotate(sum=Sum("amount_minor"))
        for currency_code, ledger_account, sum_minor in sums:
            of_currency = groups.setdefault(currency_code, {})
            name = ledger_account if ledger_account.startswith("patron:") else ledger_account.split(":")[0]
            of_currency[name] = of_currency.get(name, 0) + sign * sum_minor
    for currency_code, of_currency in sorted(groups.items()):
        yield TrialBalance(currency_code, dict(sorted(of_currency.items())))


def _unbalanced(balance: TrialBalance) -> Finding:
    return Finding(f"trial balance in {balance.currency_code}", "0", str(balance.total_minor))


def _run(check: Callable[[Scope], Finding | None], scope: Scope) -> Finding | None:
    """A row that cannot even be read, as SQLite lets somebody write it, is a bad row too."""
    try:
        return check(scope)
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
        return Finding("a row", "columns that can be read", f"{type(error).__name__}: {error}")


@contextmanager
def _snapshot(using: str) -> Iterator[None]:
    """Everything read inside is of one moment. A transaction that is open already is the snapshot."""
    connection = connections[using]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # not atomic(): that would take the write lock for as long as this runs
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
