"""Two people at the same page of the configuration: the second is told, and sees both versions."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from amerce.access.models import IdentityProvider
from amerce.access.sealed import seal
from amerce.bursar.profiles import ProfileFacts
from amerce.bursar.save_profile import save_profile
from amerce.charges.models import FeeType
from amerce.circulation.models import BlockRule, OpeningHours, TermsOfUse
from amerce.institutions.models import BursarSequence, CodeEntry, Institution, Printer
from amerce.jobs.models import JobSchedule
from amerce.network.members import MemberFacts, save_member
from tests.access.changing import administrator
from tests.circulation.configuring import item_policy, nothing_configured
from tests.circulation.lending import lend
from tests.notices.noticing import new_profile
from tests.web.stamped import opened, send
from tests.web.test_institution_settings import TYPED as INSTITUTION
from tests.web.test_library_calendar import hours
from tests.web.test_terms import typed as terms_typed
from tests.webhooks.telling import endpoint_at
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
OUT_OF_DATE = "Somebody changed this since the page was made, so nothing was done."


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library):  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        yield sign_in("general_system_administrator")


def settings_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    typed = {"returns_kept_days": "90", "anonymise_after_days": "30"}
    return "/configuration/history-privacy/", typed, {**typed, "returns_kept_days": "120"}


def terms_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    path = f"/configuration/terms-of-use/{TermsOfUse.objects.get().pk}/"
    return path, terms_typed(name="Nights", notice_1_days="7"), terms_typed(name="Days", loan_unit="week")


def item_policy_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    entry = item_policy(library, "SHORT", "Short loan")
    return f"/configuration/item-policies/{entry.pk}/", {"label": "Nights"}, {"label": "Days", "is_active": "on"}


def block_rule_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    rule = BlockRule.objects.create(institution=library.institution, amount_minor=1000)
    return f"/configuration/balance-blocks/{rule.pk}/", {"amount_minor": "20"}, {"amount_minor": "30", "age_days": "9"}


def hours_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    path = f"/configuration/calendar/{library.library.pk}/hours/"
    return path, hours(mon="09:00-18:00"), hours(mon="10:00-18:00", sat="10:00-14:00")


def fee_type_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    path = f"/configuration/fee-types/{FeeType.objects.get(code='OTHER').pk}/"
    typed = {"label": "Other", "is_enabled": "on", "is_waivable": "on", "is_manual": "on", "owner_kind": "library"}
    return path, {**typed, "vat_rate_bp": "7.5"}, {**typed, "vat_rate_bp": "19", "is_waivable": ""}


def bursar_sequence_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    row = BursarSequence.objects.create(institution=library.institution, name="Bursar", start=1, next_value=1)
    typed = {"library_id": "", "name": "Bursar", "start": "1", "prefix": "", "padding": "6"}
    return f"/configuration/bursar-sequences/{row.pk}/", typed, {**typed, "prefix": "ABC", "padding": "10"}


def bursar_profile_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    facts = ProfileFacts(code="SIS", name="Student system")
    row = save_profile(actor=administrator(library), at=NOON, facts=facts).profile_id
    typed = {"code": "SIS", "name": "Nights", "exports": "on", "rows": "debits", "min_age_days": "7"}
    typed |= {"min_amount_minor": "5", "min_basis": "fee", "destination": "download", "port": "22"}
    typed |= {"sign_in": "password", "import_effect": "credit"}
    return f"/configuration/bursar-profiles/{row}/", typed, {**typed, "name": "Days", "min_amount_minor": "9"}


def notification_profile_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    profile = new_profile(library)
    typed = {"name": "Reminder", "minimum_minor": "20", "send_format": "send", "owners": ["0"]}
    second = {**typed, "name": "Days", "minimum_minor": "30", "owners": [], "only_active": "on"}
    return f"/configuration/notification-profiles/{profile.pk}/", typed, second


def role_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    first = {"label": "Front desk", "may_fee_pay": "on", "ceiling_fee_pay": "20"}
    second = {"label": "Till", "may_fee_waive": "on"}
    return "/configuration/roles/circulation_desk_operator/", first, second


def account_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    account = library.new_account("desk")
    return f"/configuration/staff-accounts/{account.pk}/", {"name": "R. Okafor"}, {"name": "Rose", "is_active": "on"}


def institution_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    typed = {**INSTITUTION, "name": "Nights"}
    return "/configuration/institution-settings/", typed, {**typed, "name": "Days", "overpayment": "refuse"}


def library_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    path, typed = f"/configuration/libraries/{library.library.pk}/", {"name": "Nights", "is_active": "on"}
    return path, typed, {"name": "Days", "is_active": "on"}


def desk_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return f"/configuration/desks/{library.desk.pk}/", {"name": "Nights"}, {"name": "Days", "is_active": "on"}


def printer_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    row = Printer.objects.create(institution=library.institution, code="P", name="Printer", queue="lp")
    return f"/configuration/printers/{row.pk}/", {"name": "Nights", "queue": "lp"}, {"name": "Days", "email": "a@b.org"}


def user_group_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    path = f"/configuration/user-groups/{library.patron.group_id}/"
    return path, {"label": "Nights"}, {"label": "Days", "is_active": "on"}


def code_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    entry = CodeEntry.objects.get(institution=library.institution, table="PaymentMethod", code="ONLINE")
    path = f"/configuration/code-tables/PaymentMethod/{entry.pk}/"
    return path, {"label": "Nights"}, {"label": "Days", "is_active": "on"}


def provider_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    row = IdentityProvider.objects.create(
        institution=library.institution,
        label="University",
        protocol="oidc",
        server="https://id.example",
        sealed_secret=seal("told by the provider"),
    )
    typed = {"label": "University", "protocol": "oidc", "server": "https://id.example", "client_id": "amerce"}
    typed |= {"username_claim": "uid", "role_claim": "groups"}
    return f"/configuration/single-sign-on/{row.pk}/", typed, {**typed, "label": "Campus", "client_id": "library"}


def webhook_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    row = endpoint_at(library, "https://hooks.example/in", "fee.paid")
    typed = {"name": "Nights", "url": row.url, "is_enabled": "on", "events": ["fee.paid"]}
    return f"/configuration/webhooks/{row.pk}/", typed, {**typed, "name": "Days", "events": ["fee.waived"]}


def network_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return "/configuration/network/", {"asks": "on"}, {"shares": "on"}


def member_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    facts = MemberFacts(name="Alma", kind="remote", base_url="https://alma.example")
    row = save_member(actor=administrator(library), at=NOON, facts=facts, api_key="a key")
    typed = {"name": "Nights", "kind": "remote", "base_url": "https://alma.example", "timeout_s": "5"}
    return f"/configuration/network/members/{row}/", typed, {**typed, "name": "Days", "timeout_s": "9"}


def sign_in_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return "/configuration/sign-in/", {"second_factor_roles": ["auditor"]}, {"second_factor_roles": ["user_manager"]}


def schedule_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    row = JobSchedule.objects.get(institution=library.institution, name="purge-returns")
    typed = {"kind": "daily", "time": "02:30", "is_enabled": "on"}
    weekly = {"kind": "weekly", "weekdays": ["0", "4"], "time": "05:00", "param_days": "90"}
    return f"/configuration/fulfillment-jobs/{row.pk}/", typed, weekly


def letter_words_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    typed = {"subject": "Nights", "html": "<p>Hello</p>", "text": "Hello", "sms": "Hello"}
    return "/configuration/letters/OVERDUE_1/en/", typed, {**typed, "subject": "Days"}


def letter_settings_page(library: Library) -> tuple[str, dict[str, Any], dict[str, Any]]:
    typed = {"is_on": "on", "sender_name": "Nights"}
    return "/configuration/letter-settings/", typed, {**typed, "sender_name": "Days"}


PAGES = [
    pytest.param(schedule_page, ["Stands now: Every day or night", "Stands now: 02:30"], 'value="05:00"', id="job"),
    pytest.param(letter_words_page, ["Stands now: Nights"], 'value="Days"', id="letter words"),
    pytest.param(letter_settings_page, ["Stands now: Nights"], 'value="Days"', id="letter settings"),
    pytest.param(provider_page, ["Stands now: amerce"], 'value="Campus"', id="provider"),
    pytest.param(webhook_page, ["Stands now: Nights", "Stands now: Fee paid"], 'value="Days"', id="webhook"),
    pytest.param(network_page, ["Stands now: ticked", "Stands now: not ticked"], 'name="shares"', id="network"),
    pytest.param(member_page, ["Stands now: Nights", "Stands now: 5"], 'value="Days"', id="network member"),
    pytest.param(sign_in_page, ["Stands now: Auditor"], 'value="user_manager"', id="sign-in"),
    pytest.param(
        role_page,
        ["Stands now: Front desk", "Stands now: ticked", "Stands now: 20.00", "Stands now: not ticked"],
        'value="Till"',
        id="role",
    ),
    pytest.param(
        notification_profile_page,
        ["Stands now: Reminder", "Stands now: 20.00", "Stands now: MAIN University itself", "Stands now: not ticked"],
        'value="Days"',
        id="notification profile",
    ),
    pytest.param(account_page, ["Stands now: R. Okafor", "Stands now: not ticked"], 'value="Rose"', id="account"),
    pytest.param(
        institution_page, ["Stands now: Nights", "Stands now: Keep it as a credit"], 'value="Days"', id="institution"
    ),
    pytest.param(library_page, ["Stands now: Nights"], 'value="Days"', id="library"),
    pytest.param(desk_page, ["Stands now: Nights", "Stands now: not ticked"], 'value="Days"', id="desk"),
    pytest.param(printer_page, ["Stands now: Nights", "Stands now: lp"], 'value="Days"', id="printer"),
    pytest.param(user_group_page, ["Stands now: Nights", "Stands now: not ticked"], 'value="Days"', id="user group"),
    pytest.param(code_page, ["Stands now: Nights", "Stands now: not ticked"], 'value="Days"', id="code table"),
    pytest.param(settings_page, ["Stands now: 90"], 'name="returns_kept_days" value="120"', id="settings"),
    pytest.param(
        terms_page, ["Stands now: Nights", "Stands now: days", "Stands now: 7"], 'value="Days"', id="terms of use"
    ),
    pytest.param(item_policy_page, ["Stands now: Nights", "Stands now: not ticked"], 'value="Days"', id="item policy"),
    pytest.param(block_rule_page, ["Stands now: 20.00", "Stands now: empty"], 'value="30"', id="balance block"),
    pytest.param(
        hours_page,
        ["Monday, opens – stands now: 09:00", "Saturday, closes – stands now: empty"],
        'value="10:00"',
        id="opening hours",
    ),
    pytest.param(fee_type_page, ["Stands now: 7.5", "Stands now: ticked"], 'value="19"', id="fee type"),
    pytest.param(bursar_profile_page, ["Stands now: Nights", "Stands now: 5.00"], 'value="Days"', id="bursar profile"),
    pytest.param(bursar_sequence_page, ["Stands now: 6"], 'value="ABC"', id="bursar sequence"),
]


@pytest.mark.parametrize(("page", "standing", "kept"), PAGES)
def test_the_second_is_told_and_sees_both_versions_and_may_send_again(client, library, page, standing, kept):
    path, first, second = page(library)
    seen_by_both = opened(client, path)
    assert client.post(path, {**seen_by_both, **first}).status_code == 302

    with nothing_configured():
        refused = client.post(path, {**seen_by_both, **second})

    shown = " ".join(refused.content.decode().split())
    assert refused.status_code == 422
    assert OUT_OF_DATE in shown
    for sentence in standing:
        assert sentence in shown
    assert kept in shown, "what was typed stays"
    stamp = refused.context["form"].stamp
    assert stamp != seen_by_both["stamp"]
    assert client.post(path, {**second, "stamp": stamp}).status_code == 302, "seen, it may be replaced"


@pytest.mark.parametrize(("page", "standing", "kept"), PAGES)
def test_a_double_click_is_no_second_person(client, library, page, standing, kept):
    path, typed, _second = page(library)
    sent = {**opened(client, path), **typed}
    assert client.post(path, sent).status_code == 302

    with nothing_configured():
        assert client.post(path, sent).status_code == 302


@pytest.mark.parametrize(("page", "standing", "kept"), PAGES)
def test_a_form_without_its_stamp_changes_nothing(client, library, page, standing, kept):
    path, typed, _second = page(library)

    with nothing_configured():
        assert client.post(path, typed).status_code == 422


@pytest.mark.parametrize("page", [terms_page, block_rule_page, bursar_sequence_page])
def test_what_changed_since_it_was_asked_is_not_deleted(client, library, page):
    path, change, _second = page(library)
    asked = opened(client, f"{path}delete/")
    send(client, path, change)

    with nothing_configured():
        refused = client.post(f"{path}delete/", asked)

    assert refused.status_code == 422
    assert OUT_OF_DATE in refused.content.decode()
    assert send(client, f"{path}delete/").status_code == 302


def test_the_second_is_told_before_the_preview_of_loans_that_are_out(client, library):
    lend(library)
    path, first, second = terms_page(library)
    seen_by_both = opened(client, path)
    shown = client.post(path, {**seen_by_both, **first}).context["previewed"]
    assert client.post(path, {**seen_by_both, **first, "previewed": shown}).status_code == 302

    with nothing_configured():
        refused = client.post(path, {**seen_by_both, **second})

    assert refused.status_code == 422
    assert OUT_OF_DATE in refused.content.decode()
    assert refused.context["preview"] is None


def test_mistakes_are_told_first_and_do_not_lose_the_stamp(client, library):
    """A form that came back for another reason still belongs to the page that was filled."""
    path, first, second = settings_page(library)
    seen_by_both = opened(client, path)
    client.post(path, {**seen_by_both, **first})

    mistaken = client.post(path, {**seen_by_both, **second, "returns_kept_days": "many"})

    assert mistaken.context["form"].stamp == seen_by_both["stamp"]
    assert Institution.objects.get().returns_kept_days == 90
    assert not CodeEntry.objects.filter(label="Days").exists() and not OpeningHours.objects.exists()
