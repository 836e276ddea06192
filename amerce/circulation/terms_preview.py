"""What a change of the terms of use would do to the loans that are out (row H3).

Why a query: nothing is written and rolled back. The loans are reckoned twice, by the terms as they are and as they
would be, through the one reckoning that charges them (``docs/adr/0014-one-reckoning-for-every-fine.md``).
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.models import Loan, LoanSpell
from amerce.circulation.reckoning import Reckoning, reckon
from amerce.circulation.terms import NoTerms, TermsTable, terms_table
from amerce.circulation.terms_change import NEW, Kind, changed_table, kinds_out, terms_for
from amerce.circulation.terms_facts import TermsFacts
from amerce.institutions.models import Institution

LOANS_LIMIT = 20_000
MOST_CHANGED = 20
_CHUNK = 1_000


@dataclass(frozen=True)
class ChangedLoan:
    """What lateness has cost on ``loan`` until now, by the terms as they are and as they would be, in minor units."""

    loan: Loan
    before_minor: int
    after_minor: int

    @property
    def difference_minor(self) -> int:
        return self.after_minor - self.before_minor


@dataclass(frozen=True)
class TermsPreview:
    """``loans`` are out and concerned, ``late`` of them past due. The sums are of ``reckoned`` loans, in minor units.

    ``is_whole`` is false when more than ``LOANS_LIMIT`` were late and the sums stop there. ``most_changed`` has those
    with the largest difference first.
    """

    loans: int
    late: int
    reckoned: int
    is_whole: bool
    before_minor: int
    after_minor: int
    changed: int
    most_changed: tuple[ChangedLoan, ...]

    @property
    def difference_minor(self) -> int:
        return self.after_minor - self.before_minor


def preview_terms(
    actor: Actor, *, at: datetime, facts: TermsFacts | None, terms_id: int | None = None, limit: int = LOANS_LIMIT
) -> TermsPreview:
    """What it would do by ``at`` if the terms ``terms_id`` (None: new ones) said ``facts`` (None: were deleted).

    Concerned are loans whose terms these are, or would be. Reads at most ``limit`` late loans, a thousand at a time.
    Raises ``NotAllowed``.
    """
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    institution = Institution.objects.get(pk=actor.institution_id)
    now = terms_table(institution.pk)
    then = changed_table(now, institution.pk, terms_id, facts)
    concerned = [each for each in kinds_out(institution.pk, at) if _is_concerned(each, now, then, terms_id)]
    reckoned = before_minor = after_minor = changed = 0
    is_whole = True
    most: list[tuple[int, int, ChangedLoan]] = []
    for loans in _chunks(institution.pk, concerned, at):
        if reckoned + len(loans) > limit:
            is_whole, loans = False, loans[: limit - reckoned]  # noqa: PLW2901 the last chunk, cut
        as_it_is = reckon(institution, loans)
        as_it_would_be = replace(as_it_is, terms=then)
        for loan in loans:
            one = ChangedLoan(loan, _total_minor(as_it_is, loan, at), _total_minor(as_it_would_be, loan, at))
            before_minor += one.before_minor
            after_minor += one.after_minor
            if one.difference_minor:
                changed += 1
                keep = heapq.heappushpop if len(most) == MOST_CHANGED else heapq.heappush
                keep(most, (abs(one.difference_minor), -loan.pk, one))
        reckoned += len(loans)
        if not is_whole:
            break
    return TermsPreview(
        loans=sum(each.loans for each in concerned),
        late=sum(each.late for each in concerned),
        reckoned=reckoned,
        is_whole=is_whole,
        before_minor=before_minor,
        after_minor=after_minor,
        changed=changed,
        most_changed=tuple(one for _size, _order, one in sorted(most, key=lambda each: each[:2], reverse=True)),
    )


def _is_concerned(kind: Kind, now: TermsTable, then: TermsTable, terms_id: int | None) -> bool:
    """Whether the terms of ``kind`` are those that change: now, or once they are saved."""
    holds, would_hold = terms_for(now, kind), terms_for(then, kind)
    is_now = holds is not None and holds.pk == terms_id
    return is_now or (would_hold is not None and would_hold.pk == (terms_id or NEW))


def _chunks(institution_id: int, concerned: Sequence[Kind], at: datetime) -> Iterator[list[Loan]]:
    """The loans of the kinds ``concerned`` on which anything can have been late by ``at``, by id."""
    if not concerned:
        return
    kinds = {(each.group_id, each.item_policy, each.library_id) for each in concerned}
    was_late = LoanSpell.objects.filter(loan=OuterRef("pk"), kind=LoanSpell.Kind.LATE)
    out = Loan.objects.filter(institution_id=institution_id, returned_at=None, closed_at=None)
    late = out.filter(Q(due_at__lt=at) | Exists(was_late)).filter(_narrowed(concerned))
    last = 0
    while True:
        rows = list(late.filter(pk__gt=last).select_related("item", "patron").order_by("pk")[:_CHUNK])
        if not rows:
            return
        last = rows[-1].pk
        yield [each for each in rows if _kind_of(each) in kinds]


def _narrowed(concerned: Sequence[Kind]) -> Q:
    """What the database can leave out without knowing every combination."""
    return Q(
        item__policy_code__in={each.item_policy for each in concerned},
        library_id__in={each.library_id for each in concerned},
    )


def _kind_of(loan: Loan) -> tuple[int | None, str, int]:
    return loan.patron.group_id if loan.patron else None, loan.item.policy_code, loan.library_id


def _total_minor(reckoning: Reckoning, loan: Loan, at: datetime) -> int:
    try:
        return sum(reckoning.totals_minor(loan, at).values())
    except NoTerms:
        return 0
