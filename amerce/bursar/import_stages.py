"""The stages of an import: read the whole file, find each line's fee, decide, book in chunks (row D5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from amerce.access.actors import Actor
from amerce.bursar.import_files import lines_file
from amerce.bursar.models import IMPORTED, PROBLEMS, BursarImport, BursarPayment, BursarProfile, BursarRun
from amerce.bursar.parse_file import ReadLine
from amerce.bursar.read_file import ReadFile, read_lines
from amerce.bursar.run_commands import ACKNOWLEDGEABLE, mark_acknowledged
from amerce.charges.models import Fee
from amerce.charges.settle import BursarPayment as Payment
from amerce.charges.settle import Effect, Settled, settle
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.institutions.models import Institution
from amerce.jobs.job import Level, RunEvent
from amerce.jobs.models import JobRun
from amerce.money.amount import AmountError, AmountNotPositive, Currency, parse_amount
from amerce.sql import Ids, Select, among, fresh, insert, update_all

READ_AT_ONCE = 500
Outcome, State = BursarPayment.Outcome, BursarImport.State


class _Found(NamedTuple):
    """What matching needs of a fee, by its columns."""

    pk: int
    patron_id: int
    original_minor: int
    transferred_minor: int


def begin_import(
    *,
    started_by: str,
    at: datetime,
    profile: BursarProfile,
    number: int,
    file_name: str,
    kept_as: str,
    is_check: bool = False,
    in_folder: bool = False,
) -> BursarImport:
    """A row for a file that was fetched or uploaded and lies at ``kept_as`` among what is kept."""
    return BursarImport.objects.create(
        institution_id=profile.institution_id,
        profile=profile,
        number=number,
        file_name=file_name,
        kept_as=kept_as,
        effect=profile.import_effect,
        per_line=profile.imports_per_line,
        started_by=started_by,
        started_at=at,
        is_check=is_check,
        in_folder=in_folder,
    )


def keep_read(file: BursarImport, read: ReadFile) -> BursarImport | None:
    """Keep what was read of the file, and answer the earlier import of the same, if one was not undone."""
    file.export_number, file.sha256, file.content = read.export_number, read.sha256, read.content
    file.line_count = read.count
    file.save(update_fields=["export_number", "sha256", "content", "line_count"])
    same = BursarImport.objects.filter(institution_id=file.institution_id, content=read.content)
    return same.filter(state__in=IMPORTED).exclude(pk=file.pk).order_by("pk").first()


def left_over(file: BursarImport) -> BursarImport | None:
    """The import of this very file that was undone before its run had put the file away, so that it lies there still.

    Found in the folder once more it is no new one, and is put away; whoever wants it booked after that puts it there.
    """
    rows = BursarImport.objects.filter(institution_id=file.institution_id, profile=file.profile)
    ended = JobRun.objects.filter(institution_id=file.institution_id, pk=OuterRef("number"), state=JobRun.State.DONE)
    undone = rows.filter(~Exists(ended), content=file.content, file_name=file.file_name, state=State.UNDONE)
    found = undone.order_by("-pk").first()
    if found is None or rows.filter(state=State.REPEATED, reason_data__earlier=found.pk).exists():
        return None
    return found


def match(file: BursarImport, offset: int, position: int) -> tuple[int, int, list[RunEvent]]:
    """Keep the next lines with the fee that each names: where those after them begin, how many, and problems."""
    lines, offset = read_lines(lines_file(file), offset, READ_AT_ONCE)
    fees = _fees_by_id(file, [line.transaction_id for line in lines])
    institution = file.profile.institution
    rows = [
        _payment(file, position + each, line, fees.get(line.transaction_id), institution)
        for each, line in enumerate(lines, 1)
    ]
    _mark_duplicates(file, rows)
    insert(rows, needs_ids=False)
    file.line_minor += sum(row.amount_minor or 0 for row in rows)
    file.problem_count += sum(row.outcome in PROBLEMS for row in rows)
    file.save(update_fields=["line_minor", "problem_count"])
    return offset, len(rows), [_told(row) for row in rows if row.outcome != Outcome.PENDING]


def pending(file: BursarImport) -> QuerySet[BursarPayment]:
    """The lines of the file that are to be booked."""
    return BursarPayment.objects.filter(file=file, outcome=Outcome.PENDING)


def book_chunk(file: BursarImport, actor: Actor, at: datetime, limit: int) -> tuple[int, list[RunEvent]]:
    """Book the next payments: how many, and those that found no fee at the bursar any more."""
    rows = list(pending(file).order_by("position")[:limit])
    payments = [Payment(row.patron_id or 0, row.fee_id or 0, row.amount_minor or 0) for row in rows]
    done = settle(
        actor=actor, at=at, institution=file.profile.institution, payments=payments, effect=Effect(file.effect)
    )
    for row, settled in zip(rows, done, strict=True):
        row.applied_minor, row.excess_minor = settled.applied_minor, settled.excess_minor
        row.transfer_id = settled.transfer_id
        row.outcome = outcome_of(row.amount_minor or 0, settled)
    update_all(rows, ("outcome", "applied_minor", "excess_minor", "transfer_id"))
    add_up(file, rows)
    return len(rows), [_told(row) for row in rows if row.outcome not in (Outcome.PAID, Outcome.PART)]


def add_up(file: BursarImport, rows: Sequence[BursarPayment]) -> None:
    """Add to the sums of the file what became of ``rows``, which were to be booked."""
    booked = [row for row in rows if row.applied_minor]
    file.posted_count += len(booked)
    file.applied_minor += sum(row.applied_minor for row in booked)
    file.excess_minor += sum(row.excess_minor for row in booked)
    file.problem_count += len(rows) - len(booked)
    file.save(update_fields=["posted_count", "applied_minor", "excess_minor", "problem_count"])


def outcome_of(amount_minor: int, settled: Settled) -> BursarPayment.Outcome:
    """What became of a payment of ``amount_minor``."""
    if settled.excess_minor:
        return Outcome.EXCESS
    if amount_minor < settled.applied_minor < 0:
        return Outcome.OVERPAID
    if settled.applied_minor:
        return Outcome.PART if settled.open_minor else Outcome.PAID
    return Outcome.ELSEWHERE


def end_import(file: BursarImport, state: str, actor: Actor, at: datetime, reason: str = "", **data: object) -> None:
    """The file is done with, booked or not; one that was booked acknowledges the export whose number it has."""
    file.state, file.ended_at, file.reason, file.reason_data = state, at, reason, data
    file.save(update_fields=["state", "ended_at", "reason", "reason_data"])
    if state == State.DONE and file.export_number.isascii() and file.export_number.isdigit():
        runs = BursarRun.objects.select_for_update(of=("self",)).filter(
            institution_id=file.institution_id, profile=file.profile, state__in=ACKNOWLEDGEABLE
        )
        if run := runs.filter(number=min(int(file.export_number), 2**63 - 1)).first():
            mark_acknowledged(run, actor, at, by=file.file_name)
    told = {"import": file.pk, "state": state, "lines": file.line_count, "applied": file.applied_minor}
    record("bursar_import.ended", actor=actor, at=at, data=told)


def _fees_by_id(file: BursarImport, ids: Sequence[str]) -> dict[str, _Found]:
    """By bursar transaction id, then by the internal id that stands in the file of a fee without one."""
    mine = Fee.objects.filter(institution_id=file.institution_id)
    named = mine.filter(among("bursar_transaction_id", {each for each in ids if each}))
    named = named.exclude(bursar_transaction_id="")  # as their index is made
    found = {name: _Found(*fee) for name, *fee in named.values_list("bursar_transaction_id", *_Found._fields)}
    digits = [each for each in ids if each not in found and each.isascii() and each.isdigit()]
    if digits:
        internal = possible_ids([int(each[:30]) for each in digits])
        for fee in mine.filter(among("pk", internal), bursar_transaction_id="").values_list(*_Found._fields):
            found.setdefault(str(fee[0]), _Found(*fee))
    return found


def _payment(
    file: BursarImport, position: int, line: ReadLine, fee: _Found | None, institution: Institution
) -> BursarPayment:
    money, ceiling_minor = institution.currency, institution.amount_ceiling_minor
    if fee:  # what was charged by itself may be above
        ceiling_minor = max(ceiling_minor, abs(fee.transferred_minor))
    amount_minor, outcome = _amount(line.sum_text, money, ceiling_minor)
    if line.currency_code and line.currency_code != money.code:
        outcome = Outcome.CURRENCY
    elif fee is None:
        outcome = Outcome.UNKNOWN
    elif outcome == Outcome.PENDING:
        outcome = _against(fee, amount_minor or 0)
    return fresh(
        BursarPayment,
        institution_id=file.institution_id,
        file_id=file.pk,
        position=position,
        transaction_id=line.transaction_id[:100],
        sum_text=line.sum_text[:40],
        currency_code=line.currency_code[:10],
        amount_minor=amount_minor,
        fee_id=fee.pk if fee else None,
        patron_id=fee.patron_id if fee else None,
        outcome=str(outcome.value),
    )


def _amount(text: str, money: Currency, ceiling_minor: int) -> tuple[int | None, BursarPayment.Outcome]:
    """Digits with a point; zeros beyond the currency's decimals are none. Above the ceiling it is a barcode."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, point, fraction = digits.partition(".")
    kept_fraction = fraction[: money.exponent] + fraction[money.exponent :].rstrip("0")
    plain = f"{whole}.{kept_fraction}" if point and kept_fraction else whole
    try:
        return sign * parse_amount(plain, money, ceiling_minor=ceiling_minor), Outcome.PENDING
    except AmountNotPositive:
        return 0, Outcome.ZERO
    except AmountError:
        return None, Outcome.UNREADABLE


def _against(fee: _Found, amount_minor: int) -> BursarPayment.Outcome:
    if amount_minor < 0 <= fee.original_minor:
        return Outcome.NEGATIVE
    return Outcome.PENDING if fee.transferred_minor * amount_minor > 0 else Outcome.ELSEWHERE


def _mark_duplicates(file: BursarImport, rows: Sequence[BursarPayment]) -> None:
    """A second line with the same id and sum inside one file is told and not booked; one in another currency is no
    first.

    A file has a million lines, and a fee few: the statement finds them by the fee, and must name nothing of the file
    by which a planner without statistics would rather look. The sums are for a file of which all lines are of one fee.
    """
    asked = [(row.fee_id, row.amount_minor or 0) for row in rows if row.outcome == Outcome.PENDING and row.fee_id]
    fee_ids, sums = Ids({fee_id for fee_id, _sum in asked}), Ids({amount_minor for _fee, amount_minor in asked})
    earlier = SUMS_OF_FEES.rows(file.institution_id, fee_ids, sums)
    seen = {(fee_id, amount_minor) for file_id, fee_id, amount_minor in earlier if file_id == file.pk}
    for row in rows:
        if row.outcome != Outcome.PENDING:
            continue
        if (row.fee_id, row.amount_minor) in seen:
            row.outcome = Outcome.DUPLICATE
        seen.add((row.fee_id, row.amount_minor))


def _told(row: BursarPayment) -> RunEvent:
    level = Level.ERROR if row.outcome in PROBLEMS else Level.WARNING
    data = {
        "line": row.position, "id": row.transaction_id, "sum": row.sum_text, "currency": row.currency_code,
        "fee": row.fee_id, "patron": row.patron_id, "excess_minor": row.excess_minor,
    }  # fmt: skip
    return RunEvent(level, f"bursar.line_{row.outcome}", data)


SUMS_OF_FEES: Select[Any] = Select(
    lambda institution_id, fee_ids, sums: (
        BursarPayment.objects.filter(
            among("fee_id", fee_ids), among("amount_minor", sums), institution_id=institution_id
        )
        .exclude(outcome=Outcome.CURRENCY)
        .values_list("file_id", "fee_id", "amount_minor")
        .distinct()
    )
)
