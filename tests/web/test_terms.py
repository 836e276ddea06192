"""Configuration > Terms of Use."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from amerce.circulation.models import OverdueNotice, TermsOfUse
from amerce.patrons.models import UserGroup
from tests.circulation.configuring import ADMINISTRATOR, item_policy, nothing_configured
from tests.circulation.lending import lend
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
LIST, NEW = "/configuration/terms-of-use/", "/configuration/terms-of-use/new/"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in(ADMINISTRATOR)


def typed(**said: Any) -> dict[str, Any]:
    """The form as a person fills it in."""
    plain = {
        "name": "Faculty", "group": "", "item_policy": "", "library": "",
        "loan_length": "28", "loan_unit": "day", "renewals_limit": "3",
        "overdue_rate_minor": "0.50", "overdue_unit": "day", "grace_number": "1", "grace_unit": "1440",
        "overdue_maximum_minor": "10.00", "charges_closed_time": "on", "recall_rate_minor": "", "recall_length": "7",
        "uses_item_price": "on", "replacement_minor": "50", "process_fee_minor": "0", "refund_ratio_bp": "87.5",
        "refund_window_days": "", "overdue_when_found": "until_lost", "days_to_lost": "", "save": "1",
    }  # fmt: skip
    return {**plain, **said}


def group(library: Library) -> UserGroup:
    return UserGroup.objects.get(institution=library.institution, code="22")


def general() -> TermsOfUse:
    return TermsOfUse.objects.get(group=None, item_policy="", library=None)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_list_says_in_words_what_each_costs_and_who_changed_it(client, library):
    client.post(NEW, typed(group=group(library).pk))

    page = text(client.get(LIST))

    assert "<title> Terms of Use · Configuration · Amerce</title>" in page
    assert page.index("Standard loan") < page.index("Faculty</a>"), "the most general first"
    for words in ("28 days", "3 renewals", "$0.50 per day", "after a grace of 1 day", "at most $10.00", "$50.00"):
        assert words in page
    assert "fulfillment_administrator-account" in page


def test_new_terms_keep_everything_that_was_typed(client, library):
    response = client.post(
        NEW, typed(group=group(library).pk, notice_1_days="7", notice_2_days="14", notice_2_fee="1.5")
    )

    row = TermsOfUse.objects.get(name="Faculty")
    assert (response.status_code, response["Location"]) == (302, LIST)
    assert (row.group_id, row.grace_minutes, row.overdue_rate_minor, row.overdue_maximum_minor) == (
        group(library).pk, 1440, 50, 1000,
    )  # fmt: skip
    assert (row.refund_ratio_bp, row.refund_window_days, row.days_to_lost, row.recall_rate_minor) == (
        8750,
        None,
        None,
        0,
    )
    assert list(OverdueNotice.objects.values_list("number", "after_days", "fee_minor")) == [(1, 7, 0), (2, 14, 150)]


def test_the_form_opens_with_what_the_terms_say(client, library):
    client.post(NEW, typed(group=group(library).pk, grace_number="90", grace_unit="1", notice_1_days="7"))

    page = text(client.get(f"{LIST}{TermsOfUse.objects.get(name='Faculty').pk}/"))

    for field, value in {
        "name": "Faculty", "grace_number": "90", "overdue_rate_minor": "0.50", "refund_ratio_bp": "87.5",
        "notice_1_days": "7",
    }.items():  # fmt: skip
        assert f'name="{field}" value="{value}"' in page
    assert '<option value="1" selected>minutes</option>' in page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"overdue_rate_minor": "10,5"}, "Write the amount in digits with a point for the decimals, like 12.50."),
        ({"overdue_rate_minor": ".45"}, "Write 0.45, with the leading 0."),
        ({"overdue_rate_minor": "-1"}, "The amount must be above zero."),
        ({"replacement_minor": "0.005"}, "USD has at most 2 decimals."),
        ({"replacement_minor": "39007000000009"}, "An amount is at most $100,000.00. Was a barcode scanned"),
        ({"refund_ratio_bp": "101"}, "Write a percentage from 0 to 100 in digits, like 87.5."),
        ({"refund_ratio_bp": "10,5"}, "Write a percentage from 0 to 100 in digits, like 87.5."),
        ({"loan_length": "0"}, "A whole number from 1 to 1000."),
        ({"loan_length": "two"}, "A whole number from 1 to 1000."),
        ({"loan_unit": "month"}, "Choose one from the list."),
        ({"grace_number": "90", "grace_unit": "1440"}, "A whole number from 0 to 86400."),
        ({"name": " "}, "This cannot be empty."),
        ({"name": "standard loan"}, "There is a “standard loan” already."),
        ({"group": "999999"}, "Choose one from the list."),
        ({"notice_2_days": "7"}, "Fill the notices from the first one on."),
        ({"notice_1_days": "7", "notice_2_days": "3"}, "Each notice comes later than the one before it."),
        ({"notice_1_fee": "3"}, "Type the day for this fee as well."),
        ({}, "“Standard loan” holds for the same group, item policy and library already."),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_nothing_is_saved(client, library, said, sentence):
    if said:
        said = {"group": group(library).pk, **said}

    with nothing_configured():
        response = client.post(NEW, typed(**said))

    assert response.status_code == 422
    assert sentence in text(response)
    assert 'name="recall_length" value="7"' in text(response), "what was typed stays"


def test_no_loan_concerned_saves_at_once(client, library):
    lend(library)
    UserGroup.objects.create(institution=library.institution, code="EMPTY", label="Nobody")
    nobody = UserGroup.objects.get(code="EMPTY")

    assert client.post(NEW, typed(group=nobody.pk)).status_code == 302


def test_loans_that_are_out_are_shown_before_saving_and_saved_when_seen(client, library):
    lend(library, due_at=timezone.now() - timedelta(days=5, minutes=1))
    terms = general()
    change = typed(name="Standard loan", overdue_rate_minor="1.00")

    with nothing_configured():
        first = send(client, f"{LIST}{terms.pk}/", change)
    page = text(first)
    seen = first.context["previewed"]

    assert first.status_code == 200
    assert "Nothing is saved yet: loans that are out are concerned." in page
    assert "One loan changes" in page
    assert "$1.50" in page and "$6.00" in page and "$4.50" in page
    with nothing_configured():  # another amount than the one that was shown is shown first
        again = send(client, f"{LIST}{terms.pk}/", {**change, "overdue_rate_minor": "2.00", "previewed": seen})
    assert again.status_code == 200
    assert send(client, f"{LIST}{terms.pk}/", {**change, "previewed": seen}).status_code == 302
    terms.refresh_from_db()
    assert terms.overdue_rate_minor == 100


def test_preview_answers_in_its_place_and_saves_nothing(client, library):
    lend(library, due_at=timezone.now() - timedelta(days=5, minutes=1))
    change = typed(name="Standard loan", overdue_rate_minor="1.00")
    del change["save"]

    with nothing_configured():
        response = client.post(f"{LIST}{general().pk}/", {**change, "preview": "1"}, headers={"HX-Request": "true"})

    page = text(response)
    assert "<html" not in page
    assert "What this would do to loans that are out" in page
    assert "Nothing is saved yet" not in page


def test_preview_of_what_cannot_be_read_says_what_has_to_change(client):
    response = client.post(NEW, {**typed(overdue_rate_minor="10,5"), "preview": "1"}, headers={"HX-Request": "true"})

    assert response.status_code == 422
    assert "Overdue fine: Write the amount in digits" in text(response)


def test_the_tester_says_which_terms_apply_and_why(client, library):
    item_policy(library, "SHORT", "Short loan")
    client.post(NEW, typed(group=group(library).pk))
    client.post(NEW, typed(name="Short", item_policy="SHORT"))

    page = text(client.get(LIST, {"group": group(library).pk, "item_policy": "SHORT", "library": library.library.pk}))
    plain = text(client.get(LIST, {"group": "", "item_policy": "", "library": library.library.pk}))

    answer = page[page.index('class="answer"') :]
    assert answer.index("Short</a>") < answer.index("Faculty</a>") < answer.index("Standard loan</a>")
    assert "They name Short loan, which is more specific than the others that match:" in answer
    assert "These terms are for everybody, and none that match name more." in plain


@pytest.mark.parametrize("asked", [{"library": "x"}, {"library": "99999999999999999999"}, {"group": "-1"}])
def test_the_tester_ignores_what_is_not_there(client, asked):
    assert client.get(LIST, asked).status_code == 200


def test_deleting_asks_first_and_refuses_to_leave_loans_without(client, library):
    lend(library, due_at=timezone.now() - timedelta(days=5))
    terms = general()

    asked = text(client.get(f"{LIST}{terms.pk}/delete/"))
    with nothing_configured():
        refused = send(client, f"{LIST}{terms.pk}/delete/")

    assert "Delete Standard loan?" in asked
    assert refused.status_code == 422
    assert "1 loan that is out would have no terms of use" in text(refused)


def test_deleted_terms_are_gone(client, library):
    client.post(NEW, typed(group=group(library).pk))
    terms = TermsOfUse.objects.get(name="Faculty")

    response = send(client, f"{LIST}{terms.pk}/delete/")

    assert response.status_code == 302
    assert "Deleted: Faculty." in text(client.get(LIST))
    assert client.get(f"{LIST}{terms.pk}/").status_code == 404
