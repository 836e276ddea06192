from datetime import date

import pytest

from amerce.access.can import AboveCeiling, NotAllowed
from amerce.access.models import RoleAssignment
from amerce.access.privileges import Privilege
from amerce.access.save_role import RoleSaid, save_role
from amerce.bulk.errors import (
    DayOutOfRange,
    DaysReversed,
    KeyReused,
    ListUnusable,
    NothingChosenOf,
    NothingToWaive,
    ThresholdMissing,
    TotalDiffers,
)
from amerce.bulk.models import BulkWaiver, IdList
from amerce.bulk.start import start_bulk_waiver
from amerce.charges.errors import ReasonUnknown
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NumberOutOfRange, TextTooLong
from amerce.jobs.models import JobRun
from tests.bulk.waiving import criteria
from tests.charges.checks import nothing_written
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def confirm(library, *, role: str = "user_manager", total: int | None = 1000, **more):
    given = {"reason": "OTHER", "comment": "", "form_key": "page-1", "criteria": criteria(), **more}
    return start_bulk_waiver(actor=library.staff(role), at=NOON, confirmed_minor=total, **given)


def test_a_confirmed_waiver_queues_one_run_and_keeps_what_was_shown(library):
    library.charge(1000)

    started = confirm(library, criteria=criteria(created_to=date(2026, 3, 2), type_codes=("OTHER", "LOCKERKEY")))

    waiver = BulkWaiver.objects.get(pk=started.waiver_id)
    run = JobRun.objects.get(pk=started.run_id)
    assert (waiver.run_id, run.name, run.state) == (run.pk, "bulk-fine-waiving", "queued")
    assert (run.starter_id, run.desk_id) == (library.staff("user_manager").account_id, library.desk.pk)
    assert waiver.preview["waived"] == {"patrons": 1, "fees": 1, "amount_minor": 1000}
    assert waiver.criteria["type_codes"] == ["LOCKERKEY", "OTHER"]
    assert Event.objects.get(name="bulk_waiver.confirmed").data["total_minor"] == 1000


def test_the_same_form_twice_is_one_run(library):
    library.charge(1000)
    first = confirm(library)

    again = confirm(library)

    assert (again.run_id, again.replayed) == (first.run_id, True)
    assert (BulkWaiver.objects.count(), JobRun.objects.count()) == (1, 1)


def test_the_same_form_with_other_contents_is_refused(library):
    library.charge(1000)
    confirm(library)

    with nothing_written(), pytest.raises(KeyReused):
        confirm(library, comment="Another word")


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"total": 999}, TotalDiffers),
        ({"total": None}, TotalDiffers),
        ({"criteria": criteria(threshold_minor=999), "total": 0}, NothingToWaive),
        ({"criteria": criteria(threshold_minor=0)}, ThresholdMissing),
        ({"criteria": criteria(threshold_minor=10**17)}, NumberOutOfRange),
        ({"criteria": criteria(group_ids=())}, NothingChosenOf),
        ({"criteria": criteria(type_codes=())}, NothingChosenOf),
        ({"criteria": criteria(group_ids=(2**63,))}, ChoiceUnknown),
        ({"criteria": criteria(type_codes=("CREDIT",))}, ChoiceUnknown),
        ({"criteria": criteria(type_codes=("NOSUCH",))}, ChoiceUnknown),
        ({"criteria": criteria(created_from=date(2026, 3, 2), created_to=date(2026, 3, 1))}, DaysReversed),
        ({"criteria": criteria(created_to=date.max)}, DayOutOfRange),
        ({"criteria": criteria(created_from=date.min)}, DayOutOfRange),
        ({"criteria": criteria(id_list_id=2**63)}, ListUnusable),
        ({"reason": ""}, ReasonUnknown),
        ({"reason": "NOSUCH"}, ReasonUnknown),
        ({"comment": "x" * 1001}, TextTooLong),
        ({"form_key": " "}, NameMissing),
    ],
)
def test_what_is_missing_or_wrong_is_refused_and_nothing_is_queued(library, more, refusal):
    library.charge(1000)

    with nothing_written(), pytest.raises(refusal):
        confirm(library, **more)

    assert (BulkWaiver.objects.count(), JobRun.objects.count()) == (0, 0)


def test_a_list_of_another_institution_or_one_not_read_whole_is_refused(library, other_library):
    library.charge(1000)
    kept = {"kind": IdList.Kind.USERS, "name": "x.txt", "created_at": NOON, "created_by": "x"}
    theirs = IdList.objects.create(institution=other_library.institution, is_complete=True, **kept)
    partly = IdList.objects.create(institution=library.institution, **kept)

    for each in (theirs, partly):
        with nothing_written(), pytest.raises(ListUnusable):
            confirm(library, criteria=criteria(id_list_id=each.pk))


@pytest.mark.parametrize(
    "role", ["circulation_desk_manager", "user_administrator", "general_system_administrator", "auditor"]
)
def test_only_the_user_manager_may(library, role):
    library.charge(1000)

    with nothing_written(), pytest.raises(NotAllowed):
        confirm(library, role=role)


def test_the_role_must_hold_for_the_whole_institution(library):
    library.charge(1000)
    library.staff("user_manager")
    RoleAssignment.objects.filter(role="user_manager").update(library=library.library)

    with nothing_written(), pytest.raises(NotAllowed):
        confirm(library)


def test_a_ceiling_holds_for_the_total_of_the_run_and_not_for_a_fee(library):
    library.staff("user_manager")
    said = RoleSaid(
        label="User manager",
        privileges={Privilege.BULK_WAIVE: 1499, Privilege.FEE_WAIVE: 1, Privilege.PATRON_VIEW: None},
    )
    save_role(actor=library.staff("general_system_administrator"), at=NOON, code="user_manager", said=said)
    library.charge(700)
    library.charge(799)
    assert not confirm(library, total=1499).replayed

    library.charge(1)
    with nothing_written(), pytest.raises(AboveCeiling):
        confirm(library, total=1500, form_key="page-2")
