"""Every address of the project asked as every role: who may not gets 403, and nothing is written.

A page that is added and not listed here fails the first test; ``docs/reference/privileges.md`` is made from the list.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from amerce.access.models import Role
from amerce.access.privileges import ONLY_JOBS, ROLES, Privilege
from amerce.web.doors import DOORS
from amerce.web.privilege_wording import GROUPS, WORDS
from tests.web.everything import addresses, everything
from tests.world import Library

pytestmark = pytest.mark.django_db
P = Privilege


@dataclass(frozen=True)
class Asks:
    """What a page asks of who looks at it, and of who sends it; None where it cannot be looked at, or not be sent."""

    look: frozenset[Privilege] | None
    send: frozenset[Privilege] | None


def _asks(look: Collection[Privilege] | None, send: Collection[Privilege] | None) -> Asks:
    return Asks(None if look is None else frozenset(look), None if send is None else frozenset(send))


def shown(*needs: Privilege) -> Asks:
    return _asks(needs, None)


def form(*needs: Privilege) -> Asks:
    return _asks(needs, needs)


def sent(*needs: Privilege) -> Asks:
    return _asks(None, needs)


def privileges_of(page: Asks) -> frozenset[Privilege]:
    return (page.look or frozenset()) | (page.send or frozenset())


ANYBODY = {
    "home", "location", "healthz", "api-docs", "openapi", "patron-stay", "patron-done",
    "sign-in", "second-step", "sign-in-give-up", "sign-out", "sign-out-everywhere",
    "account_login", "mfa_authenticate",
    "sign-in-with", "openid_connect_callback", "saml_metadata", "saml_acs", "saml_finish_acs", "saml_sls",
    "my-sign-in", "sign-in-again", "my-password", "my-app", "my-key-new", "my-factor-remove", "my-recovery-codes",
    "my-session-end", "my-sessions-end-others",
}  # fmt: skip
"""What everybody opens, whatever their roles: the way in and out, where they work, their own sign-in."""
OF_A_RECORD: dict[str, Asks] = {
    "patron-details": shown(),
    "patron-panel": shown(),
    "patron-contact": shown(),
    "patron-identifiers": shown(),
    "patron-notes": shown(),
    "patron-blocks": shown(),
    "patron-proxies": shown(),
    "patron-attachments": shown(),
    "patron-fees": shown(),
    "patron-history": shown(),
    "patron-network": shown(),
    "patron-network-ask": sent(),
    "patron-network-mark": sent(),
    "fee-history": shown(),
    "payment": shown(),
    "receipt": shown(),
    "loan-columns": form(),
    "proxy-acting": sent(),
    "patron-edit": form(P.PATRON_EDIT),
    "contact-new": form(P.PATRON_EDIT),
    "contact": form(P.PATRON_EDIT),
    "contact-preference": form(P.PATRON_EDIT),
    "contact-removal": form(P.PATRON_EDIT),
    "identifier-new": form(P.PATRON_EDIT),
    "identifier": form(P.PATRON_EDIT),
    "identifier-removal": form(P.PATRON_EDIT),
    "note-new": form(P.PATRON_EDIT),
    "note": form(P.PATRON_EDIT),
    "note-removal": form(P.PATRON_EDIT),
    "proxy-new": form(P.PATRON_EDIT),
    "proxy-removal": form(P.PATRON_EDIT),
    "block-new": form(P.BLOCK_SET),
    "block-lifting": form(P.BLOCK_SET),
    "fee-new": form(P.FEE_ADD),
    "fee-dispute": form(P.FEE_DISPUTE),
    "fee-restore": form(P.FEE_RESTORE),
    "fee-refund": form(P.FEE_REFUND),
    "fee-item": form(P.FEE_LINK_ITEM),
    "correction-new": form(P.FEE_CORRECT),
    "payment-new": form(P.FEE_PAY),
    "payment-preview": shown(P.FEE_PAY),
    "waiver-new": form(P.FEE_WAIVE),
    "receipt-email": sent(P.LETTER_SEND),
    "activity-report": form(P.LETTER_SEND),
    "checkouts": sent(P.LOAN_CHECKOUT),
    "renewals": sent(P.LOAN_RENEW),
    "loan-returns": sent(P.LOAN_RETURN),
    "loan-notes": _asks((), [P.LOAN_NOTE]),
    "loan-mark": form(P.LOAN_MARK),
    "request-new": form(P.REQUEST_PLACE),
    "request-cancel": form(P.REQUEST_CANCEL),
}
"""The pages of an open patron record; to open one takes the privilege to see patron records."""
OTHERS: dict[str, Asks] = {
    "returns": form(P.LOAN_RETURN),
    "users": shown(P.PATRON_EDIT, P.PATRON_FIND_BY_NAME),
    "user-new": form(P.PATRON_EDIT),
    "terms-of-use": shown(P.FULFILLMENT_CONFIGURE),
    "terms-new": form(P.FULFILLMENT_CONFIGURE),
    "terms-edit": form(P.FULFILLMENT_CONFIGURE),
    "terms-delete": form(P.FULFILLMENT_CONFIGURE),
    "item-policies": form(P.FULFILLMENT_CONFIGURE),
    "item-policy": form(P.FULFILLMENT_CONFIGURE),
    "calendar": shown(P.FULFILLMENT_CONFIGURE),
    "calendar-of": form(P.FULFILLMENT_CONFIGURE),
    "calendar-hours": form(P.FULFILLMENT_CONFIGURE),
    "closing-remove": form(P.FULFILLMENT_CONFIGURE),
    "block-rules": shown(P.FULFILLMENT_CONFIGURE),
    "block-rule-new": form(P.FULFILLMENT_CONFIGURE),
    "block-rule": form(P.FULFILLMENT_CONFIGURE),
    "block-rule-delete": form(P.FULFILLMENT_CONFIGURE),
    "fulfillment-settings": form(P.FULFILLMENT_CONFIGURE),
    "history-privacy": form(P.FULFILLMENT_CONFIGURE),
    "fee-types": shown(P.CHARGES_CONFIGURE),
    "fee-type": form(P.CHARGES_CONFIGURE),
    "fee-type-restore": form(P.CHARGES_CONFIGURE),
    "bursar-profiles": shown(P.CHARGES_CONFIGURE),
    "bursar-profile-new": form(P.CHARGES_CONFIGURE),
    "bursar-profile": form(P.CHARGES_CONFIGURE),
    "bursar-profile-test": sent(P.CHARGES_CONFIGURE),
    "bursar-profile-delete": form(P.CHARGES_CONFIGURE),
    "bursar-sequences": shown(P.CHARGES_CONFIGURE),
    "bursar-sequence-new": form(P.CHARGES_CONFIGURE),
    "bursar-sequence-new-example": shown(P.CHARGES_CONFIGURE),
    "bursar-sequence-example": shown(P.CHARGES_CONFIGURE),
    "bursar-sequence": form(P.CHARGES_CONFIGURE),
    "bursar-sequence-next": form(P.CHARGES_CONFIGURE),
    "bursar-sequence-delete": form(P.CHARGES_CONFIGURE),
    "notification-profiles": shown(P.CHARGES_CONFIGURE),
    "notification-profile-new": form(P.CHARGES_CONFIGURE),
    "notification-profile": form(P.CHARGES_CONFIGURE),
    "notification-profile-delete": form(P.CHARGES_CONFIGURE),
    "notification-profile-enable": sent(P.CHARGES_CONFIGURE),
    "notification-profile-disable": sent(P.CHARGES_CONFIGURE),
    "notification-profile-preview": shown(P.CHARGES_CONFIGURE),
    "notification-run-preview": shown(P.CHARGES_CONFIGURE),
    "notification-profile-messages": shown(P.CHARGES_CONFIGURE, P.PATRON_VIEW),
    "notification-run": sent(P.CHARGES_CONFIGURE, P.JOB_RUN),
    "waive-reasons": form(P.CHARGES_CONFIGURE),
    "payment-methods": form(P.CHARGES_CONFIGURE),
    "code-tables": shown(P.PATRON_CONFIGURE),
    "code-table": form(P.PATRON_CONFIGURE),
    "code": form(P.PATRON_CONFIGURE),
    "code-restore": form(P.PATRON_CONFIGURE),
    "code-remove": form(P.PATRON_CONFIGURE),
    "user-groups": shown(P.PATRON_CONFIGURE),
    "user-group-new": form(P.PATRON_CONFIGURE),
    "user-group": form(P.PATRON_CONFIGURE),
    "institution-settings": form(P.INSTITUTION_CONFIGURE),
    "libraries": shown(P.INSTITUTION_CONFIGURE),
    "library-new": form(P.INSTITUTION_CONFIGURE),
    "library": form(P.INSTITUTION_CONFIGURE),
    "desks": shown(P.INSTITUTION_CONFIGURE),
    "desk-new": form(P.INSTITUTION_CONFIGURE),
    "desk": form(P.INSTITUTION_CONFIGURE),
    "printers": shown(P.INSTITUTION_CONFIGURE),
    "printer-new": form(P.INSTITUTION_CONFIGURE),
    "printer": form(P.INSTITUTION_CONFIGURE),
    "roles": shown(P.ROLE_EDIT),
    "role-new": form(P.ROLE_EDIT),
    "role": form(P.ROLE_EDIT),
    "role-remove": form(P.ROLE_EDIT),
    "role-restore": form(P.ROLE_EDIT),
    "sign-in-rules": form(P.ROLE_EDIT),
    "single-sign-on": shown(P.ROLE_EDIT),
    "provider-new": form(P.ROLE_EDIT),
    "provider": form(P.ROLE_EDIT),
    "provider-remove": form(P.ROLE_EDIT),
    "staff-accounts": shown(P.ACCOUNT_EDIT),
    "staff-account-new": form(P.ACCOUNT_EDIT, P.ACCOUNT_CREATE),
    "staff-account": form(P.ACCOUNT_EDIT),
    "staff-account-roles": _asks([P.ACCOUNT_EDIT], [P.ACCOUNT_EDIT, P.ROLE_EDIT]),
    "staff-account-role-take": form(P.ACCOUNT_EDIT, P.ROLE_EDIT),
    "staff-account-privileges": shown(P.ACCOUNT_EDIT),
    "staff-account-password": form(P.ACCOUNT_EDIT),
    "staff-account-lock": form(P.ACCOUNT_EDIT),
    "staff-account-factors": form(P.ACCOUNT_EDIT),
    "api-keys": shown(P.API_KEY_EDIT),
    "api-key-new": form(P.API_KEY_EDIT),
    "api-key-revoke": form(P.API_KEY_EDIT),
    "network": form(P.INSTITUTION_CONFIGURE),
    "network-member-new": form(P.INSTITUTION_CONFIGURE),
    "network-member": form(P.INSTITUTION_CONFIGURE),
    "network-member-remove": form(P.INSTITUTION_CONFIGURE),
    "webhooks": shown(P.INSTITUTION_CONFIGURE),
    "webhook-new": form(P.INSTITUTION_CONFIGURE),
    "webhook": form(P.INSTITUTION_CONFIGURE),
    "webhook-secret": form(P.INSTITUTION_CONFIGURE),
    "webhook-remove": form(P.INSTITUTION_CONFIGURE),
    "webhook-test": sent(P.INSTITUTION_CONFIGURE),
    "webhook-log": shown(P.INSTITUTION_CONFIGURE),
    "webhook-replay-failed": sent(P.INSTITUTION_CONFIGURE),
    "webhook-delivery": shown(P.INSTITUTION_CONFIGURE),
    "webhook-replay": sent(P.INSTITUTION_CONFIGURE),
    "security-events": shown(P.EVENT_VIEW),
    "bursar": shown(P.BURSAR_VIEW),
    "bursar-of-profile": shown(P.BURSAR_VIEW),
    "bursar-export": sent(P.BURSAR_VIEW, P.FEE_EXPORT),
    "bursar-import": sent(P.BURSAR_VIEW, P.FEE_EXPORT),
    "bursar-run": shown(P.BURSAR_VIEW),
    "bursar-file": sent(P.BURSAR_VIEW),
    "bursar-acknowledge": sent(P.BURSAR_VIEW, P.FEE_EXPORT),
    "bursar-undo": form(P.BURSAR_VIEW, P.FEE_EXPORT),
    "bursar-file-of-payments": shown(P.BURSAR_VIEW),
    "bursar-file-of-payments-csv": shown(P.BURSAR_VIEW),
    "bursar-tick": form(P.BURSAR_VIEW, P.FEE_EXPORT),
    "bursar-tick-undo": sent(P.BURSAR_VIEW, P.FEE_EXPORT),
    "bursar-undo-import": form(P.BURSAR_VIEW, P.FEE_EXPORT),
    "bursar-file-received": shown(P.BURSAR_VIEW),
    "bursar-book": sent(P.BURSAR_VIEW, P.FEE_EXPORT),
    "bursar-files": shown(P.BURSAR_VIEW),
    "bursar-unmatched": shown(P.BURSAR_VIEW),
    "bursar-find": shown(P.BURSAR_VIEW),
    "bursar-fee": sent(P.BURSAR_VIEW, P.PATRON_VIEW),
    "bursar-csv": shown(P.BURSAR_VIEW),
    "bursar-run-csv": shown(P.BURSAR_VIEW),
    "bulk-waiving": form(P.BULK_WAIVE),
    "bulk-waiving-preview": shown(P.BULK_WAIVE),
    "bulk-waiving-fees": shown(P.BULK_WAIVE),
    "bulk-waivers": shown(P.BULK_WAIVE),
    "bulk-waiver": shown(P.BULK_WAIVE),
    "bulk-waiver-undo": sent(P.BULK_WAIVE),
    "bulk-waiver-report": shown(P.BULK_WAIVE),
    "jobs": shown(P.JOB_VIEW),
    "job-run": shown(P.JOB_VIEW),
    "letter-kinds": shown(P.LETTER_CONFIGURE),
    "letter-words": form(P.LETTER_CONFIGURE),
    "letter-preview": sent(P.LETTER_CONFIGURE),
    "letter-restore": form(P.LETTER_CONFIGURE),
    "letter-switch": sent(P.LETTER_CONFIGURE),
    "letter-test": sent(P.LETTER_CONFIGURE),
    "letter-settings": form(P.INSTITUTION_CONFIGURE),
    "letters": shown(P.LETTER_SEND),
    "letters-again": form(P.LETTER_SEND),
    "letter-print": form(P.LETTER_SEND),
    "letter-batch": shown(P.LETTER_SEND),
    "letter-batch-printed": sent(P.LETTER_SEND),
    "letter": shown(P.PATRON_VIEW),
    "letter-body": shown(P.PATRON_VIEW),
    "letter-file": shown(P.PATRON_VIEW),
    "letter-xml": shown(P.PATRON_VIEW),
    "letter-action": sent(P.LETTER_SEND),
    "job-run-csv": shown(P.JOB_VIEW),
    "job-run-json": shown(P.JOB_VIEW),
    "job-run-cancel": sent(P.JOB_RUN),
    "job-start": form(P.JOB_RUN),
    "fulfillment-jobs": shown(P.JOB_RUN),
    "job-schedule-new": form(P.JOB_RUN),
    "job-schedule-times": shown(P.JOB_RUN),
    "job-schedule": form(P.JOB_RUN),
    "job-schedule-switch": sent(P.JOB_RUN),
    "job-schedule-delete": form(P.JOB_RUN),
}
IN_PARTS = {"patron-services", "patron-suggestions", "patron-record", "configuration"}
"""What shows more or less of itself; tested below and in the tests of these pages."""
PAGES = {**OF_A_RECORD, **OTHERS}
"""Every page that asks for a privilege."""


def test_every_address_is_listed() -> None:
    assert {each.name for each in addresses()} == {*PAGES, *ANYBODY, *IN_PARTS}


@dataclass
class Visitor:
    """Somebody signed in at the desk, with the record of a patron open if they may see it."""

    client: Client
    privileges: frozenset[Privilege]
    rows: dict[str, Any]

    def asks(self, name: str, method: str) -> HttpResponse:
        """The answer of a page to an empty form, which is then undone."""
        names = next(each.parameters for each in addresses() if each.name == name)
        values = {each: self.rows[each] for each in names} | ({"code": "auditor"} if name == "role-restore" else {})
        with transaction.atomic():
            answer = getattr(self.client, method)(reverse(name, kwargs=values))
            transaction.set_rollback(True)
        return answer  # type: ignore[no-any-return]

    def may(self, name: str, needs: frozenset[Privilege]) -> bool:
        return needs <= self.privileges and (name not in OF_A_RECORD or P.PATRON_VIEW in self.privileges)

    def is_held_to(self, names: Collection[str]) -> None:
        for name in names:
            for method, needs in (("get", PAGES[name].look), ("post", PAGES[name].send)):
                if needs is None:
                    assert self.asks(name, method).status_code == 405, (name, method)
                elif self.may(name, needs):
                    assert self.asks(name, method).status_code not in (403, 405), (name, method)
                else:
                    self._is_refused(name, method)

    def _is_refused(self, name: str, method: str) -> None:
        with nothing_written(name):
            answer = self.asks(name, method)
        if name in OF_A_RECORD and P.PATRON_VIEW not in self.privileges:
            assert (answer.status_code, answer["Location"]) == (302, "/patron-services/"), (name, method)
        else:
            assert answer.status_code == 403, (name, method)


@contextmanager
def nothing_written(name: str) -> Iterator[None]:
    """Not one statement that writes, but for the session in which it is remembered where somebody works."""
    with CaptureQueriesContext(connection) as queries:
        yield
    statements = [each["sql"] for each in queries if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [each for each in statements if "django_session" not in each] == [], name


@pytest.fixture
def visitor(library: Library, sign_in: Callable[..., Client]) -> Callable[..., Visitor]:
    rows = everything(library)

    def come(role: str, privileges: Collection[Privilege]) -> Visitor:
        client = sign_in(role)
        client.post("/patron-services/", {"typed": "jdoe"})
        return Visitor(client, frozenset(privileges), rows)

    return come


@pytest.fixture
def visitor_with(library: Library, visitor: Callable[..., Visitor]) -> Callable[..., Visitor]:
    def come(name: str, privileges: Collection[Privilege]) -> Visitor:
        given = {each.value: None for each in privileges}
        Role.objects.create(institution=library.institution, code=name, label=name, privileges=given)
        return visitor(name, privileges)

    return come


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_its_privileges_say_and_nothing_else(visitor: Callable[..., Visitor], role: str) -> None:
    visitor(role, ROLES[role].privileges).is_held_to(PAGES)


@pytest.mark.parametrize("privilege", sorted({each for page in PAGES.values() for each in privileges_of(page)}))
def test_a_page_asks_for_its_privilege_and_no_other_will_do(
    visitor_with: Callable[..., Visitor], privilege: Privilege
) -> None:
    names = [name for name, page in PAGES.items() if privilege in privileges_of(page)]
    every = frozenset(Privilege) - ONLY_JOBS
    enough = frozenset(each for name in names for each in privileges_of(PAGES[name]))

    visitor_with("just", enough | {P.PATRON_VIEW}).is_held_to(names)
    visitor_with("all_but", every - {privilege}).is_held_to(names)


def test_without_any_privilege_no_page_opens_but_ones_own(visitor_with: Callable[..., Visitor]) -> None:
    nobody = visitor_with("nobody", ())

    nobody.is_held_to(PAGES)
    assert nobody.client.get("/configuration/").status_code == 403
    found = nobody.client.post("/patron-services/", {"typed": "jdoe"})
    assert found.status_code == 403 or "Jane" not in found.content.decode()


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.url_name)
def test_a_door_of_the_configuration_is_shown_to_who_may_open_it(
    visitor_with: Callable[..., Visitor], door: Any
) -> None:
    page = PAGES[door.url_name]
    assert page.look == {door.privilege}
    href = f'href="{reverse(door.url_name)}"'

    assert href in visitor_with("just", {door.privilege}).client.get("/configuration/").content.decode()
    others = frozenset(Privilege) - {door.privilege}
    assert href not in visitor_with("all_but", others).client.get("/configuration/").content.decode()


def test_every_privilege_that_a_role_can_hold_has_its_words_once() -> None:
    told = [each for group in GROUPS for each in group.privileges]

    assert sorted(told) == sorted(set(told)) == sorted(WORDS) == sorted(set(Privilege) - ONLY_JOBS)
