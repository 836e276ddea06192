"""Configuration > Fulfillment Settings."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.circulation.configuring import ADMINISTRATOR
from tests.web.stamped import send

pytestmark = pytest.mark.django_db
PATH = "/configuration/fulfillment-settings/"
TYPED = {"accrues_nightly": "on"}


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in(ADMINISTRATOR)


def test_settings_are_saved_and_say_who_changed_them(client, library):
    response = send(client, PATH, TYPED, follow=True)

    library.institution.refresh_from_db()
    kept = library.institution
    assert (kept.accrues_nightly, kept.close_paid_lost_loan, kept.overdue_at_lost_loan) == (True, False, False)
    assert (kept.returns_kept_days, kept.anonymise_after_days) == (180, 60)
    shown = " ".join(response.content.decode().split())
    assert response.context["changes"][0].by == "Fulfillment_Administrator-Account"
    assert "<dt>Charge overdue fines every night</dt>" in shown
    assert "Nothing was changed." in send(client, PATH, TYPED, follow=True).content.decode()


def test_the_defaults_are_filled_in_to_be_saved(client, library):
    send(client, PATH, TYPED)
    send(client, "/configuration/history-privacy/", {"anonymise_after_days": 30, "returns_kept_days": 90})

    settings = client.get(f"{PATH}?defaults").context["form"]
    days = client.get("/configuration/history-privacy/?defaults").context["form"]

    assert {each.name: each.value() for each in settings} == {
        "accrues_nightly": False,
        "overdue_at_lost_loan": False,
        "close_paid_lost_loan": True,
    }
    assert {each.name: each.value() for each in days} == {"anonymise_after_days": 60, "returns_kept_days": 180}
    library.institution.refresh_from_db()
    assert library.institution.accrues_nightly and library.institution.returns_kept_days == 90, "not saved yet"
