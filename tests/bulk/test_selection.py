from datetime import date, timedelta

import pytest

from amerce.charges.models import Fee, FeeType
from amerce.circulation.models import Loan
from amerce.patrons.models import Patron, UserGroup
from tests.bulk.waiving import parts, preview
from tests.charges.acts import Desk
from tests.circulation.lending import lend
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]

LOST = "LOSTITEMREPLACEMENTFEE"


def test_a_total_above_the_threshold_leaves_all_of_that_user_untouched(library):
    for amount_minor in (1000, 5000, 7000):
        library.charge(amount_minor)

    assert parts(preview(library, threshold_minor=12000)) == {"above_threshold": (1, 3, 13000)}


def test_a_total_equal_to_the_threshold_is_waived(library):
    for amount_minor in (1000, 5000, 7000):
        library.charge(amount_minor)

    assert parts(preview(library, threshold_minor=13000)) == {"waived": (1, 3, 13000)}


def test_the_total_counts_types_that_were_not_chosen(library):
    library.charge(1000, "LOCKERKEY")
    library.charge(5000)

    assert parts(preview(library, threshold_minor=5999, type_codes=("LOCKERKEY",))) == {"above_threshold": (1, 1, 1000)}
    assert parts(preview(library, threshold_minor=6000, type_codes=("LOCKERKEY",))) == {"waived": (1, 1, 1000)}


def test_disputed_transferred_and_closed_fees_are_neither_in_the_total_nor_waived(library):
    desk = Desk(library)
    disputed, transferred, closed = library.charge(1000), library.charge(2000), library.charge(4000)
    library.charge(800)
    desk.dispute(disputed)
    desk.export(transferred, awaits_payment=True)
    desk.pay(closed, amount=4000)

    assert parts(preview(library, threshold_minor=800)) == {"waived": (1, 1, 800)}


def test_what_was_paid_of_a_fee_is_not_in_the_total(library):
    Desk(library).pay(library.charge(1000), amount=300)

    assert parts(preview(library, threshold_minor=700)) == {"waived": (1, 1, 700)}


def test_credits_are_netted_only_if_the_criteria_say_so(library):
    library.charge(1000)
    library.charge(400, "CREDIT")

    assert parts(preview(library, threshold_minor=600)) == {"above_threshold": (1, 1, 1000)}
    assert parts(preview(library, threshold_minor=600, nets_credits=True)) == {"waived": (1, 1, 1000)}


def test_a_bound_credit_is_always_netted(library):
    fee = library.charge(10000, LOST)
    Desk(library).waive(fee, amount=4000)

    assert parts(preview(library, threshold_minor=6000)) == {"waived": (1, 1, 6000)}
    assert parts(preview(library, threshold_minor=5999)) == {"above_threshold": (1, 1, 6000)}


def test_a_fee_that_a_bound_credit_nets_leaves_nothing_to_waive(library):
    Desk(library).waive(library.charge(10000, LOST))

    assert parts(preview(library)) == {"nothing_owed": (1, 1, 0)}


def test_what_is_not_waivable_is_left_and_counts_in_the_total(library):
    FeeType.objects.filter(code="LOCKERKEY").update(is_waivable=False)
    library.charge(1000, "LOCKERKEY")
    library.charge(500)

    assert parts(preview(library, threshold_minor=1500)) == {"not_waivable": (1, 1, 1000), "waived": (1, 1, 500)}
    assert parts(preview(library, threshold_minor=1499)) == {"above_threshold": (1, 2, 1500)}


@pytest.mark.parametrize(
    ("status", "is_overdue"),
    [("NORMAL", True), ("RENEW", True), ("RECALL", True), ("LOST", True), ("CLAIMED_RETURN", False)],
)
def test_overdue_is_what_is_out_past_due_also_lost_but_not_claimed_returned(library, status, is_overdue):
    library.charge(1000)
    lend(library, due_at=NOON - timedelta(seconds=1), status=Loan.Status(status))

    shown = preview(library, excludes_overdue=True)

    assert parts(shown) == ({"overdue_loans": (1, 1, 1000)} if is_overdue else {"waived": (1, 1, 1000)})


def test_a_loan_that_is_due_now_or_came_back_late_excludes_nobody(library):
    library.charge(1000)
    lend(library, due_at=NOON)
    lend(library, due_at=NOON - timedelta(days=9), returned_at=NOON)

    assert parts(preview(library, excludes_overdue=True)) == {"waived": (1, 1, 1000)}


def test_overdue_loans_are_no_matter_unless_the_criteria_say_so(library):
    library.charge(1000)
    lend(library, due_at=NOON - timedelta(days=1))

    assert parts(preview(library)) == {"waived": (1, 1, 1000)}


def test_only_the_chosen_groups_and_who_has_none_only_with_all(library):
    staff = UserGroup.objects.exclude(code="22").filter(institution=library.institution).first()
    other = library.new_patron("other")
    nobody = library.new_patron("nobody")
    Patron.objects.filter(pk=other.pk).update(group=staff)
    Patron.objects.filter(pk=nobody.pk).update(group=None)
    for patron, amount_minor in ((library.patron, 100), (other, 200), (nobody, 400)):
        library.charge(amount_minor, patron=patron)

    def amount(group_ids):
        return preview(library, group_ids=group_ids).waived.amount_minor

    assert amount((staff.pk,)) == 200
    assert amount((staff.pk, library.patron.group_id)) == 300
    assert amount(None) == 700


def test_days_of_creation_are_whole_days_of_the_institution_both_counted_in(library):
    library.institution.time_zone = "America/New_York"
    library.institution.save()
    for hours in (0, 12, 36, 60):  # 07:00 and 19:00 of the second of March, then of the two days before
        fee = library.charge(100 + hours)
        Fee.objects.filter(pk=fee.pk).update(created_at=NOON - timedelta(hours=hours))

    def amounts(**days):
        shown = preview(library, **days)
        return shown.waived.amount_minor

    assert amounts(created_from=date(2026, 3, 2), created_to=date(2026, 3, 2)) == 100
    assert amounts(created_from=date(2026, 3, 1)) == 100 + 112
    assert amounts(created_to=date(2026, 2, 28)) == 136 + 160
    assert amounts(created_from=date(2026, 2, 28), created_to=date(2026, 3, 1)) == 112 + 136


def test_another_institution_is_not_touched(library, other_library):
    library.charge(1000)
    other_library.charge(2000)

    assert parts(preview(library)) == {"waived": (1, 1, 1000)}
