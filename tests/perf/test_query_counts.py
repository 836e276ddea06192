"""How many queries a page of the desk costs: never more than written down, and the same with many fees."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amerce.access.models import Account, RoleAssignment
from amerce.bursar.models import BursarLine, BursarPayment, BursarRun
from amerce.bursar.tick_off import tick_off
from amerce.charges.models import Fee, FeeType
from amerce.institutions.models import Printer
from amerce.jobs.models import JobRun
from amerce.letters.models import Letter, PrintBatch
from amerce.network.models import NetworkMember
from amerce.notices.models import NotificationProfile, ProfileOwner
from amerce.patrons.models import UserGroup
from amerce.webhooks.models import WebhookEndpoint
from tests.api.programs import Program
from tests.bursar.desk import Clerk, payments
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
COUNTS: dict[str, int] = json.loads((Path(__file__).parent / "query_counts.json").read_text())
PATHS = {
    "patron_record": "/patron-services/{}/",
    "patron_record_fees": "/patron-services/{}/?tab=fees",
    "patron_fees": "/patrons/{}/fees/",
    "payment_new": "/patrons/{}/payments/new/",
    "patron_network": "/patrons/{}/network/",
}
CONFIGURATION = {
    "configuration": "/configuration/",
    "configuration_user_groups": "/configuration/user-groups/",
    "configuration_notification_profiles": "/configuration/notification-profiles/",
    "configuration_staff_accounts": "/configuration/staff-accounts/",
    "configuration_webhooks": "/configuration/webhooks/",
    "configuration_network": "/configuration/network/",
    "configuration_letter_kinds": "/configuration/letters/",
    "configuration_letter_words": "/configuration/letters/OVERDUE_1/en/",
}
BULK_WAIVING = {
    "bulk_waiving": "/user-management/bulk-fine-waiving/?threshold=1000&groups=all&types=all",
    "bulk_waiving_preview": "/user-management/bulk-fine-waiving/preview/?threshold=1000&groups=all&types=all",
}
JOBS = {
    "jobs_scheduled": "/jobs/?tab=scheduled",
    "jobs_running": "/jobs/?tab=running",
    "jobs_history": "/jobs/?tab=history",
    "configuration_fulfillment_jobs": "/configuration/fulfillment-jobs/",
}
BURSAR = {
    "bursar": "/bursar/",
    "bursar_of_profile": "/bursar/profiles/{profile}/",
    "bursar_run": "/bursar/runs/{run}/",
    "bursar_file_of_payments": "/bursar/files/{file}/",
    "bursar_undo_import": "/bursar/files/{file}/undo/",
    "bursar_files": "/bursar/files/",
    "bursar_unmatched": "/bursar/files/unmatched/",
    "bursar_ticked_off": "/bursar/files/unmatched/?lines=ticked",
    "bursar_tick": "/bursar/files/lines/{line}/tick/",
    "bursar_find": "/bursar/find/?q=NOBODY",
}
PROGRAMS = {
    "api_fees": ("get", "/users/{}/fees"),
    "api_fee": ("get", "/users/{}/fees/{}"),
    "api_pay": ("post", "/users/{}/fees/{}?op=pay&amount=1&method=CASH&external_transaction_id=T-1"),
    "api_user": ("get", "/users/{}"),
    "api_users": ("get", "/users?q=last_name~doe&expand=full"),
    "api_loans": ("get", "/users/{}/loans"),
}
LETTERS = {
    "letters": "/letters/",
    "letter_printing": "/letters/print/",
    "patron_attachments": "/patrons/{}/attachments/",
}
LIMIT = 15


@pytest.fixture
def client(library: Library) -> Client:
    client = Client()
    client.force_login(library.new_account("rokafor", "circulation_desk_manager"))
    client.post("/location/", {"place": f"desk-{library.desk.pk}"})
    client.post("/patron-services/", {"typed": "jdoe"})
    return client


def _counts(client: Client, library: Library, paths: dict[str, str] = PATHS) -> dict[str, int]:
    found = {}
    for name, path in paths.items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path.format(library.patron.pk)).status_code == 200
        found[name] = len(queries)
    return found


def _add_fees(library: Library, number: int) -> None:
    """Straight into the table: what the pages read, not what the ledger holds."""
    other = FeeType.objects.get(institution=library.institution, code="OTHER")
    Fee.objects.bulk_create(
        [
            Fee(
                institution=library.institution,
                patron=library.patron,
                type=other,
                owner=library.library,
                original_minor=100,
                remaining_minor=100,
                status_at=NOON,
                created_at=NOON,
            )
            for _each in range(number)
        ],
        batch_size=1000,
    )


def test_pages_cost_what_is_written_down_with_ten_fees_and_with_ten_thousand(client: Client, library: Library) -> None:
    library.charge(100)
    _add_fees(library, 9)
    few = _counts(client, library)
    _add_fees(library, 9_990)
    many = _counts(client, library)

    assert few == {name: COUNTS[name] for name in PATHS}
    assert many == few
    assert max(few.values()) <= LIMIT


def test_pages_of_the_configuration_cost_the_same_with_ten_rows_and_with_two_hundred(library: Library) -> None:
    client = Client()
    client.force_login(library.new_account("admin", "general_system_administrator"))
    _add_rows(library, 0, 10)
    few = _counts(client, library, CONFIGURATION)
    _add_rows(library, 10, 200)
    many = _counts(client, library, CONFIGURATION)

    assert few == {name: COUNTS[name] for name in CONFIGURATION}
    assert many == few
    assert {*PATHS, *CONFIGURATION, *BULK_WAIVING, *JOBS, *BURSAR, *PROGRAMS, *LETTERS} == COUNTS.keys()


def test_the_preview_of_a_bulk_waiver_costs_the_same_with_ten_fees_and_with_ten_thousand(library: Library) -> None:
    client = Client()
    client.force_login(library.new_account("umanager", "user_manager"))
    library.charge(100)
    _add_fees(library, 9)
    few = _counts(client, library, BULK_WAIVING)
    _add_fees(library, 9_990)
    many = _counts(client, library, BULK_WAIVING)

    assert few == {name: COUNTS[name] for name in BULK_WAIVING}
    assert many == few


def test_the_pages_of_jobs_cost_the_same_with_ten_runs_and_with_ten_thousand(library: Library) -> None:
    client = Client()
    client.force_login(library.new_account("admin", "general_system_administrator"))
    _add_runs(library, 10)
    few = _counts(client, library, JOBS)
    _add_runs(library, 9_990)
    many = _counts(client, library, JOBS)

    assert few == {name: COUNTS[name] for name in JOBS}
    assert many == few


def test_the_pages_of_letters_cost_the_same_with_ten_letters_and_with_two_thousand(
    client: Client, library: Library
) -> None:
    _add_letters(library, 0, 10)
    few = _counts(client, library, LETTERS)
    _add_letters(library, 10, 2_000)
    many = _counts(client, library, LETTERS)

    assert few == {name: COUNTS[name] for name in LETTERS}
    assert many == few


def _add_letters(library: Library, first: int, end: int) -> None:
    """A third of them need a hand, a third wait to be printed, a third are in files that were made."""
    institution = library.institution
    printer = Printer.objects.get_or_create(institution=institution, code="P", defaults={"name": "P", "queue": "lp"})[0]
    files = PrintBatch.objects.bulk_create(
        PrintBatch(institution=institution, printer=printer, created_at=NOON, created_by="admin", pdf=b"%PDF-")
        for _number in range(first, end, 30)
    )
    Letter.objects.bulk_create(
        Letter(
            institution=institution,
            patron=library.patron,
            kind="OVERDUE_1",
            channel="print" if number % 3 else "email",
            key=f"run:{number}",
            state="waiting" if number % 3 else "no_address",
            language="en",
            printer=printer if number % 3 else None,
            batch=files[(number - first) // 30] if number % 3 == 2 else None,
            subject="Overdue",
            next_at=NOON,
            created_at=NOON,
            body=b"Overdue",
        )
        for number in range(first, end)
    )


def test_the_pages_of_the_bursar_cost_the_same_with_one_run_and_with_forty(
    library: Library, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    client, clerk = Client(), Clerk(library, Desk(library))
    client.force_login(library.new_account("clerk", "bursar_clerk"))
    fee, profile = library.charge(100), clerk.profile(imports_per_line=True)
    clerk.export(profile)
    run = clerk.last_run()
    lines = [(fee.pk, "1.00"), ("NOBODY", "1.00"), ("NOBODY-2", "1.00")]
    clerk.put(profile, "paid.xml", payments(*lines, number=run.number))
    clerk.take_in(profile)
    other = BursarPayment.objects.get(transaction_id="NOBODY-2")
    tick_off(actor=clerk.clerk, at=NOON, line_id=other.pk, note="Paid back")
    line = BursarPayment.objects.get(transaction_id="NOBODY")
    rows = {"run": run.pk, "profile": profile.pk, "file": clerk.last_file().pk, "line": line.pk}
    paths = {name: path.format(**rows) for name, path in BURSAR.items()}
    few = _counts(client, library, paths)
    for number in range(40):
        BursarRun.objects.create(
            institution=library.institution,
            profile=profile,
            number=10**6 + number,
            awaits_payment=True,
            started_by=f"person{number}",
            started_at=NOON,
        )
    _add_lines(run, fee, 200)
    many = _counts(client, library, paths)

    assert few == {name: COUNTS[name] for name in BURSAR}
    assert many == few


def _add_lines(run: BursarRun, fee: Fee, number: int) -> None:
    BursarLine.objects.bulk_create(
        BursarLine(
            institution_id=run.institution_id,
            run=run,
            patron_id=fee.patron_id,
            fee=fee,
            state="dropped",
            reason="changed",
            selected_minor=100,
        )
        for _each in range(number)
    )


def _add_runs(library: Library, number: int) -> None:
    """Most of them ended, a few that wait or go on, each by somebody else."""
    by_hand = {"institution": library.institution, "queued_at": NOON, "started_at": NOON}
    JobRun.objects.bulk_create(
        [
            JobRun(
                **by_hand,
                name="overdue-fines",
                state="done" if each % 100 else "queued",
                ended_at=NOON,
                started_by=f"person{each}",
                counts={"looked_at": each, "total_minor": 100},
            )
            for each in range(number)
        ],
        batch_size=1000,
    )


def _add_rows(library: Library, first: int, end: int) -> None:
    """Groups, profiles and accounts, each with who changed it last, and the accounts with a role in the library."""
    institution, by = library.institution, {"updated_by": "admin", "updated_at": NOON}
    UserGroup.objects.bulk_create(
        UserGroup(institution=institution, code=f"G{number}", label=f"Group {number}", **by)
        for number in range(first, end)
    )
    profiles = NotificationProfile.objects.bulk_create(
        NotificationProfile(institution=institution, name=f"Profile {number}", minimum_minor=100, **by)
        for number in range(first, end)
    )
    ProfileOwner.objects.bulk_create(
        ProfileOwner(institution=institution, profile=each, library=library.library) for each in profiles
    )
    numbers = range(first, end)
    WebhookEndpoint.objects.bulk_create(
        WebhookEndpoint(institution=institution, name=f"Endpoint {number}", url="https://hooks.example/", **by)
        for number in numbers
    )
    NetworkMember.objects.bulk_create(
        NetworkMember(institution=institution, name=f"Member {number}", kind="local", other=institution, **by)
        for number in numbers
    )
    accounts = Account.objects.bulk_create(
        Account(institution=institution, username=f"staff{number}", name=f"Staff {number}", **by)
        for number in range(first, end)
    )
    RoleAssignment.objects.bulk_create(
        RoleAssignment(institution=institution, account=each, role="auditor", library=library.library)
        for each in accounts
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_call_of_a_program_costs_no_more_than_written_down(library: Library, name: str) -> None:
    method, path = PROGRAMS[name]
    fees = [library.charge(500) for _ in range(5)]
    program = Program.of(library)
    program.get("/users/jdoe")  # which keeps when the key was used
    found = {}
    for number in (0, 1):
        with CaptureQueriesContext(connection) as queries:
            called = path.format("jdoe", fees[number].pk).replace("T-1", f"T-{number}")
            assert program.call(method, called).status_code == 200
        found[number] = len([each for each in queries if not each["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE"))])
        for _ in range(20):
            library.charge(100)

    assert found[0] == found[1] == COUNTS[name], found
