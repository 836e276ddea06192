"""The sample library, made once for all tests of this file and taken back at the end."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings, global_settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Count, F, Sum

from amerce.access.models import Account, Role
from amerce.bulk.models import BulkWaiver
from amerce.charges.models import Fee
from amerce.circulation.models import Loan, Request
from amerce.institutions.models import BursarSequence, CodeEntry, Desk, Institution, Library, Printer
from amerce.jobs.models import JobRun
from amerce.ledger.models import PatronAccount, Transfer
from amerce.ledger.verify import verify
from amerce.patrons.models import (
    Contact,
    NameToken,
    Patron,
    PatronBlock,
    PatronIdentifier,
    PatronNote,
    Proxy,
    UserGroup,
)
from amerce.provision.demo.library import FULL, OtherInstitution, Size, make_demo_library
from amerce.provision.demo.people import PATRON_PREFIX, library_barcode
from amerce.provision.demo.places import PASSWORD, SIGN_INS, TIME_ZONE

TODAY = date(2026, 3, 2)
SMALL = Size(patrons=40, copies=1, loans=120, requests=5, by_hand=30, long_list=5)
pytestmark = [pytest.mark.money, pytest.mark.xdist_group("demo library")]


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker) -> Iterator[Institution]:  # type: ignore[no-untyped-def]
    """Tests here only read, so they share one library; none of them may ask for a database of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert make_demo_library(today=TODAY)
        yield Institution.objects.get()
        transaction.set_rollback(True)


def test_it_has_three_libraries_six_desks_and_what_happens_in_them(demo: Institution) -> None:
    assert Library.objects.count() == 3
    assert Desk.objects.count() == 6
    assert Patron.objects.count() == 400
    assert Loan.objects.count() == 2000
    assert Request.objects.count() == 60
    assert 850 <= Fee.objects.count() <= 950
    assert UserGroup.objects.filter(code="22").exists()
    assert demo.overpayment == Institution.Overpayment.REFUSE
    assert demo.currency_code == "USD"


def test_there_are_fees_in_every_status_and_closed_in_every_way(demo: Institution) -> None:
    held = set(Fee.objects.values_list("status", "closed_as"))
    elsewhere = Fee.ClosedAs.COLLECTED  # the sample's bursar leaves what is paid Transferred, as the seed does
    closed = {(Fee.Status.CLOSED, way) for way in Fee.ClosedAs.values if way != elsewhere}
    closed |= {(Fee.Status.EXPORTED, Fee.ClosedAs.PAID)}
    assert held == {(Fee.Status.ACTIVE, ""), (Fee.Status.INDISPUTE, ""), (Fee.Status.EXPORTED, "")} | closed


def test_every_kind_of_movement_a_desk_can_make_is_there(demo: Institution) -> None:
    kinds = set(Transfer.objects.values_list("kind", flat=True))
    assert kinds == {
        "CHARGE", "PAYMENT", "WAIVE", "DISPUTE", "RESTORE", "CREDIT", "REFUND", "CORRECTION", "EXPORT",
        "EXPORTED_AND_PAID", "PAYMENT_RECEIVED", "REDUCTION",
    }  # fmt: skip
    assert Transfer.objects.filter(vat_minor__gt=0).exists()
    assert Fee.objects.filter(remaining_minor__gt=0, paid_minor__gt=0).exists()


def test_one_bulk_waiver_stands_and_one_was_undone_whole(demo: Institution) -> None:
    undone, stands = BulkWaiver.objects.select_related("run", "undo_run").order_by("pk")

    assert undone.run and undone.undo_run and stands.run and stands.undo_run is None
    assert {each.state for each in (undone.run, undone.undo_run, stands.run)} == {JobRun.State.DONE}
    assert undone.run.counts["fees"] == undone.undo_run.counts["fees"] > 0
    assert stands.run.counts["fees"] > 0 and stands.run.counts["skipped"] > 0


def test_a_waived_lost_item_fee_stands_beside_its_bound_credit(demo: Institution) -> None:
    bound = Fee.objects.filter(status=Fee.Status.ACTIVE, bound_to__status=Fee.Status.ACTIVE)
    assert bound.filter(remaining_minor__lt=0).exists()


def test_several_of_the_first_hundred_patrons_owe_and_one_for_an_item(demo: Institution) -> None:
    first = list(Patron.objects.order_by("pk").values_list("pk", flat=True)[:100])
    owing = PatronAccount.objects.filter(patron__in=first, active_minor__gt=F("credit_minor"))
    assert owing.count() >= 10
    assert Fee.objects.filter(patron__in=owing.values("patron"), status="ACTIVE", item__isnull=False).exists()


def test_one_patron_has_a_long_list_and_many_have_none(demo: Institution) -> None:
    longest = Fee.objects.values_list("patron").annotate(count=Count("pk")).order_by("-count")[0][1]
    assert 140 <= longest <= 200
    assert Patron.objects.exclude(pk__in=Fee.objects.values("patron")).count() >= 1


def test_the_ledger_is_whole(demo: Institution) -> None:
    assert verify().findings == []


def test_what_remains_of_the_fees_is_what_the_accounts_say(demo: Institution) -> None:
    by_status = dict(
        Fee.objects.values_list("status")
        .annotate(Sum("remaining_minor"))
        .order_by()
        .values_list("status", "remaining_minor__sum")
    )
    sums = PatronAccount.objects.aggregate(Sum("active_minor"), Sum("credit_minor"), Sum("disputed_minor"))
    assert by_status["ACTIVE"] == sums["active_minor__sum"] - sums["credit_minor__sum"]
    assert by_status["INDISPUTE"] == sums["disputed_minor__sum"]


def test_nothing_has_happened_today_or_later(demo: Institution) -> None:
    midnight = datetime.combine(TODAY, datetime.min.time(), ZoneInfo(TIME_ZONE))
    assert not Transfer.objects.filter(at__gte=midnight).exists()
    assert not Loan.objects.filter(returned_at__gte=midnight).exists()
    assert Loan.objects.filter(returned_at=None, due_at__lt=midnight).count() >= 30
    assert Loan.objects.filter(returned_at=None, due_at__gte=midnight).count() >= 50


def test_every_account_s_history_runs_forward(demo: Institution) -> None:
    rows = Transfer.objects.order_by("account", "seq").values_list("account", "at")
    assert list(rows) == sorted(rows)


def test_people_are_found_by_barcode_and_second_id(demo: Institution) -> None:
    types = dict(PatronIdentifier.objects.values_list("type").annotate(Count("pk")).order_by())
    assert types["BARCODE"] == 400
    assert 100 <= types["STUDENT_ID"] <= 300
    assert all(
        len(value) == 14 for value in PatronIdentifier.objects.filter(type="BARCODE").values_list("value", flat=True)
    )
    assert NameToken.objects.filter(token="hohenlohe").exists()
    assert PatronNote.objects.exists()
    assert PatronBlock.objects.filter(lifted_at=None).count() >= 2


def test_people_are_reached_in_several_ways_and_some_borrow_for_others(demo: Institution) -> None:
    by_kind = dict(Contact.objects.values_list("kind").annotate(Count("pk")).order_by())
    assert {"email", "phone", "address"} == set(by_kind)
    assert Contact.objects.filter(patron__kind="external", is_loaded=False).count() >= 20
    assert Proxy.objects.filter(proxy__group__is_proxy=True).count() == 28
    came_for = Proxy.objects.values("proxy").annotate(count=Count("pk")).values_list("count", flat=True)
    assert sorted(came_for)[-4:] == [1, 2, 2, 2]
    external = Patron.objects.filter(kind=Patron.Kind.EXTERNAL)
    assert set(external.values_list("source_system", flat=True)) == {"LARKSPUR_SIS"}
    assert not external.filter(source_id="").exists()
    assert not Patron.objects.filter(kind=Patron.Kind.INTERNAL).exclude(synced_at=None).exists()


def test_each_exported_fee_has_the_next_id_of_the_bursar_sequence(demo: Institution) -> None:
    exported = Fee.objects.filter(
        pk__in=Transfer.objects.filter(kind__in=["EXPORT", "EXPORTED_AND_PAID"]).values("fee")
    )
    ids = sorted(exported.values_list("bursar_transaction_id", flat=True))

    assert len(ids) >= 10
    assert ids == [f"LU{number:08}" for number in range(1001, 1001 + len(ids))]
    assert BursarSequence.objects.get().next_value == 1001 + len(ids)


def test_a_role_of_its_own_waives_up_to_20_and_one_account_holds_it(demo: Institution) -> None:
    role = Role.objects.get()
    assert (role.code, role.label) == ("student_assistant", "Student assistant")
    assert (role.privileges["fee.waive"], role.privileges["fee.pay"]) == (2000, None)
    assert list(Account.objects.filter(roles__role=role.code).values_list("username", flat=True)) == ["assistant"]


def test_it_has_two_printers_and_a_reason_that_is_not_used_any_more(demo: Institution) -> None:
    assert list(Printer.objects.order_by("code").values_list("code", "email", "queue")) == [
        ("MAILROOM", "mailroom@larkspur.example", ""),
        ("MAIN-CIRC", "", "circ-main"),
    ]
    assert list(CodeEntry.objects.filter(is_active=False).values_list("code", flat=True)) == ["AMNESTY"]


def test_jobs_ran_there_and_ended_in_every_way_with_reports_that_fit(demo: Institution) -> None:
    runs = {each.name: each for each in JobRun.objects.exclude(name__startswith="bursar").order_by("pk")}
    assert {name: each.state for name, each in runs.items()} == {
        "overdue-fines": "done",
        "purge-returns": "done",
        "bulk-fine-waiving": "done",
        "undo-bulk-fine-waiving": "done",
        "fines-fees-notifications": "failed",
        "lost-loans": "cancelled",
    }
    assert runs["fines-fees-notifications"].error.startswith("The letter Fines/Fees Notification is turned off")
    assert runs["lost-loans"].cancelled_by == "sysadmin"
    waiving = runs["bulk-fine-waiving"]
    assert waiving.warning_count == waiving.events.count() == waiving.counts["skipped"] >= 3
    waived = Transfer.objects.filter(note__text="Small service fees of earlier terms")
    assert waiving.counts["total_minor"] == waived.aggregate(Sum("amount_minor"))["amount_minor__sum"] > 0


def test_it_signs_in_in_demo_mode_only(demo: Institution, settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # those of the module's library
    assert {each.username for each in SIGN_INS} == {
        "desk", "assistant", "deskmanager", "usermanager", "bursar", "useradmin", "sysadmin",
    }  # fmt: skip
    for each in SIGN_INS:
        settings.DEMO = True
        assert authenticate(username=each.username, password=PASSWORD) is not None
        settings.DEMO = False
        assert authenticate(username=each.username, password=PASSWORD) is None


def test_making_it_again_changes_nothing(demo: Institution) -> None:
    before = (Transfer.objects.count(), Account.objects.count(), Patron.objects.count())
    assert not make_demo_library(today=date(2026, 4, 1))
    assert (Transfer.objects.count(), Account.objects.count(), Patron.objects.count()) == before


def test_a_barcode_ends_with_its_check_digit() -> None:
    assert library_barcode(PATRON_PREFIX, 20_037) == "29007000200370"


@pytest.mark.django_db
def test_two_libraries_made_of_one_seed_are_alike() -> None:
    assert SMALL != FULL
    assert _told(SMALL) == _told(SMALL)


@pytest.mark.django_db
def test_it_is_refused_where_another_institution_lives(library) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(OtherInstitution, match="MAIN University"):
        make_demo_library(today=TODAY, size=SMALL)
    assert Institution.objects.count() == 1


def _told(size: Size) -> list[tuple[object, ...]]:
    """All that happened in a library that is taken back afterwards, without the ids that a database gives."""
    with transaction.atomic():
        make_demo_library(today=TODAY, size=size)
        told = list(
            Transfer.objects.order_by("pk").values_list(
                "account__patron__primary_id",
                "at",
                "kind",
                "debit",
                "credit",
                "amount_minor",
                "vat_minor",
                "fee__title",
            )
        )
        transaction.set_rollback(True)
    assert len(told) > 50
    return told
