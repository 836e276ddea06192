"""Checks of what a fee says of itself besides its amounts: type, links, dates, note. The hashes do not cover fees,
so each of these is held against a transfer, which they do cover, or against the row it points to.
"""

from typing import Any

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce, Concat

from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.ledger.checks.scope import Finding, Scope, fee_model
from amerce.ledger.models import Transfer

_CREDIT_TYPE = "CREDIT"
_LINKS = ("patron", "type", "owner", "item", "loan", "note")
_OF_PATRON = ("loan", "note")
_LOAN_DATES = ("loaned_at", "due_at", "returned_at")


def types(scope: Scope) -> Finding | None:
    """A fee's type is that of the income it was charged to, reduced, given or refunded from; a CREDIT's is CREDIT."""
    income = Concat(Value(chart.INCOME), F("fee__type__code"), output_field=TextField())
    elsewhere = (
        Q(kind=Kind.CHARGE) & ~Q(credit=income)
        | Q(kind=Kind.CREDIT) & ~Q(debit=income) & ~Q(debit__startswith=chart.TAKEN)
        | Q(kind=Kind.REDUCTION) & ~Q(debit=income)
        | Q(kind=Kind.REFUND) & ~Q(debit=income) & ~Q(debit=chart.CREDIT)
    )
    columns = ("pk", "kind", "debit", "credit", "fee_id", "fee__type__code")
    if bad := scope.of(Transfer).filter(elsewhere).order_by("pk").values(*columns).first():
        side = bad["credit"] if bad["kind"] == Kind.CHARGE else bad["debit"]
        return Finding(f"fee {bad['fee_id']}", f"the type of {side} (transfer {bad['pk']})", bad["fee__type__code"])
    a_credit = Q(original_minor__lt=0)
    mixed = (a_credit & ~Q(type__code=_CREDIT_TYPE)) | (~a_credit & Q(type__code=_CREDIT_TYPE))
    bad = scope.of(fee_model()).filter(mixed).order_by("pk").values("pk", "original_minor", "type__code").first()
    if bad:
        return Finding(f"fee {bad['pk']}", f"a type for {bad['original_minor']}", bad["type__code"])
    return None


def links(scope: Scope) -> Finding | None:
    """What a fee points to is there and of its institution; its loan and its note are of its patron too."""
    for name in _LINKS:
        field = fee_model()._meta.get_field(name)
        same = {"pk": OuterRef(field.attname), "institution_id": OuterRef("institution_id")}
        words = "its institution"
        if name in _OF_PATRON:
            same["patron_id"] = OuterRef("patron_id")
            words = "its patron"
        linked = scope.of(fee_model()).filter(**{f"{field.attname}__isnull": False})
        strange = linked.filter(~Exists(field.related_model.objects.filter(**same))).order_by("pk")
        if bad := strange.values("pk", field.attname).first():
            return Finding(f"fee {bad['pk']}", f"a {name} of {words}", f"{name} {bad[field.attname]}")
    return None


def beginnings(scope: Scope) -> Finding | None:
    """A fee was made when its first transfer was, with that one's note, and has its status since one of its own.

    While its loan is there that one says its dates; once it is purged the fee has all three, or never had a loan.
    """
    fees = scope.of(fee_model())
    return (
        _beginnings(fees.filter(original_minor__gte=0), "fee")
        or _beginnings(fees.filter(original_minor__lt=0), "credit_fee")
        or _loan_dates(fees)
    )


def _beginnings(fees: Any, path: str) -> Finding | None:
    """Of fees whose transfers are all found over ``path``. What a waiver or an excess leaves has no note."""
    own = Transfer.objects.filter(**{path: OuterRef("pk")})
    unsaid = Q(kind=Kind.WAIVE) | Q(debit__startswith=chart.TAKEN)
    note = Case(When(unsaid, then=Value(0)), default=Coalesce(F("note_id"), 0), output_field=BigIntegerField())
    first = own.order_by("seq").annotate(kept_note=note)
    other = fees.annotate(
        kept_note=Coalesce(F("note_id"), 0, output_field=BigIntegerField()),
        first_at=Subquery(first.values("at")[:1]),
        first_note=Subquery(first.values("kept_note")[:1]),
        moved_then=Exists(own.filter(at=OuterRef("status_at"))),
    ).filter(~Q(created_at=F("first_at")) | ~Q(kept_note=F("first_note")) | Q(moved_then=False))
    columns = ("pk", "created_at", "first_at", "kept_note", "first_note", "status_at")
    bad = other.order_by("pk").values(*columns).first()
    if bad is None:
        return None
    row = f"fee {bad['pk']}"
    if bad["created_at"] != bad["first_at"]:
        return Finding(row, f"made at {bad['first_at']}", str(bad["created_at"]))
    if bad["kept_note"] != bad["first_note"]:
        return Finding(row, f"note {bad['first_note'] or 'none'}", f"note {bad['kept_note'] or 'none'}")
    return Finding(row, "a status since one of its transfers", f"since {bad['status_at']}")


def _loan_dates(fees: Any) -> Finding | None:
    said = [Q(**{f"{name}__isnull": False}) for name in _LOAN_DATES]
    any_of_them, all_of_them = said[0] | said[1] | said[2], said[0] & said[1] & said[2]
    strange = any_of_them & (Q(loan__isnull=False) | ~all_of_them)
    bad = fees.filter(strange).order_by("pk").values("pk", "loan_id", *_LOAN_DATES).first()
    if bad is None:
        return None
    expected = f"the dates of loan {bad['loan_id']} there alone" if bad["loan_id"] else "all dates of a loan or none"
    return Finding(f"fee {bad['pk']}", expected, ", ".join(str(bad[name] or "none") for name in _LOAN_DATES))
