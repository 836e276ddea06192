"""What a loan has cost by a moment, from everything that can have happened to it (0.25 a day, a day of grace)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amerce.charges.dispute import dispute
from amerce.charges.models import Fee
from amerce.charges.restore import restore
from amerce.circulation.models import CalendarException, Loan, LoanSpell, OpeningHours, TermsOfUse
from amerce.circulation.reckoning import OVERDUE_TYPE, RECALL_TYPE, reckon
from amerce.institutions import models as institutions
from tests.charges.acts import Desk
from tests.circulation.lending import lend
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]

DUE = datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)


def july(day: int, hour: int = 0) -> datetime:
    """So many days after the due moment: ``july(3)`` is the end of the second day."""
    return datetime(2024, 7, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


@pytest.fixture
def loan(library: Library) -> Loan:
    return lend(library, due_at=DUE)


def totals(loan: Loan, until: datetime) -> tuple[int, int]:
    """The overdue and the recalled fine, in cents."""
    fresh = Loan.objects.select_related("item", "patron", "institution").get(pk=loan.pk)
    found = reckon(fresh.institution, [fresh]).totals_minor(fresh, until)
    return found[OVERDUE_TYPE], found[RECALL_TYPE]


def spell(loan: Loan, kind: str, began_at: datetime, ended_at: datetime | None = None) -> None:
    LoanSpell.objects.create(institution=loan.institution, loan=loan, kind=kind, began_at=began_at, ended_at=ended_at)


def terms(loan: Loan, **columns: object) -> None:
    TermsOfUse.objects.filter(institution=loan.institution).update(**columns)


def test_a_loan_that_is_out_has_cost_what_its_lateness_costs(loan: Loan) -> None:
    assert [totals(loan, july(day)) for day in (1, 2, 3, 11)] == [(0, 0), (0, 0), (50, 0), (250, 0)]


def test_a_loan_that_came_back_costs_no_more_afterwards(loan: Loan) -> None:
    Loan.objects.update(returned_at=july(5, 10))

    assert totals(loan, july(30)) == (125, 0)


def test_a_lateness_that_a_renewal_ended_still_counts(loan: Loan) -> None:
    spell(loan, "late", DUE - timedelta(days=10), DUE - timedelta(days=6))

    assert totals(loan, july(1)) == (100, 0)
    assert totals(loan, july(3)) == (150, 0)


def test_the_recall_rate_takes_the_place_of_the_overdue_rate(loan: Loan) -> None:
    Loan.objects.update(recalled_at=DUE - timedelta(days=7), status="RECALL")

    assert totals(loan, july(4)) == (0, 300)


def test_without_a_recall_rate_what_was_recalled_costs_the_overdue_rate(loan: Loan) -> None:
    terms(loan, recall_rate_minor=0)
    Loan.objects.update(recalled_at=DUE - timedelta(days=7), status="RECALL")

    assert totals(loan, july(4)) == (75, 0)


def test_days_of_a_claimed_return_are_never_charged(loan: Loan) -> None:
    spell(loan, "claimed", july(4, 15), july(9, 9))

    assert [totals(loan, july(day)) for day in (4, 8, 9, 11)] == [(75, 0), (75, 0), (75, 0), (100, 0)]


def test_an_open_claim_freezes_for_ever(loan: Loan) -> None:
    spell(loan, "claimed", july(4, 15))

    assert totals(loan, july(4) + timedelta(days=1000)) == (75, 0)


def test_days_in_dispute_are_never_charged(library: Library, loan: Loan) -> None:
    desk = Desk(library)
    desk.accrue(loan, 75)
    fee = Fee.objects.get(loan=loan)
    for verb, at in ((dispute, july(4, 12)), (restore, july(7, 12))):
        verb(actor=library.manager, at=at, patron_id=library.patron.pk, fee_ids=[fee.pk])

    assert totals(loan, july(11)) == (175, 0)


def test_while_lost_the_overdue_fine_goes(loan: Loan) -> None:
    spell(loan, "lost", july(5, 10))

    assert totals(loan, july(20)) == (0, 0)


def test_while_lost_the_overdue_fine_stays_where_the_institution_keeps_it(loan: Loan) -> None:
    loan.institution.overdue_at_lost_loan = True
    loan.institution.save()
    spell(loan, "lost", july(5, 10))

    assert totals(loan, july(20)) == (125, 0)


@pytest.mark.parametrize(("when_found", "expected"), [("until_lost", 125), ("until_found", 200), ("nothing", 0)])
def test_once_found_the_terms_say_which_lateness_counts(loan: Loan, when_found: str, expected: int) -> None:
    terms(loan, overdue_when_found=when_found)
    spell(loan, "lost", july(5, 10), july(8, 9))
    Loan.objects.update(returned_at=july(8, 9))

    assert totals(loan, july(30)) == (expected, 0)


def test_closed_days_are_left_out_where_the_terms_say_so(library: Library, loan: Loan) -> None:
    terms(loan, charges_closed_time=False, grace_minutes=0)
    for weekday in range(5):  # 1 July 2024 is a Monday
        OpeningHours.objects.create(
            institution=library.institution,
            library=library.library,
            valid_from=date(2024, 1, 1),
            weekday=weekday,
            opens="09:00",
            closes="17:00",
        )
    CalendarException.objects.create(
        institution=library.institution,
        first_on=date(2024, 7, 4),
        last_on=date(2024, 7, 4),
        reason="Independence Day",
        created_at=DUE,
        created_by="somebody",
    )

    assert [totals(loan, july(day)) for day in (4, 5, 6, 8, 9)] == [(75, 0), (75, 0), (100, 0), (100, 0), (125, 0)]


def test_a_closing_of_another_library_changes_nothing(library: Library, loan: Loan) -> None:
    terms(loan, charges_closed_time=False)
    science = institutions.Library.objects.create(institution=library.institution, code="SCI", name="Science")
    CalendarException.objects.create(
        institution=library.institution,
        library=science,
        first_on=date(2024, 7, 1),
        last_on=date(2024, 7, 31),
        reason="Works",
        created_at=DUE,
        created_by="somebody",
    )

    assert totals(loan, july(5)) == (100, 0)


def test_summer_time_adds_and_takes_no_day() -> None:
    library = Library.new("DST", time_zone="Europe/Berlin")
    zone = library.institution.zone
    loan = lend(library, due_at=datetime(2024, 3, 29, 23, 59, 59, tzinfo=zone))
    terms(loan, grace_minutes=0)

    assert totals(loan, datetime(2024, 4, 1, tzinfo=zone)) == (50, 0)  # the clocks went forward on 31 March
    assert totals(loan, datetime(2024, 4, 1, 0, 1, tzinfo=zone)) == (75, 0)


def test_many_loans_cost_as_many_queries_as_one(library: Library) -> None:
    for _each in range(9):
        lend(library, due_at=DUE)
    loans = list(Loan.objects.select_related("item", "patron"))

    with CaptureQueriesContext(connection) as captured:
        reckoning = reckon(library.institution, loans)
        found = [reckoning.totals_minor(each, july(4))[OVERDUE_TYPE] for each in loans]

    assert (found, len(captured)) == ([75] * 9, 5)


def test_terms_and_calendars_of_another_institution_are_not_seen(library: Library, other_library: Library) -> None:
    loan = lend(library, due_at=DUE)
    terms(lend(other_library, due_at=DUE), overdue_rate_minor=9999)
    CalendarException.objects.create(
        institution=other_library.institution,
        first_on=date(2024, 7, 1),
        last_on=date(2024, 7, 31),
        reason="Works",
        created_at=DUE,
        created_by="somebody",
    )
    terms(loan, charges_closed_time=False)

    assert totals(loan, july(5)) == (100, 0)
