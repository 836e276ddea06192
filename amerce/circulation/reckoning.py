"""What loans have cost by a moment: the one reckoning behind preview, return, renewal, job and correction.

Why by the total: whatever was charged before and whatever changed meanwhile (a closing entered late, a claim, a
back-dated return), the difference between this total and what stands charged is what has to move.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from amerce.charges.frozen import frozen_days
from amerce.circulation.models import Loan, LoanSpell, TermsOfUse
from amerce.circulation.opening import Opening, Span, openings, whole_day
from amerce.circulation.overdue import fine_minor
from amerce.circulation.terms import TermsTable, terms_table
from amerce.institutions.models import Institution
from amerce.sql import Select, among

OVERDUE_TYPE = "OVERDUEFINE"
RECALL_TYPE = "RECALLEDOVERDUEFINE"
OVERDUE_TYPES = (OVERDUE_TYPE, RECALL_TYPE)
"""The fee types that grow with time. A loan has at most one open fee of each."""

_NEVER = datetime(9999, 12, 31)  # noqa: DTZ001 wall-clock time, as all spans


@dataclass(frozen=True)
class Reckoning:
    """Everything that the fines of some loans depend on. Made by ``reckon``."""

    institution: Institution
    terms: TermsTable
    openings: dict[int, Opening]
    spells: dict[int, list[LoanSpell]] = field(default_factory=dict)
    disputed: dict[int, list[Span]] = field(default_factory=dict)
    _found: dict[tuple[int | None, str, int], TermsOfUse] = field(init=False, repr=False, default_factory=dict)

    def terms_of(self, loan: Loan) -> TermsOfUse:
        """The terms of use that hold for ``loan``. Raises ``circulation.terms.NoTerms``."""
        group_id, item_policy = loan.patron.group_id if loan.patron else None, loan.item.policy_code
        key = (group_id, item_policy, loan.library_id)
        if key not in self._found:
            self._found[key] = self.terms.for_loan(
                group_id=group_id, item_policy=item_policy, library_id=loan.library_id
            )
        return self._found[key]

    def totals_minor(self, loan: Loan, until: datetime) -> dict[str, int]:
        """What lateness up to ``until`` costs on ``loan`` in all, by fee type, in minor units; every type is there.

        A loan that came back before was late until then. A recall rate takes the place of the overdue rate, and the
        maximum of the terms is for both together. While the item counts as lost, the overdue fine is what it was when
        it became lost if the institution keeps it, else nothing; once found, what the terms say. Days of a dispute or
        a claimed return are never charged.
        """
        terms, spells = self.terms_of(loan), self.spells.get(loan.pk, [])
        until = min(until, loan.returned_at) if loan.returned_at else until
        lost = next((each for each in spells if each.kind == LoanSpell.Kind.LOST and each.ended_at is None), None)
        if lost and not self.institution.overdue_at_lost_loan:
            return dict.fromkeys(OVERDUE_TYPES, 0)
        frozen = [*self.disputed.get(loan.pk, ()), *self._frozen(terms, loan, spells)]
        earlier = [
            self._span(each.began_at, each.ended_at)
            for each in spells
            if each.kind == LoanSpell.Kind.LATE and each.ended_at
        ]
        now_late = self._span(loan.due_at, min(until, lost.began_at) if lost else until)
        opening = self.openings.get(loan.library_id, Opening())
        recalled = loan.recalled_at is not None and terms.recall_rate_minor > 0
        at_overdue_rate = earlier if recalled else [*earlier, now_late]
        overdue_minor = fine_minor(terms, terms.overdue_rate_minor, at_overdue_rate, opening=opening, frozen=frozen)
        recall_minor = 0
        if recalled:
            recall_minor = fine_minor(terms, terms.recall_rate_minor, [now_late], opening=opening, frozen=frozen)
        if terms.overdue_maximum_minor:
            recall_minor = min(recall_minor, terms.overdue_maximum_minor - overdue_minor)
        return {OVERDUE_TYPE: overdue_minor, RECALL_TYPE: recall_minor}

    def _frozen(self, terms: TermsOfUse, loan: Loan, spells: Iterable[LoanSpell]) -> list[Span]:
        """Days of claimed returns, and of having been lost unless the terms charge them."""
        frozen = []
        found = TermsOfUse.OverdueWhenFound(terms.overdue_when_found)
        for each in spells:
            if each.kind == LoanSpell.Kind.CLAIMED:
                frozen.append(_days(each.began_at, each.ended_at, self.institution.zone))
            elif each.kind == LoanSpell.Kind.LOST and each.ended_at and found != found.UNTIL_FOUND:
                began_at = loan.due_at if found == found.NOTHING else each.began_at
                frozen.append(self._span(began_at, each.ended_at))
        return frozen

    def _span(self, begin: datetime, end: datetime) -> Span:
        return Span(_wall(begin, self.institution.zone), _wall(end, self.institution.zone))


def reckon(institution: Institution, loans: Sequence[Loan], *, charged: bool = True) -> Reckoning:
    """Read what the fines of ``loans`` depend on; each comes with its item and patron. Five queries.

    ``charged`` is false when none of them has a fee, of which then none was ever disputed: four queries.
    """
    ids = [each.pk for each in loans]
    spells: dict[int, list[LoanSpell]] = defaultdict(list)
    for spell in _spells(institution.pk, ids):
        spells[spell.loan_id].append(spell)
    frozen = frozen_days(institution.pk, ids, OVERDUE_TYPES, institution.zone) if charged else {}
    disputed = {loan_id: [_until(*days) for days in spans] for loan_id, spans in frozen.items()}
    return Reckoning(
        institution=institution,
        terms=terms_table(institution.pk),
        openings=openings(institution.pk, {each.library_id for each in loans}),
        spells=dict(spells),
        disputed=disputed,
    )


def _spells(institution_id: int, loan_ids: Sequence[int]) -> Iterable[LoanSpell]:
    if len(loan_ids) == 1:  # as with every return: by a statement that is composed once
        return _SPELLS.rows(institution_id, loan_ids[0])
    spells = LoanSpell.objects.filter(among("loan_id", loan_ids), institution_id=institution_id)
    return spells.order_by("began_at", "pk")


def _days(began_at: datetime, ended_at: datetime | None, zone: tzinfo) -> Span:
    """From the day of ``began_at`` to that of ``ended_at``, both included; for ever while it lasts."""
    first = whole_day(began_at.astimezone(zone).date()).begin
    return Span(first, whole_day(ended_at.astimezone(zone).date()).end if ended_at else _NEVER)


def _until(first: date, end: date | None) -> Span:
    """Without the day of ``end``; for ever while a dispute lasts."""
    return Span(whole_day(first).begin, whole_day(end).begin if end else _NEVER)


def _wall(at: datetime, zone: tzinfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


_SPELLS = Select(
    lambda institution_id, loan_id: LoanSpell.objects.filter(institution_id=institution_id, loan_id=loan_id).order_by(
        "began_at", "pk"
    )
)
