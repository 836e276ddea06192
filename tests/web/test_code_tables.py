"""Configuration > Code Tables, Reasons for Waiving Fines/Fees, Payment Methods."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.institutions.models import CodeEntry
from tests.circulation.configuring import nothing_configured
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
REASONS = "/configuration/waive-reasons/"
ROW = "/configuration/code-tables/FineFeeTransactionReason/{}/"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("user_administrator")


@pytest.fixture
def reason(library: Library) -> CodeEntry:
    return CodeEntry.objects.get(institution=library.institution, table="FineFeeTransactionReason", code="ILLNESS")


def text(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def test_a_reason_is_added_renamed_and_deactivated(client, library):
    assert client.post(REASONS, {"code": "STRIKE", "label": "Strike"})["Location"] == REASONS
    row = CodeEntry.objects.get(code="STRIKE")

    send(client, ROW.format(row.pk), {"label": "Public transport strike"})

    row.refresh_from_db()
    assert (row.label, row.is_active) == ("Public transport strike", False)
    page = text(client.get(REASONS))
    assert "<h1>Fine Fee Transaction Reason</h1>" in page and "Public transport strike" in page
    changed, added = client.get(ROW.format(row.pk)).context["changes"]
    assert [(each.label, each.before, each.after) for each in changed.fields] == [
        ("Description", "Strike", "Public transport strike"),
        ("Active", "yes", "no"),
    ]
    assert added.what == "Added"


def test_a_reason_is_restored_after_what_would_change_was_shown(client, reason):
    send(client, ROW.format(reason.pk), {"label": "Was ill", "is_active": "on"})
    assert "Restore to default" in text(client.get(ROW.format(reason.pk)))
    asked = text(client.get(ROW.format(reason.pk) + "restore/"))
    assert "Was ill" in asked and "Illness" in asked

    send(client, ROW.format(reason.pk) + "restore/")

    reason.refresh_from_db()
    assert reason.label == "Illness"
    page = client.get(ROW.format(reason.pk))
    assert page.context["changes"][0].what == "Restored to the default"
    assert "Restore to default" not in text(page).partition("<form")[0]


def test_a_reason_is_removed_after_a_confirmation(client, reason):
    assert "Remove Illness?" in text(client.get(ROW.format(reason.pk) + "remove/"))

    assert send(client, ROW.format(reason.pk) + "remove/")["Location"] == REASONS

    assert "Illness" not in text(client.get(REASONS)).partition("<table")[2]
    assert client.get(ROW.format(reason.pk)).status_code == 404


@pytest.mark.parametrize("action", ["restore/", "remove/"])
def test_what_changed_since_it_was_asked_stays(client, reason, action):
    send(client, ROW.format(reason.pk), {"label": "Was ill", "is_active": "on"})

    with nothing_configured():
        response = client.post(ROW.format(reason.pk) + action, {"stamp": "0" * 64})

    assert response.status_code == 422
    assert "Somebody changed this since the page was made" in text(response)


def test_the_tables_of_people_are_listed_for_who_may(client, sign_in):
    page = text(client.get("/configuration/code-tables/"))
    assert "Identifier Types" in page and "Payment Methods" in page
    assert client.get("/configuration/code-tables/NoteTypes/").status_code == 200

    for path in ("ItemPolicy", "Whatever"):
        assert client.get(f"/configuration/code-tables/{path}/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "", "label": "New"}, "This cannot be empty."),
        ({"code": "illness", "label": "New"}, "There is a “ILLNESS” already."),
        ({"code": "NEW", "label": "illness"}, "There is a “Illness” already."),
    ],
)
def test_what_cannot_be_is_said(client, library, typed, sentence):
    with nothing_configured():
        response = client.post(REASONS, typed)

    assert response.status_code == 422 and sentence in text(response)
