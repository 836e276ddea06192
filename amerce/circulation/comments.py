"""The comment of an automatic fine: from what dates and terms it came, in the manner of Alma's."""

import re
from datetime import date

from babel import Locale
from babel.dates import format_date
from django.utils.translation import gettext as _

from amerce.circulation.models import Loan, TermsOfUse
from amerce.institutions.days import local_day
from amerce.institutions.models import Institution
from amerce.money.format import format_amount


def fine_comment(institution: Institution, terms: TermsOfUse, loan: Loan, *, on: date, action: str = "") -> str:
    """``Date generated: 06/28/2026, Due: 06/25/2026, Fine Policy/ies: Standard loan: $0.25 per day, Action: Renewed``.

    ``action`` is a phrase that was translated, empty while the loan goes on.
    """
    rate_minor = terms.overdue_rate_minor
    if loan.recalled_at is not None and terms.recall_rate_minor:
        rate_minor = terms.recall_rate_minor
    values = {
        "on": day_of(on, institution.locale),
        "due": day_of(local_day(loan.due_at, institution.zone), institution.locale),
        "policy": terms.name,
        "rate": format_amount(rate_minor, institution.currency, institution.locale),
        "unit": TermsOfUse.Unit(terms.overdue_unit).label.lower(),
        "action": action,
    }
    if action:
        return (
            _(
                "Date generated: %(on)s, Due: %(due)s, Fine Policy/ies: %(policy)s: %(rate)s per %(unit)s, "
                "Action: %(action)s"
            )
            % values
        )
    return _("Date generated: %(on)s, Due: %(due)s, Fine Policy/ies: %(policy)s: %(rate)s per %(unit)s") % values


def day_of(day: date, locale: str) -> str:
    """A day in the order of the locale with two digits each, ``07/05/2024``: columns of comments line up."""
    pattern = str(Locale.parse(locale).datetime_skeletons["yMd"].pattern)
    return format_date(day, re.sub(r"\b(M|d)\b", r"\1\1", pattern), locale=locale)
