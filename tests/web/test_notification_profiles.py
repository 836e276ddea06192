"""Configuration > Fines/Fees Notification Profiles."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from amerce.charges.models import FeeType
from amerce.institutions.models import Printer
from amerce.notices.models import NotificationProfile
from amerce.notices.profiles import INSTITUTION, ProfileFacts
from amerce.patrons.models import UserGroup
from tests.circulation.configuring import nothing_configured
from tests.notices.noticing import AS_OF, new_profile
from tests.web.stamped import opened, send

pytestmark = pytest.mark.django_db
LIST = "/configuration/notification-profiles/"
TYPED = {"name": "First reminder", "minimum_minor": "10", "send_format": "send"}


@pytest.fixture
def client(sign_in: Callable[..., Client]):  # type: ignore[no-untyped-def]
    with time_machine.travel(AS_OF, tick=False):
        yield sign_in("user_administrator")


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def only() -> NotificationProfile:
    return NotificationProfile.objects.get()


def test_the_form_has_the_fields_of_the_seed_in_its_order(client):
    page = words(client.get(f"{LIST}new/"))

    assert "<h1>Fines/Fees Notification Profile</h1>" in page
    labels = [
        "Name",
        "Description",
        "Minimum amount for user",
        "Maximum amount for user",
        "User group",
        "Skip Patrons with Loans",
        "Only Active Patrons",
        "Fines/fees owner",
        "Fines/fees type",
        "Fines/fees Created Before (days)",
        "Fines/fees Created After (days)",
        "Create Notification Fee",
        "Notification Fee Amount",
        "Letter send format",
        "Printer",
    ]
    places = [page.index(f">{label}<") for label in labels]
    assert places == sorted(places)
    for choice in ("Email/SMS", "Print", "Both"):
        assert f"<span>{choice}</span>" in page
    assert ">Save</button>" in page


def test_the_list_is_empty_until_a_profile_is_added(client):
    page = words(client.get(LIST))
    assert "<h1>Fines/Fees Notification Profiles List</h1>" in page and "No profiles" in page
    assert ">Add Fines/Fees Notification Profile</a>" in page

    answer = client.post(f"{LIST}new/", TYPED, follow=True)

    assert "Added: First reminder." in words(answer)
    assert only().minimum_minor == 1000
    page = words(answer)
    assert '<th scope="col">Create Notification Fee</th>' in page
    for action in (">Edit</a>", ">Duplicate</a>", ">Preview</a>", ">Disable</button>", ">Delete</a>"):
        assert action in page
    assert "$10.00 and above" in page and "All libraries" in page and "user_administrator-account" in page
    assert "also who was told by an earlier run" in page


def test_every_field_is_saved_as_it_was_typed(client, library):
    printer = Printer.objects.create(institution=library.institution, code="P", name="Mail room", queue="lp").pk
    group = UserGroup.objects.get(institution=library.institution, code="22").pk
    other = FeeType.objects.get(institution=library.institution, code="OTHER").pk

    client.post(
        f"{LIST}new/",
        {
            "name": "Last",
            "description": "Before the bursar",
            "minimum_minor": "0.45",
            "maximum_minor": "100",
            "groups": [group],
            "skips_borrowers": "on",
            "only_active": "on",
            "owners": [library.library.pk, INSTITUTION],
            "types": [other],
            "created_before_days": "30",
            "created_after_days": "50",
            "creates_fee": "on",
            "fee_minor": "2.50",
            "send_format": "both",
            "printer_id": printer,
        },
    )

    assert ProfileFacts.of(only()) == ProfileFacts(
        name="Last",
        description="Before the bursar",
        minimum_minor=45,
        maximum_minor=10_000,
        groups=(group,),
        skips_borrowers=True,
        only_active=True,
        owners=(INSTITUTION, library.library.pk),
        types=(other,),
        created_before_days=30,
        created_after_days=50,
        creates_fee=True,
        fee_minor=250,
        send_format="both",
        printer_id=printer,
    )
    page = words(client.get(f"{LIST}{only().pk}/"))
    assert 'value="0.45"' in page and 'value="100.00"' in page and 'value="2.50"' in page
    assert "Create Notification Fee" in page and "<strong>Added</strong>" in page
    assert "Yes, $2.50" in words(client.get(LIST)) and "2 owners" in words(client.get(LIST))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "This cannot be empty."),
        ({"minimum_minor": ""}, "Write an amount above 0."),
        ({"minimum_minor": "0"}, "Write an amount above 0."),
        ({"minimum_minor": ".45"}, "0.45"),
        ({"minimum_minor": "-1"}, "id_minimum_minor_error"),
        ({"minimum_minor": "10,5"}, "id_minimum_minor_error"),
        ({"minimum_minor": "0.005"}, "id_minimum_minor_error"),
        ({"maximum_minor": "10"}, "The maximum has to be above the minimum."),
        ({"groups": ["999999"]}, "Choose one from the list."),
        ({"owners": ["x"]}, "Choose one from the list."),
        ({"types": ["999999"]}, "Choose one from the list."),
        ({"created_before_days": "-1"}, "A whole number from 0 to 36500."),
        ({"created_before_days": "x"}, "A whole number from 0 to 36500."),
        ({"created_after_days": "0"}, "A whole number from 1 to 36500."),
        (
            {"created_before_days": "30", "created_after_days": "31"},
            "Nothing is owed for more than 30 days and less than this. Write 32 or more.",
        ),
        ({"creates_fee": "on"}, "Write an amount above 0."),
        ({"creates_fee": "on", "fee_minor": "0"}, "Write an amount above 0."),
        ({"creates_fee": "on", "fee_minor": "x"}, "id_fee_minor_error"),
        ({"send_format": ""}, "Choose one from the list."),
        ({"send_format": "print"}, "Choose the printer on which the letters are printed."),
    ],
)
def test_a_field_says_what_is_wrong_keeps_what_was_typed_and_saves_nothing(client, library, typed, sentence):
    with nothing_configured():
        answer = client.post(f"{LIST}new/", {**TYPED, **typed})

    assert answer.status_code == 422
    page = words(answer)
    assert sentence.replace("'", "&#x27;") in page
    assert "Nothing was saved. What has to change is said at each field." in page
    assert NotificationProfile.objects.count() == 0
    for name, value in typed.items():
        if name in {"minimum_minor", "maximum_minor", "created_before_days", "fee_minor"} and value:
            assert f'name="{name}" value="{value}"' in page


def test_every_mistake_is_told_at_once_at_its_field(client):
    typed = {"name": "", "minimum_minor": "", "maximum_minor": "0", "creates_fee": "on", "send_format": "both"}

    with nothing_configured():
        answer = client.post(f"{LIST}new/", typed)

    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert set(errors) == {"name", "minimum_minor", "maximum_minor", "fee_minor", "printer_id"}
    assert all(len(each) == 1 for each in errors.values())


def test_what_is_not_shown_is_not_looked_at(client):
    client.post(f"{LIST}new/", {**TYPED, "fee_minor": "nonsense", "printer_id": "999999"})

    assert (only().creates_fee, only().fee_minor, only().printer_id) == (False, None, None)


def test_the_default_user_group_is_named_where_no_group_is_ticked(client, library):
    assert "None ticked: all users" in words(client.get(f"{LIST}new/"))
    library.institution.default_user_group = UserGroup.objects.get(institution=library.institution, code="58")
    library.institution.save()

    assert "None ticked: the default user group, Library Guest." in words(client.get(f"{LIST}new/"))


def test_a_profile_is_changed_with_its_change_told_and_the_same_again_is_none(client, library):
    profile = new_profile(library, name="First reminder", minimum_minor=1000)
    path = f"{LIST}{profile.pk}/"

    send(client, path, {**TYPED, "minimum_minor": "20"})
    again = send(client, path, {**TYPED, "minimum_minor": "20"}, follow=True)

    assert only().minimum_minor == 2000
    assert "Nothing was changed." in words(again)
    page = words(client.get(path))
    assert "<del>$10.00</del>" in page and "<ins>$20.00</ins>" in page


def test_a_profile_is_disabled_and_enabled_from_its_row_and_the_page_tells_it(client, library):
    profile = new_profile(library, name="First reminder")

    off = words(client.post(f"{LIST}{profile.pk}/disable/", follow=True))
    assert "Disabled: First reminder. No run follows it." in off and ">Enable</button>" in off
    on = words(client.post(f"{LIST}{profile.pk}/enable/", follow=True))

    assert "Enabled: First reminder. The next run follows it." in on and only().is_enabled
    told = words(client.get(f"{LIST}{profile.pk}/"))
    assert "<dt>Enabled</dt>" in told and "<del>no</del>" in told


def test_a_profile_is_deleted_once_it_is_confirmed(client, library):
    profile = new_profile(library, name="First reminder")
    path = f"{LIST}{profile.pk}/delete/"
    page = words(client.get(path))
    assert "Delete First reminder?" in page and NotificationProfile.objects.count() == 1

    answer = client.post(path, opened(client, path), follow=True)

    assert "Deleted: First reminder." in words(answer)
    assert NotificationProfile.objects.count() == 0
    assert client.get(path).status_code == 404


def test_a_profile_is_duplicated_into_a_form_that_saves_another(client, library):
    profile = new_profile(library, name="First reminder", minimum_minor=45, creates_fee=True, fee_minor=100)

    page = words(client.get(f"{LIST}new/?copy={profile.pk}"))

    assert 'value="First reminder (copy)"' in page and 'value="0.45"' in page and 'value="1.00"' in page
    assert NotificationProfile.objects.count() == 1
    assert client.get(f"{LIST}new/?copy=999999").status_code == 404
    assert client.get(f"{LIST}new/?copy=x").status_code == 200
    long = new_profile(library, name="x" * 200)
    assert f'value="{"x" * 193} (copy)"' in words(client.get(f"{LIST}new/?copy={long.pk}"))


def test_the_figures_live_with_what_is_typed_and_save_nothing(client, library):
    library.charge(1500)
    library.charge(3000, patron=library.new_patron("other"))

    with nothing_configured():
        both = words(client.post(f"{LIST}new/", {**TYPED, "estimate": "1"}))
        one = words(client.post(f"{LIST}new/", {**TYPED, "minimum_minor": "20", "estimate": "1", "name": ""}))
        none = words(client.post(f"{LIST}new/", {**TYPED, "minimum_minor": "90", "estimate": "1"}))
        fee = words(client.post(f"{LIST}new/", {**TYPED, "creates_fee": "on", "fee_minor": "2.50", "estimate": "1"}))

    assert "This profile would notify 2 patrons, total $45.00." in both
    assert "This profile would notify 1 patron, total $30.00." in one
    assert "This profile would notify nobody." in none
    assert "It would charge $5.00 in notification fees." in fee
    assert NotificationProfile.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"minimum_minor": ".45"}, "<li>Minimum amount for user:"),
        ({"minimum_minor": ""}, "<li>Minimum amount for user: Write an amount above 0."),
        ({"maximum_minor": "5"}, "<li>Maximum amount for user: The maximum has to be above the minimum.</li>"),
    ],
)
def test_without_figures_it_says_what_has_to_change(client, typed, sentence):
    answer = client.post(f"{LIST}new/", {**TYPED, **typed, "estimate": "1"})

    assert answer.status_code == 200 and sentence in words(answer)


def test_a_profile_of_another_institution_is_not_found(client, other_library):
    theirs = new_profile(other_library)

    for path in ("", "delete/", "preview/", "messages.csv"):
        assert client.get(f"{LIST}{theirs.pk}/{path}").status_code == 404
    for path in ("enable/", "disable/"):
        assert client.post(f"{LIST}{theirs.pk}/{path}").status_code == 404
