"""Terms of use, opening hours, holidays and a balance block of the sample university.

Why by commands, on the day before the sample begins: so the configuration has its events, and all that is charged
afterwards follows it.
"""

from collections.abc import Sequence
from datetime import date, time, timedelta

from amerce.circulation.add_closure import AHEAD_DAYS, add_closure
from amerce.circulation.block_rules import RuleFacts, save_rule
from amerce.circulation.models import Item, TermsOfUse
from amerce.circulation.save_item_policy import add_item_policy
from amerce.circulation.save_terms import save_terms
from amerce.circulation.set_opening_hours import set_opening_hours
from amerce.circulation.terms_facts import Notice, TermsFacts, facts_of_terms
from amerce.patrons.models import UserGroup
from amerce.provision.demo.places import DAYS, Campus

EQUIPMENT, SHORT_LOAN = "EQUIPMENT", "SHORT"
_ITEM_POLICIES = {EQUIPMENT: "Equipment", SHORT_LOAN: "Short loan"}
_FACULTY_GROUP = "21"
_BLOCKED_FROM_MINOR, _BLOCKED_AGE_DAYS = 50_00, 365
_WEEKDAY, _WEEKEND = [(time(8), time(22))], [(time(9), time(21))]
_WEEK = {day: _WEEKDAY if day < 5 else _WEEKEND for day in range(7)}  # noqa: PLR2004 Saturday
_EVERYBODY = {
    "charges_closed_time": False,
    "refund_window_days": 180,
    "days_to_lost": 40,
    "notices": (Notice(3), Notice(10), Notice(24, 2_00)),
}


def make_policies(campus: Campus) -> None:
    """Everything that a new institution does not have by itself."""
    actor, at = campus.staff("sysadmin"), campus.moment(-DAYS - 1, 9)
    for code, label in _ITEM_POLICIES.items():
        add_item_policy(actor=actor, at=at, code=code, label=label)
    general = TermsOfUse.objects.get(institution=campus.institution)
    standard = TermsFacts(**{**facts_of_terms(general).__dict__, **_EVERYBODY})
    save_terms(actor=actor, at=at, facts=standard, terms_id=general.pk)
    for facts in _terms(campus):
        save_terms(actor=actor, at=at, facts=facts)
    for library in campus.libraries.values():
        set_opening_hours(actor=actor, at=at, library_id=library.pk, valid_from=at.date(), week=_WEEK)
    for first_on, last_on, reason in _holidays(at.date()):
        add_closure(actor=actor, at=at, library_id=None, first_on=first_on, last_on=last_on, reason=reason)
    moving = at.date() + timedelta(days=DAYS + 40)
    arts = campus.libraries["A"].pk
    add_closure(actor=actor, at=at, library_id=arts, first_on=moving, last_on=moving, reason="Moving the scores")
    rule = RuleFacts(amount_minor=_BLOCKED_FROM_MINOR, age_days=_BLOCKED_AGE_DAYS)
    save_rule(actor=actor, at=at, facts=rule)


def give_item_policies(items: Sequence[Item], lent: Sequence[Item]) -> None:
    """Equipment is lent as equipment; reserve copies that nobody has had yet are for the short loan."""
    seen = {each.pk for each in lent}
    for item in items:
        if item.material_type == "EQUIPMENT":
            item.policy_code = EQUIPMENT
        elif item.location_code == "RESERVE" and item.pk not in seen:
            item.policy_code = SHORT_LOAN
    Item.objects.bulk_update([each for each in items if each.policy_code], ["policy_code"])


def _terms(campus: Campus) -> list[TermsFacts]:
    faculty = UserGroup.objects.get(institution=campus.institution, code=_FACULTY_GROUP).pk
    return [
        TermsFacts(
            name="Faculty",
            group_id=faculty,
            loan_length=120,
            renewals_limit=5,
            overdue_rate_minor=25,
            grace_minutes=7 * 24 * 60,
            overdue_maximum_minor=10_00,
            charges_closed_time=False,
            recall_rate_minor=1_00,
            replacement_minor=50_00,
            process_fee_minor=15_00,
            refund_window_days=365,
            days_to_lost=60,
            notices=(Notice(7), Notice(21)),
        ),
        TermsFacts(
            name="Equipment",
            item_policy=EQUIPMENT,
            loan_length=3,
            renewals_limit=1,
            overdue_rate_minor=2_00,
            overdue_maximum_minor=40_00,
            charges_closed_time=False,
            recall_length=1,
            replacement_minor=120_00,
            process_fee_minor=15_00,
            days_to_lost=21,
            notices=(Notice(1), Notice(4)),
        ),
        TermsFacts(
            name="Equipment for faculty",
            group_id=faculty,
            item_policy=EQUIPMENT,
            loan_length=1,
            loan_unit=TermsOfUse.Unit.WEEK,
            renewals_limit=2,
            overdue_rate_minor=2_00,
            overdue_maximum_minor=40_00,
            charges_closed_time=False,
            replacement_minor=120_00,
            process_fee_minor=15_00,
        ),
        TermsFacts(
            name="Short loan",
            item_policy=SHORT_LOAN,
            loan_length=4,
            loan_unit=TermsOfUse.Unit.HOUR,
            renewals_limit=0,
            overdue_rate_minor=1_00,
            overdue_unit=TermsOfUse.Unit.HOUR,
            grace_minutes=15,
            overdue_maximum_minor=30_00,
            charges_closed_time=False,
            recall_length=0,
            replacement_minor=50_00,
            process_fee_minor=15_00,
            days_to_lost=14,
        ),
    ]


def _holidays(since: date) -> list[tuple[date, date, str]]:
    """Winter recess and Independence Day of every year from ``since`` on, as far ahead as can be entered."""
    latest = since + timedelta(days=AHEAD_DAYS)
    years = range(since.year, latest.year + 1)
    recesses = [(date(year, 12, 24), date(year + 1, 1, 1), "Winter recess") for year in years]
    days = [(date(year, 7, 4), date(year, 7, 4), "Independence Day") for year in years]
    return [each for each in sorted(recesses + days) if since < each[0] <= latest]
