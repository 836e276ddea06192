"""Each table of the configuration has its row actions, as far as the row and the reader allow."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from amerce.access.models import IdentityProvider, RoleAssignment
from amerce.charges.models import FeeType
from amerce.circulation.models import BlockRule, TermsOfUse
from amerce.institutions.models import CodeEntry
from tests.circulation.configuring import ADMINISTRATOR
from tests.web.stamped import send
from tests.world import Library

pytestmark = pytest.mark.django_db
HOME = "/configuration"


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library) -> Client:
    return sign_in("general_system_administrator")


def menu(client: Client, path: str, name: str) -> dict[str, str]:
    """The words and addresses of the menu of the row ``name``, empty when it has none."""
    page = client.get(path).content.decode()
    found = re.search(
        rf'aria-label="Actions for {re.escape(name)}".*?<div class="actions-list">(.*?)</div>', page, re.S
    )
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', found[1]) if found else []
    return {words: address for address, words in links}


def test_a_fee_type_is_edited_and_restored_once_it_differs_from_its_default(client: Client, library: Library) -> None:
    row = FeeType.objects.get(code="LOCKERKEY")
    edit, restore = f"{HOME}/fee-types/{row.pk}/", f"{HOME}/fee-types/{row.pk}/restore/"
    assert menu(client, f"{HOME}/fee-types/", "Locker key") == {"Edit": edit}

    typed = {"label": "Locker key", "is_enabled": "on", "is_manual": "on", "owner_kind": "library"}
    assert send(client, edit, {**typed, "vat_rate_bp": "10"}).status_code == 302

    assert menu(client, f"{HOME}/fee-types/", "Locker key") == {"Edit": edit, "Restore to default": restore}


def test_who_may_not_restore_a_name_is_not_offered_it(client, sign_in, library):
    row = FeeType.objects.get(code="OTHER")
    typed = {"label": "Sonstige", "is_enabled": "on", "is_waivable": "on", "is_manual": "on", "owner_kind": "library"}
    assert send(client, f"{HOME}/fee-types/{row.pk}/", {**typed, "vat_rate_bp": "0"}).status_code == 302

    assert "Restore to default" in menu(client, f"{HOME}/fee-types/", "Sonstige")
    assert "Restore to default" not in menu(sign_in("user_administrator"), f"{HOME}/fee-types/", "Sonstige")


def test_a_reason_is_edited_restored_and_removed(client: Client, library: Library) -> None:
    row = CodeEntry.objects.get(institution=library.institution, table="FineFeeTransactionReason", code="OTHER")
    path = f"{HOME}/code-tables/FineFeeTransactionReason/{row.pk}/"
    assert menu(client, f"{HOME}/waive-reasons/", "Other") == {"Edit": path, "Remove": f"{path}remove/"}

    send(client, path, {"label": "Anderes", "is_active": "on"})

    assert menu(client, f"{HOME}/waive-reasons/", "Anderes") == {
        "Edit": path,
        "Restore to default": f"{path}restore/",
        "Remove": f"{path}remove/",
    }


def test_a_role_is_copied_and_restored_or_removed(client: Client, library: Library) -> None:
    path = f"{HOME}/roles/auditor/"
    like = f"{HOME}/roles/new/?like=auditor"
    assert menu(client, f"{HOME}/roles/", "Auditor") == {"Edit": path, "Copy": like}

    send(client, path, {"label": "Auditor", "may_fee_view": "on"})
    client.post(f"{HOME}/roles/new/", {"label": "Evening desk", "code": "evening", "may_fee_view": "on"})

    assert menu(client, f"{HOME}/roles/", "Auditor") == {"Edit": path, "Copy": like, "Restore": f"{path}restore/"}
    assert menu(client, f"{HOME}/roles/", "Evening desk")["Remove"] == f"{HOME}/roles/evening/remove/"


def test_a_balance_block_terms_and_a_provider_are_edited_and_deleted(client: Client, library: Library) -> None:
    rule = BlockRule.objects.create(institution=library.institution, amount_minor=1000)
    terms = TermsOfUse.objects.get()
    provider = IdentityProvider.objects.create(
        institution=library.institution, label="University", protocol="oidc", server="https://id.example"
    )
    blocks, uses, sign_on = f"{HOME}/balance-blocks/", f"{HOME}/terms-of-use/", f"{HOME}/single-sign-on/"

    assert menu(client, blocks, "Every other group") == {
        "Edit": f"{blocks}{rule.pk}/",
        "Delete": f"{blocks}{rule.pk}/delete/",
    }
    assert menu(client, uses, terms.name) == {"Edit": f"{uses}{terms.pk}/", "Delete": f"{uses}{terms.pk}/delete/"}
    assert menu(client, sign_on, "University") == {
        "Edit": f"{sign_on}{provider.pk}/",
        "Remove": f"{sign_on}{provider.pk}/remove/",
    }


def test_who_may_only_look_has_no_menu(library: Library) -> None:
    BlockRule.objects.create(institution=library.institution, amount_minor=1000)
    account = library.new_account("scoped")
    RoleAssignment.objects.create(
        institution=library.institution, account=account, role=ADMINISTRATOR, library=library.library
    )
    client = Client()
    client.force_login(account)

    assert menu(client, f"{HOME}/balance-blocks/", "Every other group") == {}
    assert menu(client, f"{HOME}/terms-of-use/", TermsOfUse.objects.get().name) == {}
