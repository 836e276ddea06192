"""The bursar's files hold the patrons of all libraries: who may see them in one alone sees none of them."""

import pytest
from django.test import Client

from amerce.access.actors import actor_for
from amerce.access.can import NotAllowed
from amerce.access.models import RoleAssignment
from amerce.bursar.finding import fees_called, trail_of
from amerce.bursar.models import BursarImport, BursarPayment, BursarProfile, BursarRun
from amerce.bursar.profiles import profiles_of
from amerce.bursar.reconciliation import (
    get_payment,
    get_run,
    imports_of,
    lines_of,
    reconciled,
    ticked_payments,
    unmatched_payments,
)
from amerce.bursar.run_commands import acknowledge, begin_undo, fetch_file
from amerce.bursar.tick_off import tick_off
from amerce.bursar.totals import totals
from amerce.bursar.undo_import import begin_undo_import, would_undo
from amerce.bursar.undo_tick import undo_tick
from tests.bursar.desk import Clerk, payments
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def exported(settings, tmp_path, library: Library) -> None:
    settings.DATA_DIR = tmp_path
    clerk = Clerk(library, Desk(library))
    clerk.desk.charge(1000)
    profile = clerk.profile(destination="download", folder="", import_folder="in")
    clerk.export(profile)
    clerk.put(profile, "bad.xml", payments(("NOBODY", "1")))
    clerk.take_in(profile)


@pytest.fixture
def account(library: Library):
    account = library.new_account("scoped")
    RoleAssignment.objects.create(
        institution=library.institution, account=account, role="bursar_clerk", library=library.library
    )
    return account


@pytest.mark.parametrize(
    "page",
    [
        "/bursar/", "/bursar/reconciliation.csv", "/bursar/find/?q=1", "/bursar/profiles/{profile}/",
        "/bursar/runs/{run}/", "/bursar/runs/{run}/lines.csv", "/bursar/runs/{run}/undo/", "/bursar/files/",
        "/bursar/files/unmatched/", "/bursar/files/{file}/", "/bursar/files/{file}/lines.csv",
        "/bursar/files/{file}/file/", "/bursar/files/{file}/undo/", "/bursar/files/unmatched/?lines=ticked",
        "/bursar/files/lines/{line}/tick/",
    ],
)  # fmt: skip
def test_no_page_opens(library: Library, account, page: str) -> None:
    client = Client()
    client.force_login(account)
    client.post("/location/", {"place": f"desk-{library.desk.pk}"})
    ids = {
        "run": BursarRun.objects.get().pk,
        "file": BursarImport.objects.get().pk,
        "line": BursarPayment.objects.get().pk,
    }

    response = client.get(page.format(profile=BursarProfile.objects.get().pk, **ids))

    assert response.status_code == 403
    assert 'href="/bursar/"' not in client.get("/").content.decode()


@pytest.mark.parametrize(
    "ask",
    [
        lambda actor, run: profiles_of(actor),
        lambda actor, run: get_run(actor, run.pk),
        lambda actor, run: imports_of(actor),
        lambda actor, run: lines_of(actor),
        lambda actor, run: unmatched_payments(actor),
        lambda actor, run: reconciled(actor, [run]),
        lambda actor, run: totals(actor, None, NOON),
        lambda actor, run: fees_called(actor, "1"),
        trail_of,
        lambda actor, run: fetch_file(actor=actor, at=NOON, run_id=run.pk),
        lambda actor, run: acknowledge(actor=actor, at=NOON, run_id=run.pk),
        lambda actor, run: begin_undo(actor=actor, at=NOON, run_id=run.pk),
        lambda actor, run: ticked_payments(actor),
        lambda actor, run: get_payment(actor, BursarPayment.objects.get().pk),
        lambda actor, run: would_undo(actor, BursarImport.objects.get()),
        lambda actor, run: begin_undo_import(
            actor=actor, at=NOON, import_id=BursarImport.objects.get().pk, reason="A test"
        ),
        lambda actor, run: tick_off(actor=actor, at=NOON, line_id=BursarPayment.objects.get().pk, note="Paid back"),
        lambda actor, run: undo_tick(actor=actor, at=NOON, line_id=BursarPayment.objects.get().pk),
    ],
)
def test_no_query_answers_and_no_command_acts(library: Library, account, ask) -> None:
    with nothing_written(), pytest.raises(NotAllowed):
        ask(actor_for(account, library.place), BursarRun.objects.get())
