"""Every command on patron records and on the configuration: each role may do what its privileges say.

A command that is added and listed neither here nor in ``test_refusals`` of charges or circulation fails the first test.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta
from types import ModuleType
from typing import Any

import pytest
from django.db import transaction

import amerce.access
import amerce.charges
import amerce.circulation
import amerce.institutions
import amerce.notices
import amerce.patrons
from amerce.access.actors import Place
from amerce.access.api_keys import create_api_key, revoke_api_key
from amerce.access.assign_role import assign_role, revoke_role
from amerce.access.can import NotAllowed
from amerce.access.change_password import change_password
from amerce.access.create_account import create_account
from amerce.access.edit_account import AccountFacts, edit_account
from amerce.access.models import ApiKey
from amerce.access.privileges import ROLES, Privilege
from amerce.access.providers import remove_provider, save_provider
from amerce.access.remove_role import remove_role
from amerce.access.restore_role import restore_role
from amerce.access.save_role import add_role, save_role
from amerce.access.second_factor import add_key, make_recovery_codes, remove_all_factors, remove_factor, set_up_app
from amerce.access.sessions import end_session, end_sessions
from amerce.access.set_password import set_password
from amerce.access.sign_in_settings import SettingsSaid, save_sign_in_settings
from amerce.access.unlock_account import unlock_account
from amerce.charges.books import open_books
from amerce.charges.correct_many import correct_many
from amerce.charges.export_fees import export_fees
from amerce.charges.fee_type_facts import FeeTypeFacts
from amerce.charges.many_books import open_many_books
from amerce.charges.models import FeeType
from amerce.charges.restore_fee_type import restore_fee_type
from amerce.charges.save_fee_type import save_fee_type
from amerce.charges.settle import settle
from amerce.charges.take_back_exports import take_back_exports
from amerce.charges.take_back_payments import take_back_payments
from amerce.charges.waive_many import waive_many
from amerce.circulation.accrue_loans import accrue_loans
from amerce.circulation.activity_report import send_activity_report
from amerce.circulation.add_closure import add_closure
from amerce.circulation.block_rules import RuleFacts, delete_rule, save_rule
from amerce.circulation.change_settings import change_settings, settings_of
from amerce.circulation.close_paid_lost_loan import close_paid_lost_loan
from amerce.circulation.delete_patron import delete_patron
from amerce.circulation.delete_terms import delete_terms
from amerce.circulation.find_lent_copy import find_lent_copy
from amerce.circulation.remove_closure import remove_closure
from amerce.circulation.reopen_lost_loan import reopen_lost_loan
from amerce.circulation.save_item_policy import add_item_policy, save_item_policy
from amerce.circulation.save_terms import save_terms
from amerce.circulation.set_opening_hours import set_opening_hours
from amerce.institutions.bursar_sequences import SequenceFacts
from amerce.institutions.change_institution import InstitutionFacts, change_institution
from amerce.institutions.code_tables import add_code, remove_code, restore_code, save_code
from amerce.institutions.delete_bursar_sequence import delete_bursar_sequence
from amerce.institutions.models import CodeEntry
from amerce.institutions.models import Library as LibraryRow
from amerce.institutions.save_bursar_sequence import save_bursar_sequence
from amerce.institutions.save_desk import DeskFacts, save_desk
from amerce.institutions.save_library import LibraryFacts, save_library
from amerce.institutions.save_printer import PrinterFacts, save_printer
from amerce.institutions.set_next_number import set_next_number
from amerce.notices.delete_profile import delete_profile
from amerce.notices.enable_profile import disable_profile, enable_profile
from amerce.notices.notify import notify
from amerce.notices.profiles import ProfileFacts
from amerce.notices.save_profile import save_profile
from amerce.patrons.blocks import BlockFacts, lift_block, set_block
from amerce.patrons.create_patron import create_patron
from amerce.patrons.delete_patron_note import delete_patron_note
from amerce.patrons.details import Details
from amerce.patrons.edit_patron import edit_patron
from amerce.patrons.facts import IdentifierFacts
from amerce.patrons.models import Patron
from amerce.patrons.prefer_contact import prefer_contact
from amerce.patrons.remove_contact import remove_contact
from amerce.patrons.remove_identifier import remove_identifier
from amerce.patrons.remove_proxy import remove_proxy
from amerce.patrons.save_user_group import UserGroupFacts, save_user_group
from amerce.patrons.set_contact import set_contact
from amerce.patrons.set_identifier import set_identifier
from amerce.patrons.set_proxy import set_proxy
from amerce.patrons.whole_record import WholeRecord, create_whole_record, replace_whole_record
from amerce.patrons.write_patron_note import NoteFacts, write_patron_note
from tests.access.changing import nothing_changed, said
from tests.access.test_providers import FACTS as FACTS_OF_PROVIDER
from tests.charges.test_refusals import VERBS as ON_FEES
from tests.circulation.configuring import facts, item_policy, nothing_configured
from tests.circulation.test_refusals import NEEDS as OF_LOANS
from tests.patrons.people import PHONE, no_record_written
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db

Command = Callable[..., Any]
CONFIGURE, EDIT, BLOCK = Privilege.FULFILLMENT_CONFIGURE, Privilege.PATRON_EDIT, Privilege.BLOCK_SET
CHARGES, PEOPLE, PLACES = Privilege.CHARGES_CONFIGURE, Privilege.PATRON_CONFIGURE, Privilege.INSTITUTION_CONFIGURE
NOTES = CodeEntry.Table.NOTE_TYPE
STRONG = "walnut-otter-lantern-52"
ROLE, ACCOUNT = Privilege.ROLE_EDIT, Privilege.ACCOUNT_EDIT
NEEDS: dict[Command, Privilege] = {
    add_role: ROLE,
    save_role: ROLE,
    remove_role: ROLE,
    restore_role: ROLE,
    assign_role: ROLE,
    revoke_role: ROLE,
    create_account: Privilege.ACCOUNT_CREATE,
    create_api_key: Privilege.API_KEY_EDIT,
    revoke_api_key: Privilege.API_KEY_EDIT,
    edit_account: ACCOUNT,
    set_password: ACCOUNT,
    unlock_account: ACCOUNT,
    remove_all_factors: ACCOUNT,
    save_sign_in_settings: ROLE,
    save_provider: ROLE,
    remove_provider: ROLE,
    save_terms: CONFIGURE,
    delete_terms: CONFIGURE,
    add_closure: CONFIGURE,
    remove_closure: CONFIGURE,
    set_opening_hours: CONFIGURE,
    add_item_policy: CONFIGURE,
    save_item_policy: CONFIGURE,
    save_rule: CONFIGURE,
    delete_rule: CONFIGURE,
    change_settings: CONFIGURE,
    save_fee_type: CHARGES,
    restore_fee_type: CHARGES,
    save_bursar_sequence: CHARGES,
    delete_bursar_sequence: CHARGES,
    set_next_number: CHARGES,
    save_profile: CHARGES,
    delete_profile: CHARGES,
    enable_profile: CHARGES,
    disable_profile: CHARGES,
    add_code: PEOPLE,
    save_code: PEOPLE,
    restore_code: PEOPLE,
    remove_code: PEOPLE,
    save_library: PLACES,
    save_desk: PLACES,
    save_printer: PLACES,
    change_institution: PLACES,
    save_user_group: PEOPLE,
    create_patron: EDIT,
    create_whole_record: EDIT,
    replace_whole_record: EDIT,
    delete_patron: EDIT,
    edit_patron: EDIT,
    set_identifier: EDIT,
    remove_identifier: EDIT,
    set_contact: EDIT,
    prefer_contact: EDIT,
    remove_contact: EDIT,
    set_proxy: EDIT,
    remove_proxy: EDIT,
    write_patron_note: EDIT,
    delete_patron_note: EDIT,
    set_block: BLOCK,
    lift_block: BLOCK,
}
ON_ONE_S_OWN = {
    add_key,
    change_password,
    end_session,
    end_sessions,
    make_recovery_codes,
    remove_factor,
    set_up_app,
}
"""What everybody does with their own sign-in, whatever their roles."""
OF_WHOLE_RECORDS = {create_patron, create_whole_record, replace_whole_record, delete_patron}
"""What is not made on a page of a record, and so takes no ``seq``."""
OPENERS = {open_books, open_many_books}
"""What commands begin with, once they have asked who may."""
PACKAGES = (amerce.access, amerce.charges, amerce.circulation, amerce.institutions, amerce.notices, amerce.patrons)
BY_THE_SYSTEM = {
    accrue_loans, close_paid_lost_loan, correct_many, export_fees, find_lent_copy, notify, reopen_lost_loan, settle,
    take_back_exports, take_back_payments, waive_many,
}  # fmt: skip
"""What jobs and handlers do; ``test_export_fees``, ``test_settle``, ``test_overdue_fines``, ``test_paid_lost_loans``,
``test_waive_many``, ``test_correct_many``, ``test_take_back_payments`` and ``notices/test_run`` prove who may."""
COMMANDS = pytest.mark.parametrize("command", NEEDS, ids=lambda command: command.__name__)


@dataclass
class Scene:
    """An institution with one of everything that can be changed or removed."""

    library: Library
    actor: Any
    rows: dict[Command, int]

    def inputs(self, command: Command) -> dict[str, Any]:
        """Inputs that ``command`` accepts."""
        library, rows, group = self.library, self.rows, self.library.patron.group_id
        today = NOON.date()
        own: dict[Command, dict[str, Any]] = {
            add_role: {"code": "shelf", "said": said("New")},
            save_role: {"code": "till", "said": said("Till", fee_pay=None)},
            remove_role: {"code": "till"},
            restore_role: {"code": "bursar_clerk"},
            assign_role: {"account_id": rows[edit_account], "role": "till"},
            revoke_role: {"account_id": rows[edit_account], "assignment_id": rows[revoke_role]},
            create_account: {"username": "new", "name": "New", "password": STRONG},
            create_api_key: {"name": "Portal", "scopes": ["fees:read"]},
            revoke_api_key: {"key_id": rows[revoke_api_key]},
            edit_account: {"account_id": rows[edit_account], "facts": AccountFacts(name="New", is_active=False)},
            set_password: {"account_id": rows[edit_account], "password": STRONG},
            unlock_account: {"username": "somebody"},
            remove_all_factors: {"account_id": rows[edit_account]},
            save_provider: {"facts": FACTS_OF_PROVIDER, "client_secret": "x", "provider_id": rows[save_provider]},
            remove_provider: {"provider_id": rows[save_provider]},
            save_sign_in_settings: {"settings": SettingsSaid(("auditor",))},
            save_terms: {"facts": facts(name="Short", group_id=group)},
            delete_terms: {"terms_id": rows[save_terms]},
            add_closure: {"library_id": None, "first_on": today, "last_on": today, "reason": "Water"},
            remove_closure: {"closure_id": rows[add_closure]},
            set_opening_hours: {
                "library_id": library.library.pk,
                "valid_from": today,
                "week": {0: [(time(9), time(18))]},
            },
            add_item_policy: {"code": "NEW", "label": "New"},
            save_item_policy: {"entry_id": rows[save_item_policy], "label": "Shorter", "is_active": True},
            save_rule: {"facts": RuleFacts(group_id=group, amount_minor=100)},
            delete_rule: {"rule_id": rows[save_rule]},
            change_settings: {"settings": replace(settings_of(library.institution), returns_kept_days=7)},
            save_fee_type: {"type_id": rows[save_fee_type], "facts": FeeTypeFacts(label="Other", vat_rate_bp=1900)},
            restore_fee_type: {"type_id": rows[save_fee_type]},
            save_bursar_sequence: {"facts": SequenceFacts(name="Main", prefix="M", library_id=library.library.pk)},
            delete_bursar_sequence: {"sequence_id": rows[save_bursar_sequence]},
            set_next_number: {"sequence_id": rows[save_bursar_sequence], "next_value": 9},
            save_profile: {"facts": ProfileFacts(name="Reminder", minimum_minor=1)},
            delete_profile: {"profile_id": rows[save_profile]},
            enable_profile: {"profile_id": rows[enable_profile]},
            disable_profile: {"profile_id": rows[save_profile]},
            add_code: {"table": NOTES, "code": "NEW", "label": "New"},
            save_code: {"table": NOTES, "entry_id": rows[save_code], "label": "Shorter", "is_active": True},
            restore_code: {"table": NOTES, "entry_id": rows[save_code]},
            remove_code: {"table": NOTES, "entry_id": rows[save_code]},
            save_library: {"facts": LibraryFacts(code="MAIN", name="New"), "library_id": library.library.pk},
            save_desk: {
                "facts": DeskFacts(library_id=library.library.pk, code="DESK1", name="New"),
                "desk_id": library.desk.pk,
            },
            save_printer: {"facts": PrinterFacts(code="NEW", name="New", queue="lp"), "printer_id": rows[save_printer]},
            change_institution: {"facts": replace(InstitutionFacts.of(library.institution), overpayment="credit")},
            save_user_group: {"facts": UserGroupFacts(code="22", label="New"), "group_id": group},
            create_patron: {"details": Details("new", last_name="New")},
            create_whole_record: {"record": WholeRecord(details=Details("new", last_name="New"))},
            replace_whole_record: {"patron_id": self.library.patron.pk, "record": WholeRecord(details=Details("x"))},
            delete_patron: {"patron_id": rows[create_patron]},
            edit_patron: {"details": Details("jdoe", last_name="Roe", group_id=group)},
            set_identifier: {"identifier": IdentifierFacts("BARCODE", "B2")},
            remove_identifier: {"identifier_id": rows[set_identifier]},
            set_contact: {"contact": replace(PHONE, text="+1 312 555 0199")},
            prefer_contact: {"contact_id": rows[set_contact]},
            remove_contact: {"contact_id": rows[set_contact]},
            set_proxy: {"proxy_id": rows[create_patron]},
            remove_proxy: {"proxy_id": rows[set_proxy]},
            write_patron_note: {"note": NoteFacts("OTHER", "Whatever")},
            delete_patron_note: {"note_id": rows[write_patron_note]},
            set_block: {"facts": BlockFacts(description="Lost the key")},
            lift_block: {"block_id": rows[set_block]},
        }
        patron = Patron.objects.get(pk=library.patron.pk)
        record = {"patron_id": patron.pk, "expected_seq": patron.seq}
        whose = record if NEEDS[command] in (EDIT, BLOCK) and command not in OF_WHOLE_RECORDS else {}
        return {"actor": self.actor, "at": NOON, **whose, **own[command]}


@pytest.fixture
def scene(library: Library) -> Scene:
    everyone = replace(library.manager, grants={each: frozenset({None}) for each in Privilege})
    rows = dict.fromkeys([*NEEDS, save_item_policy], 0)
    made = Scene(library, everyone, rows)
    somebody = library.new_account("somebody", "auditor")
    kiosk = ApiKey.objects.create(
        institution=library.institution, name="Kiosk", prefix="kiosk", created_at=NOON, created_by="somebody"
    )
    rows[revoke_api_key] = kiosk.pk
    rows[edit_account], rows[revoke_role] = somebody.pk, somebody.roles.get().pk
    add_role(actor=everyone, at=NOON, code="till", said=said("Till"))
    save_role(actor=everyone, at=NOON, code="bursar_clerk", said=said("Bursar"))
    rows[save_provider] = save_provider(
        actor=everyone, at=NOON, facts=replace(FACTS_OF_PROVIDER, label="Before"), client_secret="x"
    )
    rows[save_item_policy] = item_policy(library, "SHORT").pk
    rows[save_fee_type] = FeeType.objects.get(institution=library.institution, code="OTHER").pk
    rows[save_bursar_sequence] = save_bursar_sequence(
        actor=everyone, at=NOON, facts=SequenceFacts(name="Bursar", prefix="ABC")
    ).sequence_id
    for command in (save_profile, enable_profile):
        profile = ProfileFacts(name=command.__name__, minimum_minor=1)
        rows[command] = save_profile(actor=everyone, at=NOON, facts=profile).profile_id
    disable_profile(actor=everyone, at=NOON, profile_id=rows[enable_profile])
    rows[save_code] = CodeEntry.objects.get(institution=library.institution, table=NOTES, code="OTHER").pk
    printer = PrinterFacts(code="FRONT", name="Front desk", queue="lp")
    rows[save_printer] = save_printer(actor=everyone, at=NOON, facts=printer).row_id
    rows[create_patron] = library.new_patron("proxy").pk
    rows[save_terms] = save_terms(
        actor=everyone, at=NOON, facts=facts(name="Loans of a library", library_id=library.library.pk)
    ).terms_id
    later = NOON.date() + timedelta(days=9)
    rows[add_closure] = add_closure(
        actor=everyone, at=NOON, library_id=None, first_on=later, last_on=later, reason="Holiday"
    ).closure_id
    rows[save_rule] = save_rule(actor=everyone, at=NOON, facts=RuleFacts(amount_minor=1000)).rule_id
    before: dict[Command, dict[str, Any]] = {
        set_identifier: {"identifier": IdentifierFacts("BARCODE", "B1")},
        set_contact: {"contact": PHONE},
        write_patron_note: {},
        set_block: {},
        set_proxy: {"proxy_id": library.new_patron("first-proxy").pk},
    }
    set_contact(**{**made.inputs(set_contact), "contact": replace(PHONE, text="+1 312 555 0101")})
    for command, other in before.items():
        rows[command] = command(**{**made.inputs(command), **other}).row_id
    rows[set_proxy] = before[set_proxy]["proxy_id"]
    return made


def commands_of(package: ModuleType) -> Iterator[Command]:
    """Every public function that is told by name who acts and when."""
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        for name, each in inspect.getmembers(module, inspect.isfunction):
            told = list(inspect.signature(each).parameters.values())
            by_name = [one.name for one in told if one.kind is inspect.Parameter.KEYWORD_ONLY]
            is_public = each.__module__ == module.__name__ and not name.startswith("_")
            if is_public and by_name[:2] == ["actor", "at"] and len(by_name) == len(told):
                yield each


def test_every_command_is_listed() -> None:
    public = {each for package in PACKAGES for each in commands_of(package)}

    listed = {*NEEDS, *OF_LOANS, *ON_FEES, *OPENERS, *BY_THE_SYSTEM, *ON_ONE_S_OWN}
    assert public - {send_activity_report} == listed, "its refusals are in test_activity_report"


@COMMANDS
def test_a_role_may_do_exactly_what_its_privileges_say(scene: Scene, command: Command) -> None:
    for role in ROLES:
        inputs = {**scene.inputs(command), "actor": scene.library.staff(role)}
        if NEEDS[command] in ROLES[role].privileges:
            with transaction.atomic():
                command(**inputs)
                transaction.set_rollback(True)
            continue
        with nothing_configured(), nothing_changed(), no_record_written(), pytest.raises(NotAllowed) as refused:
            command(**inputs)
        assert refused.value.privilege is NEEDS[command]


@COMMANDS
def test_no_other_privilege_will_do(scene: Scene, command: Command) -> None:
    others = {each: frozenset({None}) for each in Privilege if each is not NEEDS[command]}

    with nothing_configured(), nothing_changed(), no_record_written(), pytest.raises(NotAllowed):
        command(**{**scene.inputs(command), "actor": replace(scene.actor, grants=others)})


@COMMANDS
def test_a_role_in_one_library_holds_nowhere_else(scene: Scene, command: Command) -> None:
    branch = LibraryRow.objects.create(institution=scene.library.institution, code="BRANCH", name="Branch")
    in_branch = replace(scene.actor, grants={each: frozenset({branch.pk}) for each in Privilege})

    for place in (scene.library.place, Place(scene.library.library.pk, None), None):
        with nothing_configured(), nothing_changed(), no_record_written(), pytest.raises(NotAllowed):
            command(**{**scene.inputs(command), "actor": replace(in_branch, place=place)})


@COMMANDS
def test_what_belongs_to_another_institution_is_not_touched(
    scene: Scene, other_library: Library, command: Command
) -> None:
    """A command without a row of its own writes at home, so only its inputs that name a row are asked."""
    inputs = scene.inputs(command)
    if not any(name.endswith("_id") for name in inputs):
        return
    theirs = replace(other_library.staff("user_manager"), grants=scene.actor.grants)
    if inputs.get("library_id", 0) is None:
        inputs["library_id"] = scene.library.library.pk

    with nothing_configured(), nothing_changed(), no_record_written(), pytest.raises(Exception) as refused:
        command(**{**inputs, "actor": theirs})

    assert type(refused.value).__name__ in {"PatronNotFound", "RowNotFound", "ChoiceUnknown"}
