"""Configuration > Fulfillment Settings."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.circulation.configuring import ADMINISTRATOR, nothing_configured
from tests.web.stamped import send

pytestmark = pytest.mark.django_db
PATH = "/configuration/fulfillment-settings/"
TYPED = {"returns_kept_days": "90", "anonymise_after_days": "30", "accrues_nightly": "on"}


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in(ADMINISTRATOR)


def test_settings_are_saved_and_say_who_changed_them(client, library):
    response = send(client, PATH, TYPED, follow=True)

    library.institution.refresh_from_db()
    kept = library.institution
    assert (kept.accrues_nightly, kept.close_paid_lost_loan, kept.overdue_at_lost_loan) == (True, False, False)
    assert (kept.returns_kept_days, kept.anonymise_after_days) == (90, 30)
    shown = " ".join(response.content.decode().split())
    assert response.context["changes"][0].by == "Fulfillment_Administrator-Account"
    assert "<dt>Days that returns stay on the lists</dt> <dd> <del>180</del>" in shown
    assert "Nothing was changed." in send(client, PATH, TYPED, follow=True).content.decode()


@pytest.mark.parametrize("typed", ["0", "3651", "many", ""])
def test_days_that_cannot_be_are_refused(client, typed):
    with nothing_configured():
        response = send(client, PATH, {**TYPED, "returns_kept_days": typed})

    assert response.status_code == 422
    assert "A whole number from 1 to 3650." in response.content.decode()
