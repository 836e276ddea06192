"""Configuration > Fines/Fees Behavior: the Fine Fee Type Definition table."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.models import FeeType
from tests.circulation.configuring import nothing_configured
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
LIST = "/configuration/fee-types/"
TICKED = {"is_enabled": "on", "is_waivable": "on", "is_manual": "on"}
AS_IT_IS = {**TICKED, "label": "Other", "owner_kind": "library", "vat_rate_bp": "0"}


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("general_system_administrator")


def row(library: Library, code: str = "OTHER") -> FeeType:
    return FeeType.objects.get(institution=library.institution, code=code)


def page_of(library: Library, code: str = "OTHER") -> str:
    return f"{LIST}{row(library, code).pk}/"


def words(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(response.content.decode().split())


def test_the_table_has_the_columns_of_the_seed_and_every_type(client, library):
    shown = words(client.get(LIST))

    columns = [
        "Fine/Fee type", "Waiveable?", "Manual creation?", "Refundable?", "Fine/Fee owner", "VAT Percentage",
        "Updated By", "Last Updated",
    ]  # fmt: skip
    heads = [shown.index(f">{column}</th>") for column in columns]
    assert heads == sorted(heads)
    assert "<h1>Fine Fee Type Definition</h1>" in shown
    assert shown.count("<tr") == 1 + FeeType.objects.filter(institution=library.institution).count() == 28


def test_a_type_is_changed_and_says_by_whom(client, library):
    send(client, page_of(library), {**AS_IT_IS, "vat_rate_bp": "7.75", "owner_kind": "institution"})

    changed = row(library)
    assert (changed.vat_rate_bp, changed.owner_kind) == (775, "institution")
    assert "7.75%" in words(client.get(LIST)) and "general_system_administrator-account" in words(client.get(LIST))
    assert "<del>0%</del>" in words(client.get(page_of(library)))


@pytest.mark.parametrize(
    ("code", "typed", "sentence"),
    [
        ("OTHER", {"vat_rate_bp": "100.01"}, "Write a percentage from 0 to 100 in digits"),
        ("OTHER", {"vat_rate_bp": "7.755"}, "Write a percentage from 0 to 100 in digits"),
        ("OTHER", {"vat_rate_bp": "7,5"}, "Write a percentage from 0 to 100 in digits"),
        ("OTHER", {"vat_rate_bp": "-1"}, "Write a percentage from 0 to 100 in digits"),
        ("OTHER", {"vat_rate_bp": ""}, "This cannot be empty."),
        ("OTHER", {"owner_kind": "nobody"}, "Choose one from the list."),
        ("OTHER", {"label": ""}, "This cannot be empty."),
        ("OTHER", {"label": "locker KEY"}, "There is a “Locker key” already."),
        ("CUSTOMER_DEFINED_01", {"label": ""}, "This cannot be empty."),
    ],
)
def test_what_a_type_cannot_say_is_refused_at_its_field(client, library, code, typed, sentence):
    with nothing_configured():
        response = send(client, page_of(library, code), {**AS_IT_IS, **typed})

    assert response.status_code == 422
    (field,) = typed
    assert response.context["form"].errors[field][0].startswith(sentence)
    assert typed[field] in words(response)


def test_each_field_says_what_its_default_is(client, library):
    shown = words(client.get(page_of(library, "OVERDUEFINE")))

    for sentence in (
        "Its name on every page, receipt and letter, also for fees that are there. Default: Overdue fine.",
        "Whether such a fee can be waived. Default: yes.",
        "No effect on what the system charges by itself. Default: no.",
        "Library: such a fee is added by hand at a circulation desk only. Default: Library.",
        "Fees that are there keep their rate. Default: 0%.",
    ):
        assert sentence in shown


def test_a_credit_is_never_waived_and_holds_no_vat_whatever_is_sent(client, library):
    typed = {**AS_IT_IS, "label": "Credit", "vat_rate_bp": "10"}

    with nothing_configured():
        assert send(client, page_of(library, "CREDIT"), typed).status_code == 302


def test_an_administrator_of_users_sees_names_and_changes_the_rest(sign_in, library):
    client = sign_in("user_administrator")

    send(client, page_of(library), {**AS_IT_IS, "label": "Whatever", "vat_rate_bp": "5"})
    send(client, page_of(library, "CUSTOMER_DEFINED_01"), {**AS_IT_IS, "label": "Whatever", "vat_rate_bp": "6"})

    assert (row(library).label, row(library).vat_rate_bp) == ("Other", 500)
    additional = row(library, "CUSTOMER_DEFINED_01")
    assert (additional.label, additional.is_enabled, additional.vat_rate_bp) == ("", False, 600)
    assert "named and enabled by a general system administrator" in words(
        client.get(page_of(library, "CUSTOMER_DEFINED_01"))
    )


def test_an_additional_type_is_enabled_named_and_offered_at_the_desk(client, library, sign_in):
    send(client, page_of(library, "CUSTOMER_DEFINED_01"), {**AS_IT_IS, "label": "Makerspace"})

    desk = sign_in()
    desk.post("/patron-services/", {"typed": "jdoe"})
    assert "Makerspace" in words(desk.get(f"/patrons/{library.patron.pk}/fees/new/"))


def test_before_it_is_restored_the_page_shows_what_would_change(client, library):
    assert "Restore to default" not in words(client.get(page_of(library)))
    send(client, page_of(library), {**AS_IT_IS, "vat_rate_bp": "7.75", "is_waivable": ""})

    asked = words(client.get(f"{page_of(library)}restore/"))
    assert "Restore to default" in words(client.get(page_of(library)))
    assert ">Waiveable?</th>" in asked and ">7.75%</td>" in asked and "Manual creation?" not in asked

    assert send(client, f"{page_of(library)}restore/").status_code == 302
    assert (row(library).vat_rate_bp, row(library).is_waivable) == (0, True)
    assert "Restored to the default" in words(client.get(page_of(library)))


def test_who_may_not_name_types_is_not_offered_to_take_a_name_back(client, library, sign_in):
    send(client, page_of(library, "CUSTOMER_DEFINED_01"), {**AS_IT_IS, "label": "Makerspace"})
    send(client, page_of(library), {**AS_IT_IS, "vat_rate_bp": "5"})
    administrator = sign_in("user_administrator")

    assert "Restore to default" not in words(administrator.get(page_of(library, "CUSTOMER_DEFINED_01")))
    assert "Restore to default" in words(administrator.get(page_of(library)))
    with nothing_configured():
        assert send(administrator, f"{page_of(library, 'CUSTOMER_DEFINED_01')}restore/").status_code == 403


def test_a_type_with_fees_is_not_restored_to_one_without_a_name(client, library):
    send(client, page_of(library, "CUSTOMER_DEFINED_01"), {**AS_IT_IS, "label": "Makerspace"})
    library.charge(500, "CUSTOMER_DEFINED_01")

    with nothing_configured():
        refused = send(client, f"{page_of(library, 'CUSTOMER_DEFINED_01')}restore/")

    assert refused.status_code == 422
    assert "There are fees of this type, so it keeps its name." in words(refused)
