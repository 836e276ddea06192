from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.models import Loan, LoanSpell, TermsOfUse
from amerce.circulation.terms_preview import MOST_CHANGED, TermsPreview, preview_terms
from amerce.patrons.models import UserGroup
from tests.circulation.configuring import administrator, facts, item_policy, nothing_configured
from tests.circulation.lending import lend
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def preview(library: Library, facts_=None, terms_id=None, **options) -> TermsPreview:  # type: ignore[no-untyped-def]
    with nothing_configured():
        return preview_terms(administrator_of(library), at=NOON, facts=facts_, terms_id=terms_id, **options)


def administrator_of(library: Library):  # type: ignore[no-untyped-def]
    return library.admin  # type: ignore[attr-defined]


@pytest.fixture
def library(library: Library) -> Library:
    library.admin = administrator(library)  # type: ignore[attr-defined]
    return library


def late(library: Library, days: int, **columns) -> Loan:  # type: ignore[no-untyped-def]
    return lend(library, due_at=NOON - timedelta(days=days), **columns)


def standard() -> TermsOfUse:
    return TermsOfUse.objects.get(name="Standard loan")


def test_it_counts_the_loans_concerned_and_adds_up_what_they_cost_now_and_then(library):
    late(library, 4)  # 1.00 at 0.25 a day
    late(library, 10)  # 2.50
    lend(library, due_at=NOON + timedelta(days=3))
    late(library, 9, returned_at=NOON)

    seen = preview(library, facts(name="Standard loan"), standard().pk)

    assert (seen.loans, seen.late, seen.reckoned, seen.is_whole) == (3, 2, 2, True)
    assert (seen.before_minor, seen.after_minor, seen.difference_minor) == (350, 700, 350)
    assert [(each.before_minor, each.after_minor) for each in seen.most_changed] == [(250, 500), (100, 200)]


def test_new_terms_concern_the_loans_that_they_would_take_from_others(library):
    policy = item_policy(library, "SHORT").code
    item = library.new_item()
    item.policy_code = policy
    item.save()
    loan = late(library, 4, item=item)
    late(library, 4)

    seen = preview(library, facts(item_policy=policy))

    assert (seen.loans, seen.late, seen.changed) == (1, 1, 1)
    assert [each.loan.pk for each in seen.most_changed] == [loan.pk]


def test_terms_that_are_narrowed_concern_those_that_they_leave_as_well(library):
    mine = UserGroup.objects.get(institution=library.institution, code="22").pk
    other = library.new_patron("guest")
    other.group = UserGroup.objects.get(institution=library.institution, code="57")
    other.save()
    late(library, 4)
    late(library, 4, patron=other)

    seen = preview(library, facts(name="Standard loan", group_id=mine), standard().pk)

    # the guest's loan would have no terms, so nothing more would be reckoned on it
    assert (seen.loans, seen.before_minor, seen.after_minor) == (2, 200, 200)
    assert [(each.before_minor, each.after_minor) for each in seen.most_changed] == [(100, 0), (100, 200)] or [
        (each.before_minor, each.after_minor) for each in seen.most_changed
    ] == [(100, 200), (100, 0)]


def test_deleting_shows_what_the_next_terms_would_cost(library):
    mine = UserGroup.objects.get(institution=library.institution, code="22")
    terms = TermsOfUse.objects.create(
        institution=library.institution, name="Faculty", group=mine, overdue_rate_minor=100
    )
    late(library, 4)

    seen = preview(library, None, terms.pk)

    assert (seen.loans, seen.before_minor, seen.after_minor) == (1, 400, 100)


def test_a_lateness_that_a_renewal_ended_counts_though_the_loan_is_not_late_now(library):
    loan = lend(library, due_at=NOON + timedelta(days=9))
    LoanSpell.objects.create(
        institution=library.institution,
        loan=loan,
        kind=LoanSpell.Kind.LATE,
        began_at=NOON - timedelta(days=10),
        ended_at=NOON - timedelta(days=6),
    )

    seen = preview(library, facts(name="Standard loan"), standard().pk)

    assert (seen.loans, seen.late, seen.before_minor, seen.after_minor) == (1, 0, 100, 200)


def test_it_stops_at_its_limit_and_says_so(library):
    for _each in range(3):
        late(library, 4)

    seen = preview(library, facts(name="Standard loan"), standard().pk, limit=2)

    assert (seen.loans, seen.late, seen.reckoned, seen.is_whole) == (3, 3, 2, False)
    assert (seen.before_minor, seen.after_minor) == (200, 400)


def test_of_many_it_lists_those_that_change_the_most(library):
    for days in range(2, MOST_CHANGED + 7):
        late(library, days)

    seen = preview(library, facts(name="Standard loan", overdue_maximum_minor=0), standard().pk)

    differences = [each.difference_minor for each in seen.most_changed]
    assert (seen.changed, len(differences)) == (MOST_CHANGED + 5, MOST_CHANGED)
    assert differences == sorted(differences, reverse=True)
    assert differences[0] == (MOST_CHANGED + 6) * 25


def test_nobody_else_s_loans_are_looked_at(library, other_library):
    late(other_library, 4)

    assert (
        preview(library, facts(name="Standard loan"), TermsOfUse.objects.get(institution=library.institution).pk).loans
        == 0
    )


def test_who_may_not_configure_is_refused(library):
    with pytest.raises(NotAllowed):
        preview_terms(library.manager, at=NOON, facts=facts())
