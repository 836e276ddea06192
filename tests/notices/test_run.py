"""The Fines/Fees Notifications job: letters and fees, once for each message of a run."""

from datetime import timedelta

import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.charges.waive import waive
from amerce.events.models import Event
from amerce.institutions.models import Printer
from amerce.jobs.claim import claim_run
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun, RunEventRow
from amerce.jobs.runner import run_slice, run_to_end
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from amerce.letters.models import Letter, LetterSettings, LetterSwitch
from amerce.notices.delete_profile import delete_profile
from amerce.notices.enable_profile import disable_profile
from amerce.notices.notify import FEE_TYPE, notify
from amerce.notices.profiles import INSTITUTION
from amerce.notices.run import FINES_FEES_NOTIFICATIONS
from amerce.notices.selection import BEGIN, next_messages
from tests.charges.acts import Desk
from tests.circulation.lending import lend
from tests.jobs.running import queue
from tests.jobs.running import run as run_job
from tests.notices.noticing import AS_OF, SAID, administrator, branch, charge_at, new_profile
from tests.notices.test_preview import reach
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
NAME = FINES_FEES_NOTIFICATIONS.name


def run(library: Library, at=AS_OF, **given: str) -> JobRun:
    ended = run_job(library, NAME, at, **given)
    assert ended.state == JobRun.State.DONE, ended.error
    return ended


def summary(ended: JobRun) -> str:
    return FINES_FEES_NOTIFICATIONS.summary(ended)


def notification_fees() -> list[tuple[str, int, int | None]]:
    """Patron, amount and owner of every notification fee."""
    found = Fee.objects.filter(type__code=FEE_TYPE).order_by("pk")
    return list(found.values_list("patron__primary_id", "original_minor", "owner_id"))


def test_a_message_tells_library_fees_and_total_without_the_new_fee(library):
    reach(library, library.patron, email="jane@example.org")
    item = library.new_item("The leopard", "39007000000009")
    library.charge(1000, "DAMAGEDITEMFINE", item=item)
    library.charge(500)
    new_profile(library, name="First reminder", minimum_minor=1500, creates_fee=True, fee_minor=250)

    ended = run(library)

    assert summary(ended) == "looked_at=1 messages=1 letters=1 told=15.00 charged=2.50"
    letter = Letter.objects.get()
    assert (letter.patron_id, letter.kind, letter.channel, letter.to) == (
        library.patron.pk,
        "FINES_FEES_NOTIFICATION",
        "email",
        "jane@example.org",
    )
    said = letter.facts
    assert (said["library"], said["library_code"], said["profile"]) == ("Main Library", "MAIN", "First reminder")
    assert (said["total_minor"], said["notification_fee_minor"]) == (1500, 250)
    assert [(each["type"], each["remaining_minor"]) for each in said["fees"]] == [
        ("DAMAGEDITEMFINE", 1000),
        ("OTHER", 500),
    ]
    assert b"$15.00" in bytes(letter.body) and b"The leopard" in bytes(letter.body)


def test_the_fee_is_charged_once_per_message_to_the_owner_of_what_is_owed(library):
    science = branch(library)
    library.charge(1000)
    charge_at(library, science, 2000)
    charge_at(library, None, 3000, "CARDRENEWAL")
    main = library.library.pk
    owners = (INSTITUTION, main, science.library_id)
    new_profile(library, name="Reminder", owners=owners, creates_fee=True, fee_minor=250)

    ended = run(library)

    assert notification_fees() == [("jdoe", 250, None), ("jdoe", 250, main), ("jdoe", 250, science.library_id)]
    assert ended.counts["charged_minor"] == 750
    fee = Fee.objects.filter(type__code=FEE_TYPE).first()
    assert (fee.note.text, fee.status, fee.remaining_minor, fee.created_at) == ("Reminder", "ACTIVE", 250, AS_OF)
    assert Transfer.objects.filter(actor_name=f"job {NAME}").count() == 3
    assert Event.objects.filter(name="fee.assessed", at=AS_OF, patron_id=library.patron.pk).count() == 3
    assert verify().findings == []


def test_a_disabled_fee_type_is_charged_all_the_same(library):
    library.charge(1000)
    Fee._meta.get_field("type").related_model.objects.filter(code=FEE_TYPE).update(is_enabled=False)
    new_profile(library, creates_fee=True, fee_minor=250)

    run(library)

    assert notification_fees() == [("jdoe", 250, library.library.pk)]


def test_a_profile_without_a_fee_moves_no_money(library):
    library.charge(1000)
    new_profile(library)
    transfers = Transfer.objects.count()

    ended = run(library)

    assert (Transfer.objects.count(), Letter.objects.count()) == (transfers, 1)
    assert summary(ended) == "looked_at=1 messages=1 letters=1 told=10.00 charged=0.00"


def test_seventy_five_at_two_libraries_is_no_message_and_both_over_are_two(library):
    science = branch(library)
    library.charge(7_500)
    charge_at(library, science, 7_500)
    new_profile(library, minimum_minor=10_000, creates_fee=True, fee_minor=100)

    assert run(library).counts["messages"] == 0
    assert (Letter.objects.count(), notification_fees()) == (0, [])

    library.charge(2_500)
    charge_at(library, science, 2_500)
    assert run(library, AS_OF + timedelta(minutes=1)).counts["messages"] == 2
    assert sorted(each.facts["library_code"] for each in Letter.objects.all()) == ["MAIN", "SCI"]


def test_two_profiles_may_both_match_and_neither_counts_the_fee_of_the_other(library):
    library.charge(1000)
    new_profile(library, name="A", minimum_minor=1000, creates_fee=True, fee_minor=250)
    new_profile(library, name="B", minimum_minor=1000, maximum_minor=1001, creates_fee=True, fee_minor=400)
    new_profile(library, name="C", minimum_minor=1001)

    ended = run(library)

    assert ended.counts["messages"] == 2
    assert [each.facts["total_minor"] for each in Letter.objects.order_by("pk")] == [1000, 1000]
    assert [amount for _patron, amount, _owner in notification_fees()] == [250, 400]


def test_the_next_run_tells_again_and_counts_the_fee_of_the_one_before(library):
    library.charge(1000)
    new_profile(library, creates_fee=True, fee_minor=250)

    run(library)
    run(library, AS_OF + timedelta(days=1))

    assert [each.facts["total_minor"] for each in Letter.objects.order_by("pk")] == [1000, 1250]
    assert len(notification_fees()) == 2


@pytest.mark.parametrize(
    ("send_format", "email", "mobile", "written"),
    [
        ("send", True, True, ["email waiting", "sms waiting"]),
        ("send", True, False, ["email waiting"]),
        ("send", False, True, ["sms waiting"]),
        ("send", False, False, ["email no_address"]),
        ("print", True, True, ["print waiting"]),
        ("both", True, True, ["email waiting", "print waiting", "sms waiting"]),
        ("both", False, False, ["print waiting"]),
    ],
)
def test_the_letter_goes_by_the_send_format_and_the_addresses_there_are(library, send_format, email, mobile, written):
    LetterSettings.objects.create(institution=library.institution, sms_url="https://sms.example.org/")
    printer = Printer.objects.create(institution=library.institution, code="P", name="P", queue="lp")
    reach(
        library,
        library.patron,
        email="jane@example.org" if email else "",
        mobile="+1 202 555 0143" if mobile else "",
    )
    library.charge(1000)
    new_profile(library, send_format=send_format, printer_id=printer.pk, creates_fee=True, fee_minor=100)

    run(library)

    assert sorted(f"{each.channel} {each.state}" for each in Letter.objects.all()) == written
    prints = [each.printer_id for each in Letter.objects.filter(channel="print")]
    assert prints == [printer.pk] * ("print waiting" in written)
    assert len(notification_fees()) == 1


@pytest.mark.parametrize(("email", "written"), [(True, ["email waiting"]), (False, ["email no_address"])])
def test_without_a_gateway_no_short_message_is_written(library, email, written):
    reach(library, library.patron, email="jane@example.org" if email else "", mobile="+1 202 555 0143")
    library.charge(1000)
    new_profile(library)

    run(library)

    assert [f"{each.channel} {each.state}" for each in Letter.objects.all()] == written


def test_one_profile_is_run_by_its_name_and_the_run_says_so(library):
    library.charge(1000)
    new_profile(library, name="A")
    new_profile(library, name="B")

    ended = run(library, profile="B")

    assert [each.facts["profile"] for each in Letter.objects.all()] == ["B"]
    assert FINES_FEES_NOTIFICATIONS.title_of(ended) == "Fines/Fees Notifications Using Profile B"
    assert FINES_FEES_NOTIFICATIONS.title_of(run(library, AS_OF + timedelta(1))) == "Fines/Fees Notifications"


def test_a_profile_that_is_unknown_or_disabled_is_no_run(library):
    profile = new_profile(library, name="A")
    disable_profile(actor=administrator(library), at=NOON, profile_id=profile.pk)

    with pytest.raises(JobRefused, match="There is no notification profile “X”"):
        queue(library, NAME, profile="X")
    with pytest.raises(JobRefused, match="“A” is disabled"):
        queue(library, NAME, profile="A")

    assert JobRun.objects.count() == 0
    assert run(library).counts["looked_at"] == 0


def test_a_profile_of_another_institution_is_not_followed(library, other_library):
    library.charge(1000)
    other_library.charge(1000)
    new_profile(other_library, name="Theirs")

    with pytest.raises(JobRefused):
        queue(library, NAME, profile="Theirs")
    run(library)

    assert Letter.objects.count() == 0


def test_a_letter_that_is_turned_off_charges_nobody(library):
    library.charge(1000)
    new_profile(library, creates_fee=True, fee_minor=250)
    queued = queue(library, NAME, AS_OF)
    LetterSwitch.objects.create(institution=library.institution, kind="FINES_FEES_NOTIFICATION", is_on=False)

    with pytest.raises(JobRefused, match="turned off"):
        queue(library, NAME, AS_OF)

    held = claim_run(queued.pk, worker="tests", now=AS_OF)
    ended = run_slice(held, worker="tests", clock=lambda: AS_OF)

    assert ended.state == JobRun.State.FAILED and "turned off" in ended.error
    assert (notification_fees(), Letter.objects.count()) == ([], 0)


def test_who_paid_between_the_look_and_the_lock_is_neither_told_nor_charged(library):
    fee = library.charge(1000)
    other = library.new_patron("other")
    library.charge(1000, patron=other)
    found = next_messages(library.institution, SAID, AS_OF, after=BEGIN, limit=10)
    pay(
        actor=library.operator,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[fee.pk],
        amount_minor=1000,
        method="CASH",
    )

    actor = system_actor(library.institution.pk, "tests", Privilege.PATRON_NOTIFY, Privilege.FEE_ACCRUE)
    facts = SAID.__class__(name="x", minimum_minor=1, creates_fee=True, fee_minor=250)
    done = notify(
        actor=actor, at=AS_OF, institution=library.institution, facts=facts, as_of=AS_OF, found=found, key="test"
    )

    assert (done.messages, done.dropped, done.told_minor, done.charged_minor) == (1, 1, 1000, 250)
    assert notification_fees() == [("other", 250, library.library.pk)]
    assert [each.patron_id for each in Letter.objects.all()] == [other.pk]


def test_only_a_job_may_notify(library):
    library.charge(1000)
    found = next_messages(library.institution, SAID, AS_OF, after=BEGIN, limit=10)

    with pytest.raises(NotAllowed):
        notify(
            actor=administrator(library),
            at=AS_OF,
            institution=library.institution,
            facts=SAID,
            as_of=AS_OF,
            found=found,
            key="test",
        )

    assert Letter.objects.count() == 0


def test_a_waived_lost_item_fee_is_told_with_what_is_left_of_it(library):
    lost = library.charge(5_000, "LOSTITEMREPLACEMENTFEE")
    gone = library.charge(1_000, "LOSTITEMREPLACEMENTFEE")
    waive(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        amounts_minor={lost.pk: 2_000, gone.pk: 1_000},
        reason="OTHER",
    )
    new_profile(library, minimum_minor=3_000)

    run(library)

    said = Letter.objects.get().facts
    assert said["total_minor"] == 3_000
    assert [each["remaining_minor"] for each in said["fees"]] == [3_000]
    assert Fee.objects.get(pk=lost.pk).remaining_minor == 5_000


def test_the_report_sums_up_each_profile_and_says_what_was_left_out(library, monkeypatch):
    monkeypatch.setattr("amerce.notices.run.SLICE_MESSAGES", {"sqlite": 2, "postgresql": 2})
    for number in range(5):
        library.charge(1000 + number, patron=library.new_patron(f"p{number}"))
    new_profile(library, name="A", creates_fee=True, fee_minor=100)
    gone = new_profile(library, name="B")
    off = new_profile(library, name="C")
    new_profile(library, name="D")
    held = claim_run(queue(library, NAME, AS_OF).pk, worker="t", now=AS_OF)
    begun = run_slice(held, worker="t", clock=lambda: AS_OF)
    delete_profile(actor=administrator(library), at=NOON, profile_id=gone.pk)
    disable_profile(actor=administrator(library), at=NOON, profile_id=off.pk)

    ended = run_to_end(begun, worker="t", clock=lambda: AS_OF)

    assert summary(ended) == "looked_at=10 messages=10 letters=10 told=100.20 charged=5.00"
    assert ended.expected == 20
    told = [(each.code, each.data["profile"]) for each in RunEventRow.objects.order_by("number")]
    assert told == [
        ("notification.profile", "A"),
        ("notification.left_out", str(gone.pk)),
        ("notification.left_out", "C"),
        ("notification.profile", "D"),
    ]
    first = RunEventRow.objects.order_by("number").first()
    assert first.data == {
        "profile": "A",
        "messages_count": 5,
        "letters_count": 5,
        "no_address_count": 5,
        "dropped_count": 0,
        "told_minor": 5010,
        "charged_minor": 500,
    }


def test_the_letter_names_the_loans_in_it_so_that_it_is_forgotten_with_them(library):

    loan = lend(library, due_at=NOON)
    Desk(library).bring_to(loan, 300)
    new_profile(library)

    run(library)

    assert Letter.objects.get().about == [f"loan:{loan.pk}"]
