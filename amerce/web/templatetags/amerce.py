"""Template filters for money, counts and time, available in every template without ``load``.

Why each takes the institution: currency, locale and zone are the institution's, never the server's.

    {{ fee.remaining_minor|amount:institution }}   $1,234.50
    {{ fee.remaining_minor|plain:institution }}    1234.50, as an amount field takes it back
    {{ page.paginator.count|number:institution }}   10,000
    {{ type.vat_rate_bp|percent:institution }}      7.75%
    {{ loan.due_at|day:institution }}              Nov 12, 2025; Wed, Nov 12, 2025 within a week
    {{ event.at|moment:institution }}              Wed, Nov 12, 2025, 2:03 PM
"""

from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from babel.numbers import format_decimal, format_percent
from django import template
from django.utils import timezone

from amerce.institutions.models import Institution
from amerce.money.format import format_amount, format_plain
from amerce.money.percent import WHOLE_BP

WEEKDAY_WITHIN_DAYS = 7

register = template.Library()


@register.filter
def amount(minor: int | None, institution: Institution) -> str:
    """Minor units with the currency's sign; nothing for None."""
    return "" if minor is None else format_amount(minor, institution.currency, institution.locale)


@register.filter
def plain(minor: int | None, institution: Institution) -> str:
    """Minor units as bare digits with a point; nothing for None."""
    return "" if minor is None else format_plain(minor, institution.currency)


@register.filter
def number(count: int, institution: Institution) -> str:
    """A count as the institution's locale groups its digits."""
    return str(format_decimal(count, locale=institution.locale))


@register.filter
def percent(bp: int, institution: Institution) -> str:
    """Hundredths of a percent as the institution's locale writes a percentage, with as many decimals as it has."""
    return str(format_percent(Decimal(bp) / WHOLE_BP, locale=institution.locale, decimal_quantization=False))


@register.filter
def day(value: date | datetime | None, institution: Institution) -> str:
    """The calendar day in the institution's zone, with the weekday when it is within a week of today."""
    return _day(value, institution.locale, institution.zone) if value else ""


@register.filter
def month_of(value: date, institution: Institution) -> str:
    """``Mar 2026`` in the manner of the institution's locale."""
    return str(format_skeleton("yMMM", value, locale=institution.locale))


@register.filter
def month_short(value: date, institution: Institution) -> str:
    """``Mar``, for a place too narrow for the year."""
    return str(format_skeleton("MMM", value, locale=institution.locale))


@register.filter
def moment(value: datetime | None, institution: Institution) -> str:
    """The day and the time in the institution's zone."""
    if not value:
        return ""
    locale, zone = institution.locale, institution.zone
    time = format_time(value, "short", tzinfo=zone, locale=locale)
    pattern = str(get_datetime_format("medium", locale))
    return pattern.replace("'", "").replace("{1}", _day(value, locale, zone)).replace("{0}", time)


def _day(value: date | datetime, locale: str, zone: tzinfo) -> str:
    local = value.astimezone(zone).date() if isinstance(value, datetime) else value
    near = abs((local - timezone.now().astimezone(zone).date()).days) < WEEKDAY_WITHIN_DAYS
    return _written(local, locale, near=near)


@lru_cache(maxsize=1024)  # a list has the same few days again and again
def _written(local: date, locale: str, *, near: bool) -> str:
    return format_skeleton("yMMMEd", local, locale=locale) if near else format_date(local, "medium", locale=locale)
