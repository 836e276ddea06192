"""An institution with one of everything that an address of a page can name, and a list of all addresses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from amerce.access.api_keys import create_api_key
from amerce.access.providers import ProviderFacts, save_provider
from amerce.access.save_role import add_role
from amerce.bursar import profiles as bursar_profiles
from amerce.bursar import save_profile as bursar_saving
from amerce.bursar.models import BursarImport, BursarPayment, BursarRun
from amerce.charges.models import FeeType
from amerce.circulation.models import BlockRule, CalendarException, Request, TermsOfUse
from amerce.institutions.models import BursarSequence, CodeEntry, Printer
from amerce.jobs.models import JobSchedule
from amerce.ledger.models import Transfer
from amerce.letters.models import PrintBatch
from amerce.network.members import MemberFacts, save_member
from amerce.notices.profiles import ProfileFacts
from amerce.notices.save_profile import save_profile
from amerce.patrons.blocks import BlockFacts, set_block
from amerce.patrons.facts import IdentifierFacts
from amerce.patrons.models import Patron
from amerce.patrons.set_contact import set_contact
from amerce.patrons.set_identifier import set_identifier
from amerce.patrons.set_proxy import set_proxy
from amerce.patrons.write_patron_note import NoteFacts, write_patron_note
from amerce.webhooks.replay import send_test
from tests.access.changing import administrator, said
from tests.bulk.waiving import start
from tests.charges.acts import Desk
from tests.circulation.configuring import item_policy
from tests.jobs.running import queue
from tests.letters.writing import write_one
from tests.patrons.people import PHONE
from tests.webhooks.telling import endpoint_at
from tests.world import NOON, Library


@dataclass(frozen=True)
class Address:
    """A page by the name of its address; ``parameters`` are what stands in it."""

    name: str
    parameters: tuple[str, ...]


def addresses() -> list[Address]:
    """Every address of a page that has a name, but for the static files."""
    return [
        Address(each.name, tuple(sorted(each.pattern.converters))) for each in _patterns(get_resolver()) if each.name
    ]


def _patterns(resolver: URLResolver, above: dict[str, Any] | None = None) -> Iterator[URLPattern]:
    converters = {**(above or {}), **resolver.pattern.converters}
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _patterns(each, converters)
        else:
            each.pattern.converters = {**converters, **each.pattern.converters}
            yield each


def everything(library: Library) -> dict[str, Any]:
    """A value for each parameter of an address: rows of ``library``, made by the commands that users call."""
    desk = Desk(library)
    patron, institution = library.patron, library.institution
    fee = desk.charge(1000)
    paid = desk.pay(desk.charge(500))
    loan = desk.new_loan()
    request = Request.objects.create(
        institution=institution, patron=patron, item=library.new_item(), pickup=library.library, placed_at=NOON
    )
    editor = library.staff("user_manager")
    other = library.new_patron("proxy")

    def of_patron() -> dict[str, Any]:
        seq = Patron.objects.get(pk=patron.pk).seq
        return {"actor": editor, "at": NOON, "patron_id": patron.pk, "expected_seq": seq}

    set_proxy(**of_patron(), proxy_id=other.pk)
    account = library.new_account("somebody", "auditor")
    endpoint = endpoint_at(library, "https://hooks.example/in")
    provider = save_provider(
        actor=administrator(library),
        at=NOON,
        facts=ProviderFacts(label="University", protocol="oidc", server="https://id.example", client_id="amerce"),
        client_secret="secret",
    )
    return {
        "patron_id": patron.pk,
        "waiver_id": start(library).pk,
        "fee_id": fee.pk,
        "transfer_id": Transfer.objects.filter(fee=fee).latest("pk").pk,
        "number": paid.payment_id,
        "loan_id": loan.pk,
        "mark": "lost",
        "request_id": request.pk,
        "kind": "phone",
        "identifier_id": set_identifier(**of_patron(), identifier=IdentifierFacts("BARCODE", "B1")).row_id,
        "contact_id": set_contact(**of_patron(), contact=PHONE).row_id,
        "note_id": write_patron_note(**of_patron(), note=NoteFacts("OTHER", "Whatever")).row_id,
        "block_id": set_block(**of_patron(), facts=BlockFacts(description="Lost the key")).row_id,
        "proxy_id": other.pk,
        "library_id": library.library.pk,
        "desk_id": library.desk.pk,
        "printer_id": Printer.objects.create(institution=institution, code="P", name="P", queue="lp").pk,
        "group_id": patron.group_id,
        "table": "NoteTypes",
        "row_id": CodeEntry.objects.get(institution=institution, table="NoteTypes", code="OTHER").pk,
        "terms_id": TermsOfUse.objects.get(institution=institution).pk,
        "entry_id": item_policy(library, "SHORT").pk,
        "rule_id": BlockRule.objects.create(institution=institution, amount_minor=1000).pk,
        "closure_id": CalendarException.objects.create(
            institution=institution, first_on=date(2030, 1, 1), last_on=date(2030, 1, 1), reason="New Year",
            created_at=NOON, created_by="somebody",
        ).pk,
        "notification_id": save_profile(
            actor=administrator(library), at=NOON, facts=ProfileFacts(name="Reminder", minimum_minor=1)
        ).profile_id,
        "sequence_id": BursarSequence.objects.create(institution=institution, name="Bursar", start=1, next_value=1).pk,
        **bursar(library),
        "type_id": FeeType.objects.get(institution=institution, code="OTHER").pk,
        "code": add_role(actor=administrator(library), at=NOON, code="till", said=said("Till")).code,
        "account_id": account.pk,
        "provider_id": provider,
        "endpoint_id": endpoint.pk,
        "member_id": save_member(
            actor=administrator(library),
            at=NOON,
            facts=MemberFacts(name="Elsewhere", kind="remote", base_url="https://alma.example"),
            api_key="a key",
        ),
        "delivery_id": send_test(actor=administrator(library), at=NOON, endpoint_id=endpoint.pk),
        "key_id": create_api_key(
            actor=administrator(library), at=NOON, name="Kiosk", scopes=["fees:read"]
        ).key_id,
        "organization_slug": provider,
        "name": "alma",
        "session_id": 1,
        "factor_id": 1,
        "letter": "PAYMENT_RECEIPT",
        "language": "en",
        "letter_id": write_one(library).pk,
        "batch_id": PrintBatch.objects.create(
            institution=institution, created_at=NOON, created_by="somebody", pdf=b"%PDF-"
        ).pk,
        "run_id": queue(library, "ledger-digest").pk,
        "job": "ledger-digest",
        "schedule_id": JobSchedule.objects.get(institution=institution, name="ledger-digest").pk,
        "assignment_id": account.roles.get().pk,
    }  # fmt: skip


def bursar(library: Library) -> dict[str, Any]:
    """A profile that exported something once, and a file of payments."""
    facts = bursar_profiles.ProfileFacts(
        code="SIS", name="Student accounts", imports=True, destination="folder", folder="sis"
    )
    administrator_of_users = library.staff("user_administrator")
    profile_id = bursar_saving.save_profile(actor=administrator_of_users, at=NOON, facts=facts).profile_id
    plain = {
        "institution": library.institution, "profile_id": profile_id, "number": 1, "started_by": "somebody",
        "started_at": NOON,
    }  # fmt: skip
    run = BursarRun.objects.create(
        **plain, awaits_payment=True, state="delivered", delivered_at=NOON, file_name="a.xml"
    )
    file = BursarImport.objects.create(
        **plain, file_name="paid.xml", kept_as="imports/1/paid.xml", effect="credit", per_line=False, state="done"
    )
    line = BursarPayment.objects.create(
        institution=library.institution, file=file, position=1, transaction_id="NOBODY", outcome="unknown"
    )
    return {"bursar_id": profile_id, "export_id": run.pk, "import_id": file.pk, "line_id": line.pk}
