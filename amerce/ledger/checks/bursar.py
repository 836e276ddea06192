"""The check of what came from the bursar (row D5): between which accounts it moved, and which CREDIT shows it."""

from django.db.models import Exists, F, OuterRef, Q

from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.ledger.checks.scope import Finding, Scope
from amerce.ledger.models import Transfer


def payments_received(scope: Scope) -> Finding | None:
    """A payment received lowers what is at the bursar, pays out an exported CREDIT, or gives a CREDIT of its own.

    The CREDIT that shows a payment is of no other transfer but the correction of that one, so nothing of it can be
    spent.
    """
    rows = scope.of(Transfer).filter(kind=Kind.PAYMENT_RECEIVED).order_by("pk")
    own = Q(credit_fee_id=F("fee_id"))
    lowers = Q(debit=chart.BURSAR, credit=chart.TRANSFERRED) & ~own
    pays_out = Q(debit=chart.TRANSFERRED, credit=chart.BURSAR) & own
    keeps = Q(debit=chart.BURSAR, credit=chart.CREDIT) & own
    # ``exclude`` would keep rows whose comparison with no credit fee is unknown
    right = (Q(debit=chart.BURSAR, credit=chart.TRANSFERRED, credit_fee=None)) | lowers | pays_out | keeps
    good = rows.filter(right).values("pk")
    if row := rows.exclude(pk__in=good).values("pk", "debit", "credit").first():
        return Finding(f"transfer {row['pk']}", "money of the bursar's", f"{row['debit']} from {row['credit']}")
    shown = rows.filter(credit=chart.TRANSFERRED, credit_fee__isnull=False)
    others = Transfer.objects.filter(credit_fee=OuterRef("credit_fee")).exclude(
        Q(pk=OuterRef("pk")) | Q(corrects__isnull=False, corrects=OuterRef("pk"))
    )
    if (
        row := shown.filter(Q(credit_fee__bound_to__isnull=False) | Exists(others))
        .values("pk", "credit_fee_id")
        .first()
    ):
        return Finding(f"transfer {row['pk']}", "a CREDIT of its own, not bound", f"credit {row['credit_fee_id']}")
    taxed = rows.exclude(vat_minor=0).values("pk", "vat_minor").first()
    return Finding(f"transfer {taxed['pk']}", "no VAT, its export had it", str(taxed["vat_minor"])) if taxed else None
