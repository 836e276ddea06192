"""Bursar profiles: who may change them, what is refused, and that secrets stay sealed."""

from dataclasses import replace

import pytest

from amerce.access.can import NotAllowed
from amerce.access.sealed import unseal
from amerce.bursar.errors import (
    CodeInUse,
    FolderTakesOwnFiles,
    FolderUnsafe,
    HostKeyMalformed,
    KeyMalformed,
    ProfileAwaited,
    ProfileHasRuns,
)
from amerce.bursar.models import BursarProfile
from amerce.bursar.profiles import ProfileFacts
from amerce.bursar.save_profile import delete_profile, save_profile
from amerce.bursar.uploads import uploaded
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NameTaken, NumberOutOfRange, OutOfDate, TextMalformed
from amerce.inputs.stamp import stamp_of
from amerce.jobs.models import JobRun, JobSchedule
from tests.bursar.desk import Clerk, payments
from tests.charges.checks import nothing_written
from tests.jobs.running import queue
from tests.jobs.scheduling import scheduled
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]
PLAIN = ProfileFacts(code="SIS", name="Student accounts")


def test_a_profile_says_what_was_saved_and_its_event_before_and_after(clerk: Clerk) -> None:
    made = save_profile(actor=clerk.administrator, at=NOON, facts=PLAIN)
    after = replace(PLAIN, min_amount_minor=500, fee_types=("OTHER", "LOCKERKEY"))

    save_profile(actor=clerk.administrator, at=NOON, facts=after, profile_id=made.profile_id)

    profile = BursarProfile.objects.get()
    assert (profile.min_amount_minor, profile.fee_types) == (500, ["LOCKERKEY", "OTHER"])
    assert (profile.updated_by, profile.updated_at) == (clerk.administrator.name, NOON)
    event = Event.objects.filter(name="bursar_profile.changed").latest("pk")
    assert (event.data["before"]["min_amount_minor"], event.data["after"]["min_amount_minor"]) == (0, 500)


def test_a_secret_is_kept_sealed_and_in_no_event(clerk: Clerk) -> None:
    profile = clerk.profile(secret="harbour-lantern")

    assert unseal(profile.sealed_secret) == "harbour-lantern"
    assert "harbour-lantern" not in str(list(Event.objects.values("data")))


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG91ciBob3N0IGtleSBvZiB0ZXN0cyBhbmQgbm8gICAg"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5vdCBvdXIgaG9zdCBrZXkgb2YgdGVzdHMgYW5kICAg"


@pytest.mark.parametrize(
    "changed",
    [{"host": "elsewhere.example"}, {"port": 2222}, {"sign_in": "key"}, {"host_key": OTHER_KEY}, {"host_key": ""}],
)
def test_a_secret_goes_to_no_other_server_and_in_no_other_way(clerk: Clerk, changed: dict[str, object]) -> None:
    told = {"destination": "sftp", "host": "bursar.example", "username": "amerce", "folder": "in"}
    profile = clerk.profile(secret="harbour-lantern", host_key=KEY, **told)
    facts = ProfileFacts.of(profile)

    same = replace(facts, name="Other", host_key=f"{KEY} as the bursar said")
    save_profile(actor=clerk.administrator, at=NOON, facts=same, profile_id=profile.pk)
    profile.refresh_from_db()
    assert unseal(profile.sealed_secret) == "harbour-lantern"

    save_profile(actor=clerk.administrator, at=NOON, facts=replace(facts, **changed), profile_id=profile.pk)  # type: ignore[arg-type]
    profile.refresh_from_db()
    assert profile.sealed_secret == ""
    assert Event.objects.latest("pk").data["is_secret_changed"] is True


def test_the_first_host_key_is_pinned_without_the_secret_again(clerk: Clerk) -> None:
    profile = clerk.profile(secret="harbour-lantern", destination="sftp", host="bursar.example", username="amerce")
    facts = replace(ProfileFacts.of(profile), host_key=KEY)

    save_profile(actor=clerk.administrator, at=NOON, facts=facts, profile_id=profile.pk)

    profile.refresh_from_db()
    assert unseal(profile.sealed_secret) == "harbour-lantern"


@pytest.mark.parametrize(
    ("columns", "refusal"),
    [
        ({"code": " "}, NameMissing), ({"code": "a/b"}, TextMalformed), ({"name": ""}, NameMissing),
        ({"fee_types": ("NONE",)}, ChoiceUnknown), ({"user_groups": ("x",)}, ChoiceUnknown),
        ({"libraries": ("x",)}, ChoiceUnknown), ({"identifier_type": "99"}, ChoiceUnknown),
        ({"rows": "x"}, ChoiceUnknown),
        ({"destination": "folder", "folder": ""}, NameMissing),
        ({"destination": "folder", "folder": "../outside"}, FolderUnsafe),
        ({"destination": "folder", "folder": "a/../../b"}, FolderUnsafe),
        ({"import_folder": "~root"}, FolderUnsafe),
        ({"destination": "sftp", "host": "", "username": "x"}, NameMissing),
        ({"host_key": "ssh-ed25519 nonsense"}, HostKeyMalformed), ({"port": 70_000}, NumberOutOfRange),
        ({"min_age_days": -1}, NumberOutOfRange), ({"min_amount_minor": -1}, NumberOutOfRange),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(clerk: Clerk, columns: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        save_profile(actor=clerk.administrator, at=NOON, facts=replace(PLAIN, **columns))  # type: ignore[arg-type]

    assert not BursarProfile.objects.exists()


def test_a_code_and_a_name_are_one_profiles(clerk: Clerk) -> None:
    clerk.profile()

    for facts in (replace(PLAIN, code="sis", name="Other"), replace(PLAIN, code="B", name="student sis")):
        with pytest.raises(NameTaken):
            save_profile(actor=clerk.administrator, at=NOON, facts=facts)


def test_what_is_no_private_key_is_refused(clerk: Clerk) -> None:
    facts = replace(PLAIN, destination="sftp", host="h", username="u", sign_in="key")

    with pytest.raises(KeyMalformed):
        save_profile(actor=clerk.administrator, at=NOON, facts=facts, secret="no key")


def test_a_page_that_is_out_of_date_overwrites_nothing(clerk: Clerk) -> None:
    profile = clerk.profile()
    stamp = stamp_of(ProfileFacts.of(profile))
    save_profile(actor=clerk.administrator, at=NOON, facts=replace(PLAIN, name="A"), profile_id=profile.pk)

    with pytest.raises(OutOfDate):
        save_profile(
            actor=clerk.administrator, at=NOON, facts=replace(PLAIN, name="B"), profile_id=profile.pk,
            expected_stamp=stamp,
        )  # fmt: skip


def test_a_profile_that_ran_stays_and_one_that_never_did_goes(clerk: Clerk) -> None:
    ran, never, found_nothing = clerk.profile(), clerk.profile("NEW"), clerk.profile("NOTHING", user_groups=("23",))
    clerk.desk.charge(1000)
    clerk.export(ran)
    clerk.export(found_nothing)

    with pytest.raises(ProfileHasRuns):
        delete_profile(actor=clerk.administrator, at=NOON, profile_id=ran.pk)
    for each in (never, found_nothing):
        delete_profile(actor=clerk.administrator, at=NOON, profile_id=each.pk)

    assert list(BursarProfile.objects.all()) == [ran]


@pytest.mark.parametrize("awaited_by", ["upload", "schedule"])
def test_a_profile_that_a_run_or_schedule_waits_for_stays_until_that_is_over(clerk: Clerk, awaited_by: str) -> None:
    profile = clerk.profile()
    if awaited_by == "upload":
        uploaded(clerk.library.institution.pk, "paid.xml").write_bytes(payments((1, "1")))
        run = queue(clerk.library, "bursar-import", profile="SIS", upload="paid.xml")
    else:
        schedule = scheduled(clerk.library, "bursar-export", params={"profile": "SIS"})

    with nothing_written(), pytest.raises(ProfileAwaited):
        delete_profile(actor=clerk.administrator, at=NOON, profile_id=profile.pk)

    if awaited_by == "upload":
        JobRun.objects.filter(pk=run.pk).update(state=JobRun.State.CANCELLED)
    else:
        JobSchedule.objects.filter(pk=schedule.pk).delete()
    delete_profile(actor=clerk.administrator, at=NOON, profile_id=profile.pk)
    assert not BursarProfile.objects.exists()


@pytest.mark.parametrize("used_by", ["run", "import", "queue", "schedule"])
def test_the_code_stays_once_runs_or_schedules_name_it(clerk: Clerk, used_by: str) -> None:
    profile = clerk.profile()
    if used_by == "run":
        clerk.export(profile)
    elif used_by == "import":
        clerk.put(profile, "paid.xml", payments((1, "1")))
        clerk.take_in(profile)
    elif used_by == "queue":
        queue(clerk.library, "bursar-export", profile="SIS")
    else:
        scheduled(clerk.library, "bursar-export", params={"profile": "SIS"})
    facts = ProfileFacts.of(profile)

    with nothing_written(), pytest.raises(CodeInUse):
        save_profile(actor=clerk.administrator, at=NOON, facts=replace(facts, code="NEW"), profile_id=profile.pk)
    save_profile(actor=clerk.administrator, at=NOON, facts=replace(facts, name="New"), profile_id=profile.pk)

    profile.refresh_from_db()
    assert (profile.code, profile.name) == ("SIS", "New")


def test_the_code_of_a_profile_that_nothing_names_is_changed(clerk: Clerk) -> None:
    profile, other = clerk.profile(), clerk.profile("OTHER")
    clerk.export(other)

    save_profile(
        actor=clerk.administrator, at=NOON, facts=replace(ProfileFacts.of(profile), code="NEW"), profile_id=profile.pk
    )

    profile.refresh_from_db()
    assert profile.code == "NEW"


def test_the_bursar_clerk_looks_and_changes_nothing(clerk: Clerk) -> None:
    with pytest.raises(NotAllowed):
        save_profile(actor=clerk.clerk, at=NOON, facts=PLAIN)


FOLDER = replace(PLAIN, destination="folder", folder="sis", imports=True, import_folder="sis/in")
SERVER = replace(FOLDER, destination="sftp", host="bursar.example", username="amerce")


@pytest.mark.parametrize(
    "facts",
    [
        replace(FOLDER, import_folder="sis"),
        replace(FOLDER, import_folder="/sis/"),
        replace(SERVER, folder="", import_folder=""),
    ],
)
def test_a_profile_does_not_take_its_own_exports_for_payments(clerk: Clerk, facts: ProfileFacts) -> None:
    with pytest.raises(FolderTakesOwnFiles) as refused:
        save_profile(actor=clerk.administrator, at=NOON, facts=facts)

    assert refused.value.profile == ""
    assert not BursarProfile.objects.exists() and not Event.objects.filter(name="bursar_profile.changed").exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FOLDER, replace(FOLDER, folder="sis/in", import_folder="other")),
        (FOLDER, replace(FOLDER, folder="other", import_folder="sis")),
        (SERVER, replace(SERVER, folder="sis/in", imports=False)),
    ],
)
def test_two_profiles_do_not_take_each_others_exports_for_payments(
    clerk: Clerk, first: ProfileFacts, second: ProfileFacts
) -> None:
    save_profile(actor=clerk.administrator, at=NOON, facts=first)

    with pytest.raises(FolderTakesOwnFiles) as refused:
        save_profile(actor=clerk.administrator, at=NOON, facts=replace(second, code="TWO", name="Two"))

    assert refused.value.profile == "Student accounts"
    assert BursarProfile.objects.count() == 1


@pytest.mark.parametrize(
    "facts",
    [
        replace(FOLDER, imports=False, import_folder="sis"),
        replace(SERVER, folder="sis/in", import_folder="sis"),
        replace(FOLDER, folder="", destination="download", import_folder="sis/in"),
    ],
)
def test_folders_of_one_name_in_two_places_do_not_meet(clerk: Clerk, facts: ProfileFacts) -> None:
    save_profile(actor=clerk.administrator, at=NOON, facts=FOLDER)

    assert save_profile(actor=clerk.administrator, at=NOON, facts=replace(facts, code="TWO", name="Two")).is_changed
