"""Checks of the projections: what fees and accounts say must follow from the transfers.

Why in the database and over again: a projection that is compared with itself proves nothing. The sums here are
written from the meaning of a transfer and share no code with ``charges.project``.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.ledger.checks.scope import Finding, Scope, fee_model
from amerce.ledger.checks.sums import moved, of_kind, or_zero, sum_of
from amerce.ledger.models import PatronAccount, Transfer
from amerce.money.vat import vat_in

_OPEN = (chart.ACTIVE, chart.DISPUTED)
_SHOWN = "paid at the bursar and shown by a CREDIT"


def debts(scope: Scope) -> Finding | None:
    """Every amount of a fee is the sum of its transfers, and its remainder stands where its status says."""
    own = Q(transfers__credit_fee__bound_to__isnull=True)
    rows = scope.of(fee_model()).filter(original_minor__gte=0)
    sums = rows.annotate(
        sum_original=sum_of("transfers", Q(transfers__kind=Kind.CHARGE)),
        sum_active=moved("transfers", chart.ACTIVE),
        sum_disputed=moved("transfers", chart.DISPUTED),
        sum_transferred=moved("transfers", chart.TRANSFERRED),
        sum_paid=of_kind("transfers", Kind.PAYMENT, own),
        sum_waived=of_kind("transfers", Kind.WAIVE),
        sum_refunded=of_kind("transfers", Kind.REFUND),
        sum_reduced=sum_of("transfers", Q(transfers__kind=Kind.REDUCTION)),
        sum_credited=sum_of("transfers", Q(transfers__kind=Kind.REDUCTION, transfers__credit=chart.CREDIT)),
    ).annotate(sum_remaining=F("sum_active") + F("sum_disputed"))
    columns = ("original", "remaining", "transferred", "paid", "waived", "refunded", "reduced", "credited")
    bad = _first_other(sums, columns)
    if bad:
        return _differs("fee", bad, columns)
    wrong_place = sums.filter(
        (Q(status="ACTIVE") & ~Q(remaining_minor=F("sum_active")))
        | (Q(status="INDISPUTE") & ~Q(remaining_minor=F("sum_disputed")))
        | Q(sum_active__lt=0)
        | Q(sum_disputed__lt=0)
        | Q(sum_transferred__lt=0)
        | Q(original_minor=0)
    )
    bad = wrong_place.order_by("pk").values("pk", "status", "original_minor", "sum_active", "sum_disputed").first()
    if bad:
        return Finding(
            f"fee {bad['pk']}",
            f"its remainder where {bad['status']} stands",
            f"{bad['sum_active']} active, {bad['sum_disputed']} disputed of {bad['original_minor']}",
        )
    return None


def credits(scope: Scope) -> Finding | None:
    """The amounts of a CREDIT are those of its transfers, negative, and no debt stands on it."""
    given = Q(credit_transfers__credit=chart.CREDIT) & ~Q(credit_transfers__kind=Kind.CORRECTION)
    given |= Q(credit_transfers__kind=Kind.PAYMENT_RECEIVED, credit_transfers__credit=chart.TRANSFERRED)
    own = paid_out = Q(credit_transfers__fee=F("pk"))
    zero = Value(0, BigIntegerField())
    sums = (
        scope.of(fee_model())
        .filter(original_minor__lt=0)
        .annotate(
            sum_original=-sum_of("credit_transfers", given),
            sum_remaining=moved("credit_transfers", chart.CREDIT),
            sum_refunded=of_kind("credit_transfers", Kind.REFUND, paid_out),
            sum_transferred=sum_of("credit_transfers", own & Q(credit_transfers__debit=chart.TRANSFERRED))
            - sum_of("credit_transfers", own & Q(credit_transfers__credit=chart.TRANSFERRED)),
            sum_paid=zero,
            sum_waived=zero,
            sum_reduced=zero,
            sum_credited=zero,
        )
    )
    columns = ("original", "remaining", "refunded", "transferred", "paid", "waived", "reduced", "credited")
    if bad := _first_other(sums, columns):
        return _differs("credit", bad, columns)
    spent = sums.filter(Q(sum_remaining__gt=0) | Q(sum_remaining__lt=F("sum_original")) | Q(status="INDISPUTE"))
    if bad := spent.order_by("pk").values("pk", "status", "original_minor", "remaining_minor").first():
        return Finding(
            f"credit {bad['pk']}",
            f"a rest from {bad['original_minor']} to 0 that is not disputed",
            f"{bad['remaining_minor']}, {bad['status']}",
        )
    owing = scope.of(Transfer).filter(fee__original_minor__lt=0)
    open_here = Q(debit__in=_OPEN) | Q(credit__in=_OPEN)
    at_bursar = Q(debit=chart.TRANSFERRED) | Q(credit=chart.TRANSFERRED)
    receivable = open_here | (at_bursar & ~Q(credit_fee_id=F("fee_id")))
    if bad := owing.filter(receivable).order_by("pk").values("pk", "fee_id").first():
        return Finding(f"transfer {bad['pk']}", "a fee that is owed", f"credit {bad['fee_id']}")
    return None


def bound_credits(scope: Scope) -> Finding | None:
    """A bound CREDIT is given and used by its own fee alone, of the same patron, and stands unused
    only beside its fee in the active balance, up to what remains there (row B7)."""
    fees = scope.of(fee_model())
    stray = fees.filter(bound_to__isnull=False).exclude(
        patron_id=F("bound_to__patron_id"), original_minor__lt=0, bound_to__original_minor__gt=0
    )
    if bad := stray.order_by("pk").values("pk", "bound_to_id").first():
        return Finding(f"credit {bad['pk']}", "a CREDIT bound to a fee of its patron", f"fee {bad['bound_to_id']}")
    foreign = scope.of(Transfer).filter(credit_fee__bound_to__isnull=False)
    foreign = foreign.exclude(fee_id=F("credit_fee__bound_to_id"))
    if bad := foreign.order_by("pk").values("pk", "fee_id", "credit_fee__bound_to_id").first():
        return Finding(f"transfer {bad['pk']}", f"fee {bad['credit_fee__bound_to_id']}", f"fee {bad['fee_id']}")
    over = fees.filter(bound_credits__isnull=False).annotate(unused=or_zero(-Sum("bound_credits__remaining_minor")))
    alone = Q(unused__gt=F("remaining_minor")) | (Q(unused__gt=0) & ~Q(status="ACTIVE"))
    bad = over.filter(alone).order_by("pk").values("pk", "status", "remaining_minor", "unused").first()
    if bad:
        return Finding(
            f"fee {bad['pk']}",
            f"bound credits of {bad['remaining_minor']} at most, on an active fee",
            f"{bad['unused']} unused, {bad['status']}",
        )
    return None


def waivers(scope: Scope) -> Finding | None:
    """A waiver gives none but a CREDIT bound to its fee, and none but a waiver gives a bound one (row B7)."""
    loose = Q(credit_fee__bound_to__isnull=True) | ~Q(credit_fee__bound_to=F("fee"))
    given = scope.of(Transfer).filter(loose, kind=Kind.WAIVE, credit_fee__isnull=False).order_by("pk")
    if bad := given.values("pk", "fee_id", "credit_fee_id", "credit_fee__bound_to_id").first():
        return Finding(
            f"credit {bad['credit_fee_id']}",
            f"bound to fee {bad['fee_id']} by transfer {bad['pk']}",
            f"bound to {bad['credit_fee__bound_to_id'] or 'none'}",
        )
    waived = Transfer.objects.filter(kind=Kind.WAIVE, credit_fee=OuterRef("pk"), fee=OuterRef("bound_to"))
    bound = scope.of(fee_model()).filter(~Exists(waived), bound_to__isnull=False).order_by("pk")
    if bad := bound.values("pk", "bound_to_id").first():
        return Finding(f"credit {bad['pk']}", "not bound, no waiver gave it", f"bound to {bad['bound_to_id']}")
    return None


def statuses(scope: Scope) -> Finding | None:
    """A fee is closed just when nothing is open, and says how by the transfer that closed it."""
    fees = scope.of(fee_model())
    nothing_open = Q(remaining_minor=0, transferred_minor=0)
    right = (
        (Q(status="CLOSED") & nothing_open & ~Q(closed_as=""))
        | (Q(status="EXPORTED", closed_as="", remaining_minor=0) & ~Q(transferred_minor=0))
        | (Q(status="EXPORTED", closed_as="paid") & nothing_open)
        | (Q(status__in=("ACTIVE", "INDISPUTE"), closed_as="", transferred_minor=0) & ~Q(remaining_minor=0))
    )
    bad = fees.exclude(right).order_by("pk")
    if row := bad.values("pk", "status", "closed_as", "remaining_minor", "transferred_minor").first():
        return Finding(
            f"fee {row['pk']}",
            f"the status of {row['remaining_minor']} remaining and {row['transferred_minor']} transferred",
            f"{row['status']} {row['closed_as']}".strip(),
        )
    last = _last_that_closed()
    closed = fees.exclude(closed_as="").annotate(sum_closed_as=Subquery(last))
    shown = Q(sum_closed_as=_SHOWN, status="EXPORTED", closed_as="paid")
    bad = closed.exclude(shown | Q(status="CLOSED", closed_as=F("sum_closed_as"))).order_by("pk")
    if row := bad.values("pk", "status", "closed_as", "sum_closed_as").first():
        found = f"closed as {row['closed_as']}" + ("" if row["status"] == "CLOSED" else f" and {row['status']}")
        return Finding(f"fee {row['pk']}", f"closed as {row['sum_closed_as']}", found)
    return None


def vat(scope: Scope) -> Finding | None:
    """The VAT of a fee's charges, of what was settled and of what was given back is the VAT in those amounts."""
    untaxed = scope.of(Transfer).filter(fee__vat_rate_bp=0).exclude(vat_minor=0).order_by("pk")
    if bad := untaxed.values("pk", "vat_minor").first():
        return Finding(f"transfer {bad['pk']}", "no VAT, the rate is 0", str(bad["vat_minor"]))
    settling = ~Q(transfers__kind__in=(Kind.CHARGE, Kind.DISPUTE, Kind.RESTORE, Kind.REFUND))
    bound = Q(transfers__credit_fee__bound_to=F("pk"))
    given = (~bound & Q(transfers__credit__in=_OPEN)) | (bound & Q(transfers__credit=chart.CREDIT))
    taken = (~bound & Q(transfers__debit__in=_OPEN)) | (bound & Q(transfers__debit=chart.CREDIT))
    through = bound & (Q(transfers__credit__in=_OPEN) | Q(transfers__debit__in=_OPEN))
    unused = fee_model().objects.filter(bound_to=OuterRef("pk")).order_by().values("bound_to")
    fees = (
        scope.of(fee_model())
        .filter(vat_rate_bp__gt=0)
        .annotate(
            vat_charged=sum_of("transfers", Q(transfers__kind=Kind.CHARGE), "vat_minor"),
            vat_settled=sum_of("transfers", settling & given & ~through, "vat_minor")
            - sum_of("transfers", settling & taken & ~through, "vat_minor"),
            vat_given_back=of_kind("transfers", Kind.REFUND, column="vat_minor")
            + sum_of("transfers", Q(transfers__kind=Kind.REDUCTION, transfers__credit=chart.CREDIT), "vat_minor"),
            unused=or_zero(Subquery(unused.annotate(sum=-Sum("remaining_minor")).values("sum"))),
        )
        .order_by("pk")
    )
    columns = ("pk", "vat_rate_bp", "original_minor", "remaining_minor", "refunded_minor", "credited_minor", "unused")
    rows = fees.values_list(*columns, "vat_charged", "vat_settled", "vat_given_back")
    for pk, rate_bp, original, remaining, refunded, credited, unused_minor, *sums in scope.stream(rows):
        charged = max(original, 0)
        settled = original - remaining + unused_minor if original > 0 else 0
        for name, base, sum_minor in zip(
            ("charged", "settled", "given back"), (charged, settled, refunded + credited), sums, strict=True
        ):
            if sum_minor != vat_in(base, rate_bp):
                return Finding(f"fee {pk}", f"VAT of {vat_in(base, rate_bp)} in {base} {name}", str(sum_minor))
    return None


def accounts(scope: Scope) -> Finding | None:
    """The four sums and the ``seq`` of an account are those of its transfers, and of its patron's fees."""
    by_transfers = scope.of(PatronAccount).annotate(
        sum_active=moved("transfers", chart.ACTIVE),
        sum_disputed=moved("transfers", chart.DISPUTED),
        sum_transferred=moved("transfers", chart.TRANSFERRED),
        sum_credit=-moved("transfers", chart.CREDIT),
        count=Count("transfers"),
        last_seq=or_zero(Max("transfers__seq")),
    )
    columns = ("active", "disputed", "transferred", "credit")
    if bad := _first_other(by_transfers, columns):
        return _differs("account", bad, columns)
    miscounted = by_transfers.exclude(seq=F("count"), last_seq=F("count")).order_by("pk")
    if bad := miscounted.values("pk", "seq", "count", "last_seq").first():
        return Finding(
            f"account {bad['pk']}", f"seq {bad['last_seq']} of {bad['count']} transfers", f"seq {bad['seq']}"
        )
    debt, credit = Q(original_minor__gt=0), Q(original_minor__lt=0)
    by_fees = scope.of(PatronAccount).annotate(
        sum_active=_of_fees(debt & Q(status="ACTIVE"), "remaining_minor"),
        sum_disputed=_of_fees(debt & Q(status="INDISPUTE"), "remaining_minor"),
        sum_transferred=_of_fees(Q(), "transferred_minor"),
        sum_credit=-_of_fees(credit, "remaining_minor"),
    )
    bad = _first_other(by_fees, columns)
    return _differs("account", bad, columns) if bad else None


def _last_that_closed() -> QuerySet[Any]:
    """How the last transfer that changed what was open of a fee ends it."""
    fee, bound_to = OuterRef("pk"), "credit_fee__bound_to"
    on_fee = Q(fee=fee) & (Q(debit__in=chart.RECEIVABLES) | Q(credit__in=chart.RECEIVABLES))
    changed = Transfer.objects.filter(on_fee | Q(credit_fee=fee)).order_by("-seq")
    how = Case(
        When(kind=Kind.CORRECTION, then=Value("corrected")),
        When(kind=Kind.EXPORT, then=Value("exported")),
        When(kind=Kind.REDUCTION, then=Value("reduced")),
        When(kind=Kind.PAYMENT_RECEIVED, credit=chart.TRANSFERRED, credit_fee__isnull=False, then=Value(_SHOWN)),
        When(kind=Kind.PAYMENT_RECEIVED, then=Value("collected")),
        When(credit_fee=fee, kind=Kind.PAYMENT, then=Value("credited")),
        When(Q(kind=Kind.WAIVE) | Q(**{bound_to: fee}), then=Value("waived")),
        default=Value("paid"),
    )
    return changed.annotate(how=how).values("how")[:1]


def _of_fees(condition: Q, column: str) -> Any:
    fees = fee_model().objects.filter(
        condition, institution_id=OuterRef("institution_id"), patron_id=OuterRef("patron_id")
    )
    return or_zero(Subquery(fees.order_by().values("patron_id").annotate(sum=Sum(column)).values("sum")))


def _first_other(rows: QuerySet[Any], columns: Sequence[str]) -> dict[str, Any] | None:
    """The first row of which one of ``columns`` is not its sum."""
    right = Q(**{f"{column}_minor": F(f"sum_{column}") for column in columns})
    names = [name for column in columns for name in (f"{column}_minor", f"sum_{column}")]
    return rows.exclude(right).order_by("pk").values("pk", *names).first()


def _differs(what: str, row: dict[str, Any], columns: Sequence[str]) -> Finding:
    """Django makes whole numbers of sums: what differs by less than one does not differ any more here."""
    column = next((each for each in columns if row[f"{each}_minor"] != row[f"sum_{each}"]), None)
    if column is None:
        return Finding(f"{what} {row['pk']}", "whole minor units", "a fraction of one")
    return Finding(
        f"{what} {row['pk']}", f"{column} of {row[f'sum_{column}']} minor units", str(row[f"{column}_minor"])
    )
