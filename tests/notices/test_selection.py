"""Every rule of "Configuring Fines/Fees Notifications" at its borders (``seeds/configuration-patron-charges.txt``)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from amerce.charges.dispute import dispute
from amerce.charges.export import export
from amerce.charges.models import Fee, FeeType
from amerce.charges.pay import pay
from amerce.charges.restore import restore
from amerce.charges.waive import waive
from amerce.circulation.models import Loan
from amerce.notices.profiles import INSTITUTION
from amerce.notices.selection import BEGIN, next_messages
from amerce.patrons.models import Patron, UserGroup
from tests.circulation.lending import lend
from tests.notices.noticing import AS_OF, SAID, branch, charge_at, totals
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
OWED = ("jdoe", "MAIN")


@pytest.mark.parametrize(
    ("owed_minor", "minimum_minor", "maximum_minor", "is_notified"),
    [
        (9_999, 10_000, None, False),
        (10_000, 10_000, None, True),
        (10_001, 10_000, None, True),
        (19_999, 10_000, 20_000, True),
        (20_000, 10_000, 20_000, False),
        (45, 45, 46, True),
    ],
)
def test_the_minimum_is_inclusive_and_the_maximum_exclusive(
    library, owed_minor, minimum_minor, maximum_minor, is_notified
):
    library.charge(owed_minor)

    found = totals(library, minimum_minor=minimum_minor, maximum_minor=maximum_minor)

    assert found == ({OWED: owed_minor} if is_notified else {})


def test_seventy_five_at_two_libraries_under_a_threshold_of_a_hundred_is_no_message(library):
    science = branch(library)
    library.charge(7_500)
    charge_at(library, science, 7_500)

    assert totals(library, minimum_minor=10_000) == {}


def test_a_hundred_at_each_of_two_libraries_is_two_messages(library):
    science = branch(library)
    library.charge(7_500)
    library.charge(2_500)
    charge_at(library, science, 10_001)

    assert totals(library, minimum_minor=10_000) == {OWED: 10_000, ("jdoe", "SCI"): 10_001}


def test_the_maximum_too_is_of_each_library_by_itself(library):
    library.charge(7_500)
    charge_at(library, branch(library), 12_500)

    assert totals(library, minimum_minor=5_000, maximum_minor=10_000) == {OWED: 7_500}


def test_without_an_owner_every_library_is_meant_and_the_institution_is_not(library):
    science = branch(library)
    library.charge(100)
    charge_at(library, science, 200)
    charge_at(library, None, 400, "CARDRENEWAL")
    main = library.library.pk

    assert totals(library) == {OWED: 100, ("jdoe", "SCI"): 200}
    assert totals(library, owners=(INSTITUTION,)) == {("jdoe", "-"): 400}
    assert totals(library, owners=(INSTITUTION, main)) == {("jdoe", "-"): 400, OWED: 100}
    assert totals(library, owners=(science.library_id,)) == {("jdoe", "SCI"): 200}


def test_what_a_closed_library_is_owed_counts(library):
    library.charge(100)
    library.library.is_active = False
    library.library.save()

    assert totals(library) == {OWED: 100}


def test_only_the_chosen_types_count_towards_the_total(library):
    library.charge(100)
    library.charge(250, "LOCKERKEY")
    library.charge(50, "SERVICEFEE")
    ids = dict(FeeType.objects.filter(institution=library.institution).values_list("code", "pk"))

    assert totals(library) == {OWED: 400}
    assert totals(library, types=(ids["LOCKERKEY"],)) == {OWED: 250}
    assert totals(library, types=(ids["LOCKERKEY"], ids["OTHER"])) == {OWED: 350}
    assert totals(library, types=(ids["LOCKERKEY"], ids["OTHER"]), minimum_minor=351) == {}


DAYS = [
    (30, None, 29, False),
    (30, None, 30, False),
    (30, None, 31, True),
    (None, 50, 49, True),
    (None, 50, 50, False),
    (None, 50, 51, False),
    (30, 50, 30, False),
    (30, 50, 31, True),
    (30, 50, 49, True),
    (30, 50, 50, False),
    (0, None, 0, False),
    (0, None, 1, True),
    (None, 1, 0, True),
    (None, 1, 1, False),
]


@pytest.mark.parametrize(("before_days", "after_days", "days_old", "counts"), DAYS)
def test_created_before_and_after_are_whole_days_and_both_are_strict(
    library, before_days, after_days, days_old, counts
):
    library.charge(100, days_ago=days_old)

    found = totals(library, created_before_days=before_days, created_after_days=after_days)

    assert found == ({OWED: 100} if counts else {})


@pytest.mark.parametrize(
    ("as_of", "counts"),
    [
        (datetime(2026, 4, 1, 21, 59, 59, tzinfo=UTC), False),  # still 1 April in Berlin: 30 days
        (datetime(2026, 4, 1, 22, 0, tzinfo=UTC), True),  # 2 April has begun: 31 days
    ],
)
def test_days_begin_at_midnight_where_the_institution_is_through_a_change_of_the_clocks(library, as_of, counts):
    library.institution.time_zone = "Europe/Berlin"
    library.institution.save()
    library.charge(100)
    assert NOON.date() == date(2026, 3, 2)

    assert totals(library, as_of, created_before_days=30) == ({OWED: 100} if counts else {})


def test_the_days_choose_fees_and_the_rest_does_not_count(library):
    library.charge(10_000, days_ago=3)
    library.charge(500, days_ago=40)

    assert totals(library, created_before_days=30) == {OWED: 500}
    assert totals(library, created_before_days=30, minimum_minor=501) == {}


def group(library: Library, code: str) -> UserGroup:
    return UserGroup.objects.get(institution=library.institution, code=code)


def moved_to(library: Library, primary_id: str, code: str | None) -> Patron:
    patron = library.new_patron(primary_id)
    patron.group = group(library, code) if code else None
    patron.save()
    library.charge(100, patron=patron)
    return patron


def test_without_a_group_the_default_group_is_meant_if_there_is_one_and_else_all(library):
    moved_to(library, "guest", "58")
    moved_to(library, "nobody", None)
    library.charge(100)

    assert set(totals(library)) == {OWED, ("guest", "MAIN"), ("nobody", "MAIN")}
    assert set(totals(library, groups=(group(library, "58").pk,))) == {("guest", "MAIN")}

    library.institution.default_user_group = group(library, "58")
    library.institution.save()
    assert set(totals(library)) == {("guest", "MAIN")}
    assert set(totals(library, groups=(group(library, "22").pk,))) == {OWED}
    both = (group(library, "22").pk, group(library, "58").pk)
    assert set(totals(library, groups=both)) == {OWED, ("guest", "MAIN")}


@pytest.mark.parametrize(
    ("kind", "status", "expires", "is_active"),
    [
        ("internal", "active", None, True),
        ("internal", "inactive", None, False),
        ("external", "active", None, True),
        ("external", "inactive", None, False),
        ("external", "active", 0, True),
        ("external", "active", -1, False),
        ("internal", "active", -1, True),
        ("internal", "inactive", 1, False),
    ],
)
def test_only_active_patrons_leaves_out_the_inactive_and_expired_external_users(
    library, kind, status, expires, is_active
):
    library.charge(100)
    expires_on = None if expires is None else NOON.date() + timedelta(days=expires)
    Patron.objects.filter(pk=library.patron.pk).update(kind=kind, status=status, expires_on=expires_on)

    assert totals(library) == {OWED: 100}
    assert totals(library, only_active=True) == ({OWED: 100} if is_active else {})


@pytest.mark.parametrize("status", Loan.Status.values)
def test_patrons_with_loans_of_any_status_are_skipped(library, status):
    library.charge(100)
    loan = lend(library, due_at=NOON + timedelta(days=9))
    Loan.objects.filter(pk=loan.pk).update(status=status)

    assert totals(library) == {OWED: 100}
    assert totals(library, skips_borrowers=True) == {}


@pytest.mark.parametrize("ended", ["returned_at", "closed_at"])
def test_a_loan_that_was_returned_or_left_the_list_skips_nobody(library, ended):
    library.charge(100)
    loan = lend(library, due_at=NOON + timedelta(days=9))
    Loan.objects.filter(pk=loan.pk).update(**{ended: NOON})

    assert totals(library, skips_borrowers=True) == {OWED: 100}


def test_what_is_disputed_transferred_or_paid_does_not_count(library):
    disputed, exported, paid, left = (library.charge(each) for each in (100, 200, 400, 800))
    patron_id = library.patron.pk
    dispute(actor=library.operator, at=NOON, patron_id=patron_id, fee_ids=[disputed.pk])
    clerk = library.staff("bursar_clerk")
    export(actor=clerk, at=NOON, patron_id=patron_id, fee_ids=[exported.pk], awaits_payment=True)
    for fee, amount_minor in ((paid, 400), (left, 300)):
        pay(
            actor=library.operator,
            at=NOON,
            patron_id=patron_id,
            fee_ids=[fee.pk],
            amount_minor=amount_minor,
            method="CASH",
        )

    assert totals(library) == {OWED: 500}
    restore(actor=library.manager, at=NOON, patron_id=patron_id, fee_ids=[disputed.pk])
    assert totals(library) == {OWED: 600}


def test_a_credit_is_not_netted_and_a_bound_credit_always_is(library):
    lost = library.charge(5_000, "LOSTITEMREPLACEMENTFEE")
    library.charge(3_000, "CREDIT")
    waive(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        amounts_minor={lost.pk: 2_000},
        reason="OTHER",
    )
    assert sorted(Fee.objects.values_list("remaining_minor", flat=True)) == [-3_000, -2_000, 5_000]

    assert totals(library, minimum_minor=3_000) == {OWED: 3_000}
    assert totals(library, minimum_minor=3_001) == {}


def test_a_bound_credit_counts_only_with_the_fee_it_belongs_to(library):
    lost = library.charge(5_000, "LOSTITEMREPLACEMENTFEE")
    library.charge(100)
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={lost.pk: 5_000}, reason="OTHER")
    other = FeeType.objects.get(institution=library.institution, code="OTHER").pk

    assert totals(library, types=(other,)) == {OWED: 100}
    assert totals(library) == {OWED: 100}


def test_a_fee_made_since_the_run_was_asked_for_does_not_count(library):
    library.charge(100)

    assert totals(library, NOON) == {}
    assert totals(library, NOON + timedelta(microseconds=1)) == {OWED: 100}


def test_nobody_of_another_institution_is_found(library, other_library):
    other_library.charge(100)

    assert totals(library) == {}


def test_the_messages_come_in_pieces_that_neither_overlap_nor_leave_one_out(library):
    science = branch(library)
    for number in range(5):
        patron = library.new_patron(f"p{number}")
        library.charge(100 + number, patron=patron)
        charge_at(library, science, 200 + number, patron=patron)
        charge_at(library, None, 300, "CARDRENEWAL", patron=patron)
    facts = SAID.__class__(name="x", minimum_minor=1, owners=(INSTITUTION, library.library.pk, science.library_id))

    seen, after = [], BEGIN
    while found := next_messages(library.institution, facts, AS_OF, after=after, limit=4):
        seen += found
        after = (found[-1].patron_id, found[-1].owner)

    places = [(each.patron_id, each.owner) for each in seen]
    assert places == sorted(set(places)) and len(places) == 15
    assert sum(each.total_minor for each in seen) == 5 * 300 + 5 * (100 + 200) + 2 * (0 + 1 + 2 + 3 + 4)
