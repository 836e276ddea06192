"""Checks of what a transfer points to. Each is one statement that asks the database for the first that is wrong."""

from typing import Any

from django.db.models import F, Max, Min, Q

from amerce.institutions.models import NumberSequence
from amerce.institutions.sequences import RECEIPT
from amerce.ledger import chart
from amerce.ledger.checks.scope import Finding, Scope
from amerce.ledger.models import Idempotency, PatronAccount, Transfer

_OPEN = (chart.ACTIVE, chart.DISPUTED)
_CREDIT_SIDE = Q(debit=chart.CREDIT) | Q(credit=chart.CREDIT)


def one_institution(scope: Scope) -> Finding | None:
    """A transfer, its account, fees, note and place belong to one institution."""
    for path in ("account", "fee", "credit_fee", "note", "library", "desk", "actor"):
        theirs = f"{path}__institution_id"
        bad = _first(scope, Q(**{f"{path}__isnull": False}) & ~Q(institution_id=F(theirs)), theirs)
        if bad:
            words = f"{path} of institution"
            return Finding(f"transfer {bad['pk']}", f"{words} {bad['institution_id']}", f"{words} {bad[theirs]}")
    return None


def one_patron(scope: Scope) -> Finding | None:
    """A transfer, its fees and its note belong to the patron of its account."""
    for path in ("fee", "credit_fee", "note"):
        theirs = f"{path}__patron_id"
        bad = _first(
            scope, Q(**{f"{path}__isnull": False}) & ~Q(account__patron_id=F(theirs)), theirs, "account__patron_id"
        )
        if bad:
            words = f"{path} of patron"
            return Finding(f"transfer {bad['pk']}", f"{words} {bad['account__patron_id']}", f"{words} {bad[theirs]}")
    return None


def owners(scope: Scope) -> Finding | None:
    """Accounts and idempotency records belong to the institution of their patron."""
    for name, model in (("account", PatronAccount), ("idempotency record", Idempotency)):
        rows = scope.of(model).exclude(institution_id=F("patron__institution_id")).order_by("pk")
        bad = rows.values_list("pk", "patron__institution_id", "institution_id").first()
        if bad:
            return Finding(f"{name} {bad[0]}", f"institution {bad[1]}", f"institution {bad[2]}")
    return None


def currency(scope: Scope) -> Finding | None:
    """A transfer is in the currency of its institution."""
    bad = _first(scope, ~Q(currency_code=F("institution__currency_code")), "institution__currency_code")
    if bad is None:
        return None
    return Finding(f"transfer {bad['pk']}", bad["institution__currency_code"], bad["currency_code"])


def known_accounts(scope: Scope) -> Finding | None:
    """Both sides of a transfer are in the chart, and it names a CREDIT just when one side is that of credits."""
    for side in ("debit", "credit"):
        known = Q(**{f"{side}__in": [*chart.RECEIVABLES, chart.CREDIT, chart.BURSAR]})
        for prefix in chart.PREFIXES:
            known |= Q(**{f"{side}__startswith": prefix})
        if bad := _first(scope, ~known):
            return Finding(f"transfer {bad['pk']}", "an account of the chart", bad[side] or "none")
    if bad := _first(scope, _CREDIT_SIDE, Q(credit_fee__isnull=True)):
        return Finding(f"transfer {bad['pk']}", "the fee of the credit that it moves", "none")
    received = chart.Kind.PAYMENT_RECEIVED  # shown by a CREDIT, as is its correction: ``checks/bursar.py``
    others = _first(
        scope,
        ~_CREDIT_SIDE & ~Q(kind=received),
        Q(corrects__isnull=True) | ~Q(corrects__kind=received),
        Q(credit_fee__isnull=False),
    )
    if bad := others:
        return Finding(f"transfer {bad['pk']}", "no credit moved", f"credit {bad['credit_fee_id']}")
    return None


def corrections(scope: Scope) -> Finding | None:
    """A correction takes back one earlier transfer of its account: same fees and amount, sides swapped, once.

    A receivable may meanwhile stand as disputed instead of active, and the other way round.
    """
    names_none = Q(kind=chart.Kind.CORRECTION) & Q(corrects__isnull=True)
    if bad := _first(scope, names_none | (~Q(kind=chart.Kind.CORRECTION) & Q(corrects__isnull=False))):
        return Finding(f"transfer {bad['pk']}", "a CORRECTION just if it corrects one", bad["kind"])
    same = (
        Q(account_id=F("corrects__account_id"), fee_id=F("corrects__fee_id"), amount_minor=F("corrects__amount_minor"))
        & Q(seq__gt=F("corrects__seq"))
        & (Q(credit_fee_id=F("corrects__credit_fee_id")) | Q(credit_fee=None, corrects__credit_fee=None))
        & _swapped("debit", "credit")
        & _swapped("credit", "debit")
    )
    others = ("corrects__debit", "corrects__credit", "corrects__amount_minor", "corrects__account_id")
    if bad := _first(scope, Q(corrects__isnull=False) & ~same, *others):
        return Finding(
            f"transfer {bad['pk']}",
            f"{bad['corrects__amount_minor']} to {bad['corrects__credit']} from {bad['corrects__debit']} on the fees "
            f"of transfer {bad['corrects_id']} of account {bad['corrects__account_id']}",
            f"{bad['amount_minor']} to {bad['debit']} from {bad['credit']} on fee {bad['fee_id']} "
            f"of account {bad['account_id']}",
        )
    again = scope.of(Transfer).filter(corrects__isnull=False).values("corrects_id")
    twice = again.annotate(first=Min("pk"), last=Max("pk")).exclude(first=F("last")).order_by("last").first()
    if twice:
        return Finding(
            f"transfer {twice['last']}",
            f"transfer {twice['corrects_id']} corrected once",
            f"corrected by transfer {twice['first']} already",
        )
    return None


def receipts(scope: Scope) -> Finding | None:
    """A receipt number belongs to one patron of one institution."""
    numbers = scope.of(Transfer).filter(payment_id__isnull=False).values("institution_id", "payment_id")
    bad = (
        numbers.annotate(one=Min("account_id"), other=Max("account_id"))
        .exclude(one=F("other"))
        .order_by("institution_id", "payment_id")
        .first()
    )
    if bad is None:
        return None
    return Finding(f"receipt {bad['payment_id']}", "one patron", f"accounts {bad['one']} and {bad['other']}")


def receipt_sequence(scope: Scope) -> Finding | None:
    """The next receipt number of an institution was not given yet."""
    numbers = scope.of(Transfer).filter(payment_id__isnull=False).order_by("institution_id")
    following = dict(scope.of(NumberSequence).filter(name=RECEIPT).values_list("institution_id", "next_value"))
    for institution_id, last in numbers.values_list("institution_id").annotate(last=Max("payment_id")):
        next_value = following.get(institution_id)
        if next_value is None or next_value <= last:
            row = f"receipt sequence of institution {institution_id}"
            return Finding(row, f"a next value above {last}", str(next_value or "none"))
    return None


def _swapped(side: str, other: str) -> Q:
    theirs = f"corrects__{other}"
    return Q(**{side: F(theirs)}) | Q(**{f"{side}__in": _OPEN, f"{theirs}__in": _OPEN})


def _first(scope: Scope, bad: Q, *more: Any) -> dict[str, Any] | None:
    """The first transfer that is ``bad`` and all of ``more`` that are conditions, with the other columns named."""
    conditions = [each for each in more if isinstance(each, Q)]
    columns = [each for each in more if isinstance(each, str)]
    own = [field.attname for field in Transfer._meta.concrete_fields if field.attname != "id"]
    return scope.of(Transfer).filter(bad, *conditions).order_by("pk").values("pk", *own, *columns).first()
