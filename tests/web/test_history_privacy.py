"""Configuration > History and Privacy."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from amerce.circulation.models import Loan, Request
from tests.circulation.configuring import ADMINISTRATOR, nothing_configured
from tests.circulation.keeping import charged_for, note_on, nothing_changes
from tests.circulation.lending import lend
from tests.web.account import words
from tests.web.stamped import send
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
PATH = "/configuration/history-privacy/"
SETTINGS = "/configuration/fulfillment-settings/"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    with time_machine.travel(NOON, tick=False):
        yield sign_in(ADMINISTRATOR)


def returned(library: Library, days_ago: int) -> Loan:
    at = NOON - timedelta(days=days_ago)
    return lend(library, due_at=at, returned_at=at)


def test_it_says_what_the_next_run_would_do_and_does_nothing(client, library, other_library):
    note_on(returned(library, 61))
    charged = returned(library, 181)
    charged_for(charged, library.charge(100, item=charged.item))
    returned(library, 3)
    returned(other_library, 200)
    Request.objects.create(
        institution=library.institution, patron=library.patron, item=charged.item, pickup=library.library,
        placed_at=NOON - timedelta(days=80), closed_at=NOON - timedelta(days=70),
    )  # fmt: skip

    with nothing_changes():
        said = words(client.get(PATH))

    for line in (
        "Returns that lose their patron Jan 1, 2026 1",
        "Returns that keep it for a fine or fee Jan 1, 2026 1",
        "Loan notes erased with them Jan 1, 2026 1",
        "Closed requests that lose their patron Jan 1, 2026 1",
        "Returns removed from the lists Sep 3, 2025 1",
        "Loan notes removed with them Sep 3, 2025 0",
        "Closed requests removed Sep 3, 2025 0",
        "Fees that keep the dates of a removed loan Sep 3, 2025 1",
    ):
        assert line in said


def test_the_days_are_changed_and_the_counts_go_by_them(client, library):
    returned(library, 31)

    said = words(send(client, PATH, {"returns_kept_days": "90", "anonymise_after_days": "30"}, follow=True))

    library.institution.refresh_from_db()
    assert (library.institution.returns_kept_days, library.institution.anonymise_after_days) == (90, 30)
    assert library.institution.close_paid_lost_loan
    assert "Saved. The next run goes by these days." in said
    assert "Returns that lose their patron Jan 31, 2026 1" in said


def test_counts_are_written_as_the_institution_groups_digits(client, library):
    at, item = NOON - timedelta(days=70), library.new_item()
    Request.objects.bulk_create(
        Request(
            institution=library.institution, patron=library.patron, item=item, pickup=library.library,
            placed_at=at, closed_at=at,
        )
        for _each in range(1234)
    )  # fmt: skip

    assert "Closed requests that lose their patron Jan 1, 2026 1,234" in words(client.get(PATH))


def test_changes_are_told_on_the_page_of_their_settings_alone(client, library):
    send(client, PATH, {"returns_kept_days": "1000", "anonymise_after_days": "60"})
    send(client, SETTINGS, {"accrues_nightly": "on", "close_paid_lost_loan": "on"})

    (days,) = client.get(PATH).context["changes"]
    (ticks,) = client.get(SETTINGS).context["changes"]

    assert [(each.label, each.before, each.after) for each in days.fields] == [
        ("Days that returns stay on the lists", "180", "1,000")
    ]
    assert [(each.label, each.before, each.after) for each in ticks.fields] == [
        ("Charge overdue fines every night", "no", "yes")
    ]
    assert "<dt>Days that returns stay on the lists</dt>" in client.get(PATH).content.decode()


@pytest.mark.parametrize("typed", ["0", "3651", "many", ""])
def test_days_that_cannot_be_are_refused(client, typed):
    with nothing_configured():
        response = send(client, PATH, {"returns_kept_days": typed, "anonymise_after_days": "30"})

    assert response.status_code == 422
    assert "A whole number from 1 to 3650." in response.content.decode()


@pytest.mark.parametrize("role", ["circulation_desk_manager", "user_administrator", "auditor"])
def test_who_may_not_configure_fulfillment_sees_nothing(sign_in, library, role):
    assert sign_in(role).get(PATH).status_code == 403
