"""The configuration as a file: dumped, changed, loaded all or nothing, and dumped again the same."""

from dataclasses import replace
from datetime import date, time

import pytest

from amerce.access.actors import Actor, system_actor
from amerce.access.assign_role import assign_role
from amerce.access.can import NotAllowed
from amerce.access.models import Role
from amerce.access.privileges import Privilege
from amerce.access.providers import Given, ProviderFacts, save_provider
from amerce.access.save_role import RoleSaid, add_role, save_role
from amerce.access.sign_in_settings import SettingsSaid, save_sign_in_settings
from amerce.bursar import profiles as bursar_profiles
from amerce.bursar import save_profile as bursar_saving
from amerce.charges.fee_type_facts import FeeTypeFacts
from amerce.charges.models import FeeType
from amerce.charges.save_fee_type import save_fee_type
from amerce.circulation.add_closure import add_closure
from amerce.circulation.block_rules import RuleFacts, save_rule
from amerce.circulation.change_settings import change_settings, settings_of
from amerce.circulation.models import BlockRule, CalendarException, OpeningHours, TermsOfUse
from amerce.circulation.save_item_policy import add_item_policy
from amerce.circulation.save_terms import save_terms
from amerce.circulation.set_opening_hours import set_opening_hours
from amerce.circulation.terms_facts import Notice
from amerce.config_file.dump import dump
from amerce.config_file.errors import FileRefused
from amerce.config_file.load import load, preview
from amerce.config_file.part import Act
from amerce.config_file.parts.all import PARTS
from amerce.events.models import Event
from amerce.institutions.bursar_sequences import SequenceFacts
from amerce.institutions.change_institution import InstitutionFacts, change_institution
from amerce.institutions.code_tables import add_code, remove_code
from amerce.institutions.models import CodeEntry, Printer
from amerce.institutions.models import Library as LibraryRow
from amerce.institutions.save_bursar_sequence import save_bursar_sequence
from amerce.institutions.save_printer import PrinterFacts, save_printer
from amerce.jobs.models import JobSchedule
from amerce.letters.models import LetterTemplate
from amerce.network.members import MemberFacts, save_member
from amerce.network.settings import NetworkSaid, save_network_settings
from amerce.notices.enable_profile import disable_profile
from amerce.notices.profiles import INSTITUTION, ProfileFacts
from amerce.notices.save_profile import save_profile
from amerce.patrons.save_user_group import UserGroupFacts, save_user_group
from amerce.webhooks.endpoints import EndpointFacts, save_endpoint
from tests.circulation.configuring import facts, nothing_configured
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
HEAD = "amerce_configuration: 1\n"
BURSAR = bursar_profiles.ProfileFacts(
    code="SIS", name="Student: “no”", imports=True, fee_types=("OTHER",), min_age_days=7, min_amount_minor=500,
    destination="sftp", host="sftp.example", username="amerce", secret_name="sis", folder="/in", rows="both",
)  # fmt: skip


@pytest.fixture
def act(library: Library) -> Act:
    return Act(somebody(library), NOON, library.institution)


def somebody(library: Library) -> Actor:
    return system_actor(library.institution.pk, "command line", *Privilege)


def dumped(act: Act) -> str:
    return dump(act.institution, act.at, PARTS)


@pytest.fixture
def furnished(library: Library, act: Act) -> Library:
    """An institution with a row of every part, each with everything that can be said of it."""
    group_id, library_id = library.patron.group_id, library.library.pk
    who = {"actor": act.actor, "at": NOON}
    save_terms(
        **who,
        facts=facts(
            name="Short: “no”",
            group_id=group_id,
            library_id=library_id,
            refund_ratio_bp=8750,
            days_to_lost=40,
            notices=(Notice(3), Notice(9, 250)),
        ),
    )
    save_rule(**who, facts=RuleFacts(amount_minor=1000))
    save_rule(**who, facts=RuleFacts(group_id=group_id, age_days=90, blocks_request=False))
    week = {0: [(time(9), time(12)), (time(13), time(0))], 6: [(time(10), time(16))]}
    set_opening_hours(**who, library_id=library_id, valid_from=NOON.date(), week=week)
    set_opening_hours(**who, library_id=library_id, valid_from=date(2027, 1, 1), week={2: [(time(9), time(17))]})
    for library_of in (None, library_id):
        add_closure(
            **who, library_id=library_of, first_on=NOON.date(), last_on=NOON.date(), reason="Founders' day: closed"
        )
    locker = FeeType.objects.get(institution=act.institution, code="LOCKERKEY")
    said = replace(FeeTypeFacts.of(locker), is_waivable=False, vat_rate_bp=1950, owner_kind="institution")
    save_fee_type(**who, type_id=locker.pk, facts=said)
    for name, place in (("Bursar", None), ("Bursar of the branch", library_id)):
        sequence = SequenceFacts(name=name, library_id=place, start=100, prefix=f"{len(name)}-", padding=10)
        save_bursar_sequence(**who, facts=sequence)
    bursar_saving.save_profile(**who, facts=BURSAR)
    save_printer(**who, facts=PrinterFacts(code="P1", name="Desk", library_id=library_id, email="p1@print.example"))
    printer_id = Printer.objects.get(institution=act.institution, code="P1").pk
    said = ProfileFacts(
        name="Last reminder",
        description="Before the bursar",
        minimum_minor=10_000,
        maximum_minor=20_000,
        groups=(group_id,),
        skips_borrowers=True,
        only_active=True,
        owners=(INSTITUTION, library_id),
        types=(locker.pk,),
        created_before_days=30,
        created_after_days=50,
        creates_fee=True,
        fee_minor=250,
        send_format="both",
        printer_id=printer_id,
    )
    profile = save_profile(**who, facts=said)
    disable_profile(**who, profile_id=profile.profile_id)
    save_profile(**who, facts=ProfileFacts(name="Reminder", minimum_minor=45))
    reasons = CodeEntry.objects.filter(institution=act.institution, table=CodeEntry.Table.WAIVE_REASON)
    remove_code(**who, table=CodeEntry.Table.WAIVE_REASON, entry_id=reasons.get(code="ILLNESS").pk)
    add_code(**who, table=CodeEntry.Table.WAIVE_REASON, code="FLOOD", label="Flood")
    add_item_policy(**who, code="SHORT", label="Short loan")
    save_user_group(**who, facts=UserGroupFacts(code="77", label="Alumni", is_active=False))
    said = replace(InstitutionFacts.of(act.institution), default_user_group_id=group_id, pay_all_order="smallest")
    change_institution(**who, facts=said)
    change_settings(**who, settings=replace(settings_of(act.institution), accrues_nightly=True, returns_kept_days=90))
    save_sign_in_settings(**who, settings=SettingsSaid(("auditor", "user_manager")))
    save_provider(
        **who,
        facts=ProviderFacts(
            label="Campus",
            protocol="oidc",
            server="https://id.example",
            client_id="amerce",
            role_claim="groups",
            roles=(Given("desk", "circulation_desk_operator", library_id), Given("it", "auditor")),
        ),
        client_secret="not in any file",
    )
    save_endpoint(
        **who,
        facts=EndpointFacts(name="Campus", url="https://hooks.example/in", events=("fee.paid",), is_enabled=False),
        secret="in no file, not even sealed",
    )
    save_network_settings(**who, settings=NetworkSaid(shares=True))
    save_member(
        **who,
        facts=MemberFacts(
            name="Alma", kind="remote", base_url="https://alma.example", identifier_type="BARCODE", timeout_s=9
        ),
        api_key="in no file",
    )
    save_role(**who, code="auditor", said=RoleSaid(label="Auditor", privileges={Privilege.PATRON_VIEW: None}))
    add_role(**who, code="till", said=RoleSaid(label="Till", privileges={Privilege.FEE_WAIVE: 2000}))
    return library


def test_what_was_dumped_changes_nothing_when_it_is_loaded(furnished: Library, act: Act) -> None:
    text, events = dumped(act), Event.objects.count()

    assert preview(act, text, PARTS) == []
    assert load(act, text, PARTS) == []
    assert dumped(act) == text
    assert Event.objects.count() == events


def test_what_was_dumped_makes_another_institution_the_same(
    furnished: Library, act: Act, other_library: Library
) -> None:
    LibraryRow.objects.filter(pk=other_library.library.pk).update(code=furnished.library.code)
    text = dumped(act)
    there = Act(somebody(other_library), NOON, other_library.institution)

    with pytest.raises(FileRefused) as refused:
        load(there, text, PARTS)
    assert "identity_providers Campus: client_secret is missing." in str(refused.value)
    text_with_keys = text.replace("client_secret: null", "client_secret: another").replace(
        "api_key: null", "api_key: k"
    )
    load(there, text_with_keys, PARTS)

    assert dumped(there).partition("\n")[2] == text.partition("\n")[2]


def test_a_file_that_was_dumped_while_a_letter_was_still_offered_is_taken(furnished: Library, act: Act) -> None:
    # given
    words = LetterTemplate(institution=act.institution, kind="TILL", language="en", updated_by="was", updated_at=NOON)
    words.subject, words.html, words.text, words.sms = "Counted", "<p>Counted</p>", "Counted", "Counted"
    words.save()
    text = dumped(act)
    assert "TILL" not in text
    old = text.replace("letter_kinds:\n", "letter_kinds:\n- {kind: TILL, is_on: true}\n").replace(
        "letter_words: []\n",
        "letter_words:\n- {kind: TILL, language: en, subject: Till, html: <p>Till</p>, text: Till, sms: Till}\n",
    )
    assert old.count("TILL") == 2

    # when
    load(act, old, PARTS)

    # then
    assert LetterTemplate.objects.get().subject == "Till"
    assert dumped(act) == text
    assert load(act, text, PARTS) == []


def test_a_changed_row_is_changed_by_its_own_command(furnished: Library, act: Act) -> None:
    text = dumped(act).replace("refund_ratio: 87.5", "refund_ratio: 50")

    (change,) = load(act, text, PARTS)

    assert (change.name, change.fields) == ("terms_of_use Short: “no”", ["refund_ratio"])
    assert TermsOfUse.objects.get(name="Short: “no”").refund_ratio_bp == 5000
    event, loaded = Event.objects.order_by("-pk")[1], Event.objects.latest("pk")
    assert (event.name, event.actor_name) == ("terms.changed", "command line")
    assert (event.data["before"]["refund_ratio_bp"], event.data["after"]["refund_ratio_bp"]) == (8750, 5000)
    assert (loaded.name, loaded.data) == ("configuration.loaded", {"changes": [["terms_of_use", "Short: “no”"]]})


def test_rows_that_the_file_leaves_out_are_removed(furnished: Library, act: Act) -> None:
    changes = load(act, HEAD + "balance_blocks: [{user_group: null, amount: 9.00}]\nclosings: []\n", PARTS)

    assert [each.name for each in changes][:2] == ["balance_blocks -", "balance_blocks 22"]
    assert [rule.amount_minor for rule in BlockRule.objects.filter(institution=act.institution)] == [900]
    assert not CalendarException.objects.filter(institution=act.institution, removed_on=None).exists()
    assert TermsOfUse.objects.filter(name="Short: “no”").exists()  # its part was left out, not its row


def test_a_built_in_role_that_the_file_leaves_out_is_as_it_came(furnished: Library, act: Act) -> None:
    load(act, HEAD + "roles: [{code: till, label: Till, privileges: {fee.waive: 25.00, patron.view: null}}]\n", PARTS)

    (till,) = Role.objects.filter(institution=act.institution)
    assert (till.code, till.privileges) == ("till", {"patron.view": None, "fee.waive": 2500})


def test_a_fee_type_that_the_file_leaves_out_stays_as_it_is(furnished: Library, act: Act) -> None:
    types = HEAD + "fee_types: [{code: OTHER, label: Other, manual_creation: false}]\n"

    (change,) = load(act, types, PARTS)

    assert (change.name, change.fields) == ("fee_types OTHER", ["manual_creation"])
    with nothing_configured(), pytest.raises(FileRefused) as refused:
        load(act, types.replace("OTHER", "LIBRARYCARD"), PARTS)
    assert str(refused.value) == "Line 2: fee_types LIBRARYCARD: code: there is no “LIBRARYCARD”."


def test_a_reason_that_the_file_leaves_out_is_removed_and_one_that_comes_back_is_the_same(
    furnished: Library, act: Act
) -> None:
    text = dumped(act)
    flood = "- table: FineFeeTransactionReason\n  code: FLOOD\n  label: Flood\n  active: true\n"
    illness = flood.replace("FLOOD", "ILLNESS").replace("Flood", "Illness, long").replace("true", "false")

    load(act, text.replace(flood, illness), PARTS)

    reasons = CodeEntry.objects.filter(institution=act.institution, table=CodeEntry.Table.WAIVE_REASON)
    assert reasons.get(code="FLOOD").removed_at == NOON
    back = reasons.get(code="ILLNESS")
    assert (back.label, back.is_active, back.removed_at) == ("Illness, long", False, None)


def test_a_dry_run_tells_the_same_changes_and_writes_nothing(furnished: Library, act: Act) -> None:
    text = dumped(act).replace("amount: 10.00", "amount: 12.00").replace("after_days: 9", "after_days: 10")

    with nothing_configured():
        told = preview(act, text, PARTS)

    assert told == load(act, text, PARTS)
    assert [each.name for each in told] == ["terms_of_use Short: “no”", "balance_blocks -"]


def test_a_dry_run_says_what_only_a_command_knows_and_writes_nothing(furnished: Library, act: Act) -> None:
    account = furnished.new_account("evening")
    assign_role(actor=act.actor, at=NOON, account_id=account.pk, role="till")
    text = HEAD + "user_groups: []\nroles: []\n"

    with nothing_configured(), pytest.raises(FileRefused) as refused:
        preview(act, text, PARTS)

    assert str(refused.value) == "Line 3: roles till is left out here and cannot be removed: 1 account holds it."


def test_a_dry_run_of_rows_that_need_each_other_takes_them_together(furnished: Library, act: Act) -> None:
    text = dumped(act)
    new = "- code: NEW\n  name: New branch\n"
    text = text.replace("libraries:\n", f"libraries:\n{new}", 1)
    text = text.replace("\ndesks:\n", "\ndesks:\n- library: NEW\n  code: FRONT\n  name: Front desk\n", 1)

    with nothing_configured():
        told = preview(act, text, PARTS)

    assert [each.name for each in told] == ["libraries NEW", "desks NEW, FRONT"]


def test_one_refusal_of_a_command_leaves_all_as_it_was_and_every_one_is_told(furnished: Library, act: Act) -> None:
    text = dumped(act).replace("amount: 10.00", "amount: 99999999.00").replace("after_days: 9", "after_days: 2")
    text = text.replace("user_group: '22'\n  item_policy", "user_group: '99'\n  item_policy")
    text = text.replace("days_to_lost: 40", "days_to_lost: 41")

    with nothing_configured(), pytest.raises(FileRefused) as refused:
        load(act, text, PARTS)

    lines = str(refused.value).splitlines()
    assert [line.partition(": ")[2] for line in lines] == [
        "terms_of_use Short: “no”: user_group: there is no “99”.",
        "balance_blocks -: amount_minor is not within 0 and 10000000.",
    ]
    rows = text.splitlines()
    assert [rows[int(line.split()[1].rstrip(":")) - 1] for line in lines] == [
        "- name: 'Short: “no”'",
        "- user_group: null",
    ]


def test_hours_are_replaced_from_today_on_and_cannot_be_taken_away(furnished: Library, act: Act) -> None:
    code = furnished.library.code

    load(
        act,
        HEAD + f"opening_hours: [{{library: {code}, week: {{monday: [08:00-20:00]}}, "
        "later: [{from: 2027-01-01, week: {wednesday: [09:00-17:00]}}]}]\n",
        PARTS,
    )
    now = OpeningHours.objects.filter(library=furnished.library, valid_from=NOON.date())
    assert [(each.weekday, each.opens, each.closes) for each in now] == [(0, time(8), time(20))]

    with nothing_configured(), pytest.raises(FileRefused) as refused:
        load(act, HEAD + f"opening_hours: [{{library: {code}, week: null}}]\n", PARTS)
    assert str(refused.value) == (
        f"Line 2: opening_hours {code}: Hours cannot be taken away; say new ones from a day on."
    )


def test_who_may_not_change_a_part_changes_none(furnished: Library, act: Act) -> None:
    text = dumped(act).replace("amount: 10.00", "amount: 12.00")
    nobody = Act(furnished.staff("auditor"), NOON, act.institution)

    with nothing_configured(), pytest.raises(NotAllowed):
        load(nobody, text, PARTS)


def test_a_job_is_scheduled_by_the_file_and_one_that_it_leaves_out_begins_no_more(library: Library, act: Act) -> None:
    text = f"""{HEAD}job_schedules:
- job: purge-returns
  params: [days=90, dry_run=yes]
  cron: 0 4 * * MON
- job: ledger-digest
  cron: 0 3 * * *
  enabled: false
"""

    load(act, text, PARTS)

    rows = JobSchedule.objects.order_by("name").values_list("name", "params", "cron", "is_enabled")
    assert list(rows) == [
        ("ledger-digest", {}, "0 3 * * *", False),
        ("purge-returns", {"days": "90", "dry_run": "yes"}, "0 4 * * MON", True),
    ]
    again = dumped(act)
    assert load(act, again, PARTS) == []
    assert dumped(act) == again


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("{job: purge-returns, cron: 0 25 * * *}", "the hour of the times is wrong."),
        ("{job: purge-returns, cron: 0 1 * * *, params: [days]}", "params: “days” is not of the form name=value."),
        ("{job: sweep, cron: 0 1 * * *}", "There is no job “sweep”"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_and_changes_nothing(
    library: Library, act: Act, row: str, fault: str
) -> None:
    before = list(JobSchedule.objects.values())

    with pytest.raises(FileRefused) as refused:
        load(act, f"{HEAD}job_schedules:\n- {row}\n", PARTS)

    assert any(fault in str(each) for each in refused.value.faults), refused.value.faults
    assert list(JobSchedule.objects.values()) == before
