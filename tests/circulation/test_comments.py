"""What an automatic fine says of itself, in the manner of ``Date generated: …, Due: …, Fine Policy/ies: …``."""

from datetime import UTC, date, datetime

import pytest

from amerce.circulation.comments import day_of, fine_comment
from amerce.circulation.models import Loan, TermsOfUse
from amerce.institutions.models import Institution
from tests.world import NOON

DUE = datetime(2026, 6, 25, 21, 59, 59, tzinfo=UTC)
BERLIN = Institution(locale="de_DE", currency_code="EUR", time_zone="Europe/Berlin")
NEW_YORK = Institution(locale="en_US", currency_code="USD", time_zone="America/New_York")


def comment(institution: Institution, *, action: str = "", recalled: bool = False, **terms: object) -> str:
    said = TermsOfUse(name="Standard loan", overdue_rate_minor=250, **terms)
    loan = Loan(due_at=DUE, recalled_at=NOON if recalled else None)
    return fine_comment(institution, said, loan, on=date(2026, 6, 28), action=action)


def test_it_names_the_days_the_terms_the_rate_and_what_was_done() -> None:
    assert comment(NEW_YORK, action="Renewed") == (
        "Date generated: 06/28/2026, Due: 06/25/2026, Fine Policy/ies: Standard loan: $2.50 per day, Action: Renewed"
    )


def test_while_the_loan_goes_on_it_names_no_action() -> None:
    assert comment(NEW_YORK).endswith("Standard loan: $2.50 per day")


def test_what_was_recalled_has_the_recall_rate_where_there_is_one() -> None:
    assert "$4.00 per hour" in comment(NEW_YORK, recalled=True, recall_rate_minor=400, overdue_unit="hour")
    assert "$2.50 per day" in comment(NEW_YORK, recalled=True)


def test_days_and_amounts_are_written_as_the_institution_writes_them() -> None:
    assert comment(BERLIN).startswith("Date generated: 28.06.2026, Due: 25.06.2026")
    assert "2,50\N{NO-BREAK SPACE}€ per day" in comment(BERLIN)


@pytest.mark.parametrize(
    ("locale", "written"), [("en_US", "07/05/2024"), ("de_DE", "05.07.2024"), ("en_GB", "05/07/2024")]
)
def test_a_day_has_two_digits_for_day_and_month_in_the_order_of_the_locale(locale: str, written: str) -> None:
    assert day_of(date(2024, 7, 5), locale) == written
