"""The table of terms as a change would leave it, and the loans that it is about.

Why by kind of loan: an institution lends by the hundred thousand, but there are few combinations of user group, item
policy and library, and all loans of one combination have the same terms.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Q

from amerce.circulation.models import Loan, TermsOfUse
from amerce.circulation.policy_errors import LoansWithoutTerms
from amerce.circulation.terms import NoTerms, TermsTable, in_order, terms_table
from amerce.circulation.terms_facts import TermsFacts

NEW = 0
"""The id of terms that are not saved yet."""


@dataclass(frozen=True)
class Kind:
    """The loans out of one user group, item policy and library: how many, and how many of them past due."""

    group_id: int | None
    item_policy: str
    library_id: int
    loans: int
    late: int


def changed_table(table: TermsTable, institution_id: int, terms_id: int | None, facts: TermsFacts | None) -> TermsTable:
    """``table`` with ``facts`` in the place of the terms ``terms_id`` (None: added to it); without them for None."""
    rows = [each for each in table.rows if each.pk != terms_id]
    if facts is not None:
        rows.append(TermsOfUse(institution_id=institution_id, pk=terms_id or NEW, **facts.columns()))
    return replace(table, rows=in_order(rows))


def terms_for(table: TermsTable, kind: Kind) -> TermsOfUse | None:
    """The terms of the loans of ``kind``, None when there are none."""
    try:
        return table.for_loan(group_id=kind.group_id, item_policy=kind.item_policy, library_id=kind.library_id)
    except NoTerms:
        return None


def kinds_out(institution_id: int, at: datetime | None = None) -> list[Kind]:
    """Every kind of loan that is out; late ones are counted by ``at``, none without. One query."""
    out = Loan.objects.filter(institution_id=institution_id, returned_at=None, closed_at=None)
    late = Q(due_at__lt=at) if at else Q(pk=None)
    rows = out.values_list("patron__group_id", "item__policy_code", "library_id")
    return [Kind(*row) for row in rows.order_by().annotate(loans=Count("pk"), late=Count("pk", filter=late))]


def require_terms_for_all(institution_id: int, terms_id: int | None, facts: TermsFacts | None) -> None:
    """Raise ``LoansWithoutTerms`` when the change would leave loans that are out without any terms."""
    table = terms_table(institution_id)
    after = changed_table(table, institution_id, terms_id, facts)
    if any(_is_for_everybody(each) for each in after.rows):
        return
    left = sum(each.loans for each in kinds_out(institution_id) if terms_for(after, each) is None)
    if left:
        raise LoansWithoutTerms(left)


def _is_for_everybody(terms: TermsOfUse) -> bool:
    return terms.group_id is None and not terms.item_policy and terms.library_id is None
