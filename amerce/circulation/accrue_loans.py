"""Raising the fines of many loans to what was reckoned, in one transaction: what a slice of the nightly job does.

Why first without a lock: most loans of most nights need nothing, and a desk should never wait for those.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.charged import Charged, charges_of_loans
from amerce.charges.loan_charge import growing, lower_to, raise_to
from amerce.charges.many_books import open_many_books
from amerce.circulation.comments import fine_comment
from amerce.circulation.models import Loan, LoanSpell
from amerce.circulation.overdue_charges import charge_of
from amerce.circulation.reckoning import OVERDUE_TYPE, OVERDUE_TYPES, RECALL_TYPE, Reckoning, reckon
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution
from amerce.sql import among

LOWERED = "fee.lowered"
"""The event of a fine that was taken back in part because it was reckoned anew."""


@dataclass(frozen=True)
class Growth:
    """What of some loans is to be raised: by loan id and fee type the total, in minor units.

    ``replaced`` are loans whose overdue fine is lowered to its total, because they were recalled since it was charged.
    """

    reckoning: Reckoning
    until: datetime
    totals_minor: Mapping[int, Mapping[str, int]]
    replaced: frozenset[int] = frozenset()


@dataclass
class Accrued:
    """How many fines were made, how many raised, and by how much in all, in minor units."""

    made: int = 0
    raised: int = 0
    total_minor: int = 0


def growth_of(institution: Institution, loans: Sequence[Loan], until: datetime) -> Growth:
    """What ``loans``, each with item and patron, cost by ``until`` above what stands charged. Reads, and locks nothing.

    The overdue fine of a loan that was recalled since is in it with its lower total: the recall rate takes the place
    of the overdue rate, and nobody owes both until the return. A loan is not in it when it needs nothing or its fine
    is in dispute. Six queries. Raises ``NoTerms``.
    """
    charged = charges_of_loans(institution.pk, [each.pk for each in loans], OVERDUE_TYPES)
    reckoning = reckon(institution, loans)
    found: dict[int, dict[str, int]] = {}
    replaced: set[int] = set()
    for loan in loans:
        totals_minor = reckoning.totals_minor(loan, until)
        for type_code, total_minor in totals_minor.items():
            stands = charged.get((loan.pk, type_code))
            if total_minor and _grows(stands, total_minor):
                found.setdefault(loan.pk, {})[type_code] = total_minor
            elif stands and stands.minor > total_minor and type_code == OVERDUE_TYPE and totals_minor[RECALL_TYPE]:
                found.setdefault(loan.pk, {})[type_code] = total_minor
                replaced.add(loan.pk)
    return Growth(reckoning, until, found, frozenset(replaced))


def accrue_loans(*, actor: Actor, at: datetime, loans: Sequence[Loan], growth: Growth) -> Accrued:
    """Raise the fines of ``loans`` as ``growth`` says, each as ``charges.accrue`` would; lower only what a recall rate
    takes the place of.

    A loan that somebody changed since it was read is left alone: whoever did has charged what was due, and the next
    run adds the rest. Must run in a transaction, which holds the patrons' accounts to its end. Raises ``NotAllowed``
    and ``charges.errors.TextTooLong``.
    """
    require(actor, Privilege.FEE_ACCRUE)
    accrued = Accrued()
    wanted = [loan for loan in loans if loan.pk in growth.totals_minor]
    if not wanted:
        return accrued
    reckoning, institution = growth.reckoning, growth.reckoning.institution
    ids = [loan.pk for loan in wanted]
    patron_ids = {loan.borrower_id for loan in wanted}
    many = open_many_books(actor=actor, at=at, institution=institution, patron_ids=patron_ids, loan_ids=ids)
    unchanged = _unchanged(reckoning, wanted)
    comments = _Comments(reckoning, growth.until)
    for loan in sorted(unchanged, key=lambda each: (each.borrower_id, each.pk)):
        books = many.of[loan.borrower_id]
        for type_code, total_minor in growth.totals_minor[loan.pk].items():
            charge = charge_of(loan, type_code, comments.of(loan))
            grows = growing(books, charge) is not None
            if type_code == OVERDUE_TYPE and loan.pk in growth.replaced:
                lowered_minor = lower_to(books, charge, total_minor)
                if lowered_minor:
                    many.enter(books, LOWERED)
                    accrued.total_minor -= lowered_minor
                continue
            raised_minor = raise_to(books, charge, total_minor)
            if raised_minor:
                many.enter(books, "fee.raised" if grows else "fee.assessed")
                accrued.raised += grows
                accrued.made += not grows
                accrued.total_minor += raised_minor
    many.close()
    return accrued


def _grows(charged: Charged | None, total_minor: int) -> bool:
    return charged is None or (total_minor > charged.minor and not charged.is_disputed)


def _unchanged(reckoning: Reckoning, loans: Sequence[Loan]) -> list[Loan]:
    """Those of ``loans`` that are still as they were read: asked under the locks of their patrons' accounts."""
    ids = [loan.pk for loan in loans]
    out = Loan.objects.filter(among("pk", ids), institution=reckoning.institution, returned_at=None, closed_at=None)
    now = {pk: tuple(rest) for pk, *rest in out.values_list("pk", "patron_id", "status", "due_at", "recalled_at")}
    spells: dict[int, set[tuple[int, datetime | None]]] = defaultdict(set)
    found = LoanSpell.objects.filter(among("loan_id", ids), institution=reckoning.institution)
    for loan_id, pk, ended_at in found.values_list("loan_id", "pk", "ended_at"):
        spells[loan_id].add((pk, ended_at))
    return [
        loan
        for loan in loans
        if now.get(loan.pk) == (loan.patron_id, loan.status, loan.due_at, loan.recalled_at)
        and spells[loan.pk] == {(each.pk, each.ended_at) for each in reckoning.spells.get(loan.pk, ())}
    ]


class _Comments:
    """The comment of each fine, written once for all loans that share it: words of a locale are slow to make."""

    def __init__(self, reckoning: Reckoning, until: datetime) -> None:
        self._reckoning = reckoning
        self._on = local_day(until - timedelta(microseconds=1), reckoning.institution.zone)
        self._written: dict[tuple[object, ...], str] = {}

    def of(self, loan: Loan) -> str:
        institution, terms = self._reckoning.institution, self._reckoning.terms_of(loan)
        key = (terms.pk, local_day(loan.due_at, institution.zone), loan.recalled_at is not None)
        if key not in self._written:
            self._written[key] = fine_comment(institution, terms, loan, on=self._on)
        return self._written[key]
