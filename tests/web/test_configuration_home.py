"""The first page of the configuration: its cards, who changed what last, and finding a setting by its words."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.access.privileges import ROLES
from amerce.circulation.block_rules import RuleFacts, save_rule
from amerce.institutions.code_tables import add_code
from amerce.web.configuration_search import FORMS, ON_THE_PAGE
from amerce.web.doors import DOORS
from tests.circulation.configuring import ADMINISTRATOR, administrator
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
PATH = "/configuration/"
SYSTEM = "general_system_administrator"


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in(SYSTEM)


def found(client: Client, typed: str) -> list[tuple[str, str]]:
    return [(each.title, each.path) for each in client.get(PATH, {"q": typed}).context["found"]]


def test_every_door_can_be_searched() -> None:
    assert set(FORMS) == {each.url_name for each in DOORS}
    assert set(FORMS) >= ON_THE_PAGE


def test_cards_stand_in_groups_with_who_changed_them_last(client, library: Library, other_library: Library):
    save_rule(actor=administrator(library), at=NOON, facts=RuleFacts(amount_minor=1000))
    save_rule(actor=administrator(other_library), at=NOON, facts=RuleFacts(amount_minor=1000))
    clerk = library.staff("user_administrator")
    add_code(actor=clerk, at=NOON, table="NoteTypes", code="NEW", label="New")

    groups = client.get(PATH).context["groups"]

    assert [title for _name, title, _cards in groups][:3] == ["Patron Charges", "Circulation", "People"]
    cards = {card.door.url_name: card for _name, _title, cards in groups for card in cards}
    assert (cards["block-rules"].by, cards["block-rules"].at) == ("Main-Fulfillment_Administrator", NOON)
    assert cards["code-tables"].by == "Main-User_Administrator"
    assert cards["waive-reasons"].at is None, "another table was changed"


@pytest.mark.parametrize(
    ("typed", "title", "path"),
    [
        ("overpayment", "Overpayment", "/configuration/institution-settings/#id_overpayment"),
        ("OVERPAYMENT", "Overpayment", "/configuration/institution-settings/#id_overpayment"),
        ("vat", "VAT Percentage", "/configuration/fee-types/"),
        ("grace", "Grace period", "/configuration/terms-of-use/"),
        (
            "close_paid_lost_loan",
            "Close a lost loan once all it cost is settled",
            "/configuration/fulfillment-settings/#id_close_paid_lost_loan",
        ),
        ("Fine Fee Transaction Reason", "Reasons for Waiving Fines/Fees", "/configuration/waive-reasons/"),
        ("default user gr", "Default user group", "/configuration/institution-settings/#id_default_user_group_id"),
        ("e-mail types", "E-mail Types", "/configuration/code-tables/UserEmailTypes/"),
        ("prínter queue", "Or its queue on the server", "/configuration/printers/"),
    ],
)
def test_a_setting_is_found_by_its_words(client, typed, title, path):
    assert (title, path) in found(client, typed)


def test_a_page_comes_before_its_settings(client):
    assert found(client, "printers")[0] == ("Printers", "/configuration/printers/")


@pytest.mark.parametrize("typed", ["verpayment", "overpayment nonsense", "%", "<script>", "\0", "a" * 5000])
def test_what_is_nowhere_is_said(client, typed):
    response = client.get(PATH, {"q": typed})

    assert response.status_code == 200
    assert "Nothing found" in response.content.decode() and "<script>" not in response.content.decode()


def test_how_many_were_found_is_said(client):
    count = len(found(client, "overdue"))

    assert count > 1
    assert f"{count} found" in client.get(PATH, {"q": "overdue"}).content.decode()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_what_a_person_may_open_is_found(sign_in, library, role):
    client = sign_in(role)
    response = client.get(PATH, {"q": "a"})
    if response.status_code == 403:
        return

    for each in {path.partition("#")[0] for letter in "acdeglopuw" for _title, path in found(client, letter)}:
        assert client.get(each, follow=True).status_code == 200, each
    seen = dict(found(client, "overpayment"))
    assert bool(seen) == (role == SYSTEM)


def test_a_field_that_is_found_stands_on_its_page(client):
    for door in DOORS:
        if door.url_name in ON_THE_PAGE:
            page = client.get(door.path).content.decode()
            for form in FORMS[door.url_name]:
                for name in form.base_fields:
                    assert f'id="id_{name}"' in page


def test_who_may_not_open_everything_is_shown_what_they_may(sign_in):
    titles = {title for _name, title, _cards in sign_in(ADMINISTRATOR).get(PATH).context["groups"]}

    assert titles == {"Circulation", "People"}
