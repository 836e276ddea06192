"""Finding the terms of use of a loan (row C5).

Why in memory: an institution has a handful of rows, and a job asks for thousands of loans.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from amerce.circulation.errors import LoanError
from amerce.circulation.models import Loan, TermsOfUse
from amerce.sql import Select


class NoTerms(LoanError):
    """No terms of use match, so nobody has said what such a loan may be."""

    def __init__(self, group_id: int | None, item_policy: str, library_id: int) -> None:
        super().__init__(f"no terms of use for group {group_id}, item policy {item_policy!r}, library {library_id}")
        self.group_id = group_id
        self.item_policy = item_policy
        self.library_id = library_id

    def is_of(self, loan: Loan) -> bool:
        """Whether ``loan``, which comes with its item and patron, is one that no terms match."""
        group_id = loan.patron.group_id if loan.patron else None
        return (self.group_id, self.item_policy, self.library_id) == (group_id, loan.item.policy_code, loan.library_id)


@dataclass(frozen=True)
class TermsTable:
    """All terms of use of an institution."""

    rows: tuple[TermsOfUse, ...]

    def for_loan(self, *, group_id: int | None, item_policy: str, library_id: int) -> TermsOfUse:
        """The most specific terms that match: those that name more of the three; where two name as many, the item
        policy weighs more than the user group, and that more than the library. Raises ``NoTerms``.
        """
        matching = self.matching(group_id=group_id, item_policy=item_policy, library_id=library_id)
        if not matching:
            raise NoTerms(group_id, item_policy, library_id)
        return matching[0]

    def of(self, loan: Loan) -> TermsOfUse:
        """The terms of a loan, which comes with its item and patron. Raises ``NoTerms``."""
        return self.for_loan(
            group_id=loan.patron.group_id if loan.patron else None,
            item_policy=loan.item.policy_code,
            library_id=loan.library_id,
        )

    def matching(self, *, group_id: int | None, item_policy: str, library_id: int) -> list[TermsOfUse]:
        """All that match, the most specific first."""
        found = [each for each in self.rows if _matches(each, group_id, item_policy, library_id)]
        return sorted(found, key=_rank, reverse=True)


def terms_table(institution_id: int) -> TermsTable:
    """The terms of use of an institution, with group and library. One query."""
    return TermsTable(in_order(_TERMS.rows(institution_id)))


def named_by(terms: TermsOfUse) -> tuple[str, ...]:
    """Which of item policy, user group and library ``terms`` name, the weightiest first."""
    weights = zip(("item_policy", "group", "library"), _rank(terms)[1:], strict=True)
    return tuple(name for name, is_named in weights if is_named)


def terms_of_loan(loan: Loan) -> TermsOfUse:
    """The terms that hold for a loan, which comes with its item and patron. One query. Raises ``NoTerms``."""
    return terms_table(loan.institution_id).of(loan)


def in_order(rows: Iterable[TermsOfUse]) -> tuple[TermsOfUse, ...]:
    """The most general first, then by name: the order of the table on the page."""
    return tuple(sorted(rows, key=lambda each: (_rank(each), each.name)))


def _matches(terms: TermsOfUse, group_id: int | None, item_policy: str, library_id: int) -> bool:
    return (
        terms.group_id in (None, group_id)
        and terms.item_policy in ("", item_policy)
        and terms.library_id in (None, library_id)
    )


def _rank(terms: TermsOfUse) -> tuple[int, bool, bool, bool]:
    names = (bool(terms.item_policy), terms.group_id is not None, terms.library_id is not None)
    return sum(names), *names


_TERMS = Select(
    lambda institution_id: TermsOfUse.objects.filter(institution_id=institution_id).select_related("group", "library")
)
