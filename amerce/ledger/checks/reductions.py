"""The check of reductions: what may be taken back of a charge, and what of it may be given out (ADR 0012)."""

from django.db.models import Case, Exists, F, OuterRef, Q, When

from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.ledger.checks.scope import Finding, Scope, fee_model
from amerce.ledger.checks.sums import sum_of
from amerce.ledger.models import Transfer

_BURSAR = (chart.TRANSFERRED, chart.BURSAR)
_LOST_TYPE = "LOSTITEMREPLACEMENTFEE"


def reductions(scope: Scope) -> Finding | None:
    """A reduction lowers what is open of its fee or gives a CREDIT of its own that is not bound; never more than
    was charged, and as CREDIT never more than came in: what was waived is not given out (ADR 0012).

    What is kept as too much or as waiting follows from no transfer, so it is bounded: neither is negative, what is too
    much was waived or refunded, of a found item's fee all that stands charged, and only a fee in dispute waits.
    """
    rows = scope.of(Transfer).filter(kind=Kind.REDUCTION).order_by("pk")
    elsewhere = rows.exclude(credit__in=(chart.ACTIVE, chart.DISPUTED, chart.CREDIT))
    if bad := elsewhere.values("pk", "credit").first():
        return Finding(f"transfer {bad['pk']}", "what is open lowered or a CREDIT given", bad["credit"])
    others = Transfer.objects.filter(credit_fee=OuterRef("credit_fee"), seq__lt=OuterRef("seq"))
    given = rows.filter(credit=chart.CREDIT)
    not_new = given.filter(Q(credit_fee__bound_to__isnull=False) | Q(credit_fee=F("fee")) | Exists(others))
    if row := not_new.values("pk", "credit_fee_id").first():
        return Finding(f"transfer {row['pk']}", "a CREDIT of its own, not bound", f"credit {row['credit_fee_id']}")
    handed_over = sum_of("transfers", Q(transfers__debit__in=_BURSAR, transfers__credit=chart.ACTIVE))
    handed_back = sum_of("transfers", Q(transfers__credit__in=_BURSAR, transfers__debit=chart.ACTIVE))
    fees = scope.of(fee_model()).filter(reduced_minor__gt=0).annotate(exported=handed_over - handed_back)
    came_in = F("paid_minor") + F("exported") - F("refunded_minor")
    over = fees.filter(Q(reduced_minor__gt=F("original_minor")) | Q(credited_minor__gt=came_in)).order_by("pk")
    columns = ("pk", "original_minor", "reduced_minor", "credited_minor", "paid_minor", "exported", "refunded_minor")
    if row := over.values(*columns).first():
        kept = row["paid_minor"] + row["exported"] - row["refunded_minor"]
        return Finding(
            f"fee {row['pk']}",
            f"at most {row['original_minor']} taken back, {kept} of it as CREDIT",
            f"{row['reduced_minor']}, {row['credited_minor']}",
        )
    limited = scope.of(fee_model()).annotate(
        limit_minor=Case(
            When(type__code=_LOST_TYPE, then=F("original_minor") - F("reduced_minor")),
            default=F("waived_minor") + F("refunded_minor"),
        )
    )
    not_kept = Q(excess_minor__lt=0) | Q(waiting_minor__lt=0) | (Q(waiting_minor__gt=0) & ~Q(status="INDISPUTE"))
    unbounded = limited.filter(Q(excess_minor__gt=F("limit_minor")) | not_kept).order_by("pk")
    if row := unbounded.values("pk", "limit_minor", "excess_minor", "waiting_minor").first():
        return Finding(
            f"fee {row['pk']}",
            f"0 to {row['limit_minor']} too much, and only in dispute an amount that waits",
            f"{row['excess_minor']}, {row['waiting_minor']}",
        )
    return None
