"""A file that was checked is booked by an import of its own, once, as things are by then."""

import pytest

from amerce.access.can import NotAllowed
from amerce.bursar.book_checked import book_checked
from amerce.bursar.checked import checked_since
from amerce.bursar.errors import LineNeedsNobody, NotBookable, WholeExport
from amerce.bursar.import_files import kept_file
from amerce.bursar.models import BursarImport, BursarPayment, BursarProfile
from amerce.bursar.places import exchange
from amerce.bursar.profiles import ProfileFacts
from amerce.bursar.reconciliation import payments_of
from amerce.bursar.save_profile import save_profile
from amerce.bursar.tick_off import tick_off
from amerce.bursar.undo_import import begin_undo_import
from amerce.bursar.uploads import keep_upload
from amerce.charges.models import Fee
from amerce.inputs.errors import RowNotFound
from amerce.jobs.errors import JobRefused
from amerce.jobs.models import JobRun
from tests.bursar.desk import Clerk, at_bursar, nothing_paid, payments
from tests.charges.acts import state
from tests.charges.checks import nothing_written
from tests.jobs.running import finish, queue
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def checked(clerk: Clerk, *, sum_text: str = "10.00", **columns: object) -> tuple[BursarProfile, Fee, BursarImport]:
    """A file in the folder that pays one fee of 10.00, and its check."""
    profile, (fee,) = at_bursar(clerk, 1000, **columns)
    clerk.put(profile, "paid.xml", payments((fee.pk, sum_text), number=clerk.last_run().number))
    clerk.check(profile)
    return profile, fee, clerk.last_file()


def book(clerk: Clerk, file: BursarImport, **more: str) -> JobRun:
    queued = book_checked(actor=clerk.clerk, at=NOON, import_id=file.pk, **more)
    assert not queued.replayed
    return finish(queued.run)


def in_folder(profile: BursarProfile) -> list[str]:
    folder = exchange(profile, profile.import_folder)
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_it_is_booked_as_it_was_checked_and_put_away_and_the_check_stays(clerk: Clerk) -> None:
    profile, fee, file = checked(clerk)

    run = book(clerk, file)

    booked = clerk.last_file()
    assert (run.state, booked.state, booked.applied_minor, booked.file_name) == ("done", "done", 1000, "paid.xml")
    assert (booked.content, booked.sha256, booked.is_check) == (file.content, file.sha256, False)
    assert (state(fee), clerk.last_run().state) == (("EXPORTED", "paid", 0), "acknowledged")
    assert in_folder(profile) == ["done/paid.xml"]
    file.refresh_from_db()
    assert (file.state, kept_file(file).exists(), kept_file(booked).exists()) == ("checked", True, True)


def test_booked_twice_or_booked_otherwise_it_is_one_import(clerk: Clerk) -> None:
    _profile, _fee, file = checked(clerk)
    first = book_checked(actor=clerk.clerk, at=NOON, import_id=file.pk)

    again = book_checked(actor=clerk.clerk, at=NOON, import_id=file.pk)

    assert (again.run.pk, again.replayed) == (first.run.pk, True)
    finish(first.run)
    with nothing_written():
        later = book_checked(actor=clerk.clerk, at=NOON, import_id=file.pk)
    assert (later.run.pk, later.replayed) == (first.run.pk, True)
    assert JobRun.objects.filter(name="bursar-import").count() == 2


def test_a_file_that_was_imported_from_the_folder_meanwhile_is_not_booked_again(clerk: Clerk) -> None:
    profile, _fee, file = checked(clerk)
    run = clerk.take_in(profile)

    with nothing_written():
        queued = book_checked(actor=clerk.clerk, at=NOON, import_id=file.pk)

    assert (queued.run.pk, queued.replayed) == (run.pk, True)


def test_two_checks_that_wait_to_be_booked_book_the_payments_once(clerk: Clerk) -> None:
    profile, fee, first = checked(clerk)
    clerk.check(profile)
    runs = [book_checked(actor=clerk.clerk, at=NOON, import_id=each.pk).run for each in (first, clerk.last_file())]

    for each in runs:
        finish(each)

    assert [each.state for each in BursarImport.objects.filter(is_check=False).order_by("pk")] == ["done", "repeated"]
    assert (state(fee), clerk.desk.three_balances()) == (("EXPORTED", "paid", 0), (0, 0, 0))


def test_what_was_paid_since_the_check_is_met_as_in_any_import(clerk: Clerk) -> None:
    profile, fee, file = checked(clerk)
    clerk.put(profile, "other.xml", payments((fee.pk, "10"), number=99))
    (exchange(profile, profile.import_folder) / "paid.xml").rename(exchange(profile, "sis") / "away")
    clerk.take_in(profile)

    with nothing_paid(clerk):
        book(clerk, file)

    assert (clerk.last_file().state, clerk.last_file().reason) == ("rejected", "problems")
    assert clerk.outcomes() == [(str(fee.pk), "elsewhere")]
    assert [each for each in in_folder(profile) if "paid.xml" in each] == []


def test_another_file_of_that_name_in_the_folder_is_left_alone(clerk: Clerk) -> None:
    profile, fee, file = checked(clerk, sum_text="4.00")
    clerk.put(profile, "paid.xml", payments((fee.pk, "6.00"), number=99))

    book(clerk, file)

    assert (clerk.last_file().applied_minor, in_folder(profile)) == (400, ["paid.xml"])


def test_an_upload_is_booked_from_what_is_kept(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    content = payments((fee.pk, "10.00"))
    there = clerk.put(profile, "paid.xml", content)
    name = keep_upload(actor=clerk.clerk, at=NOON, name="paid.xml", size=len(content), pieces=[content])
    clerk.check(profile, upload=name)

    book(clerk, clerk.last_file())

    assert (clerk.last_file().file_name, clerk.last_file().state) == ("paid.xml", "done")
    assert there.exists()  # it was not taken from there


def test_the_file_of_an_export_itself_is_booked_only_when_somebody_says_that_all_was_paid(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    number = clerk.last_run().number
    clerk.put(profile, "back.xml", clerk.delivered())
    clerk.check(profile)
    file = clerk.last_file()

    for whole in ("", str(number + 1)):
        with nothing_written(), pytest.raises(WholeExport) as refused:
            book_checked(actor=clerk.clerk, at=NOON, import_id=file.pk, whole=whole)
        assert refused.value.number == number
    with nothing_written(), pytest.raises(JobRefused, match="the file of export"):
        queue(clerk.library, "bursar-import", profile=profile.code, kept=str(file.pk))

    book(clerk, file, whole=str(number))
    assert state(fee) == ("EXPORTED", "paid", 0)


def test_a_file_with_problems_is_booked_once_its_profile_takes_it_line_by_line(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "paid.xml", payments((fee.pk, "10.00"), ("NOBODY", "1.00")))
    clerk.check(profile)
    file = clerk.last_file()

    with nothing_written(), pytest.raises(NotBookable):
        book_checked(actor=clerk.clerk, at=NOON, import_id=file.pk)

    facts = ProfileFacts(**{**vars(ProfileFacts.of(profile)), "imports_per_line": True})
    save_profile(actor=clerk.administrator, at=NOON, facts=facts, profile_id=profile.pk)
    book(clerk, file)
    assert (clerk.last_file().state, clerk.last_file().posted_count) == ("done", 1)


def test_what_was_not_checked_is_not_kept_or_is_somebody_elses_is_refused(clerk: Clerk, other_library: Library) -> None:
    profile, fee, file = checked(clerk)
    clerk.put(profile, "half.xml", payments((fee.pk, "1"))[:-40])
    clerk.check(profile)
    half = BursarImport.objects.get(reason="malformed")
    imported = BursarImport.objects.create(
        institution=clerk.library.institution, profile=profile, number=1, file_name="a.xml", kept_as="imports/1/a.xml",
        effect="credit", per_line=False, started_by="x", started_at=NOON, state="rejected",
    )  # fmt: skip

    def refused(error: type[Exception], import_id: int, **more: object) -> None:
        with nothing_written(), pytest.raises(error):
            book_checked(**{"actor": clerk.clerk, "at": NOON, "import_id": import_id, **more})  # type: ignore[arg-type]

    refused(NotBookable, half.pk)
    refused(NotBookable, imported.pk)
    refused(RowNotFound, 2**70)
    refused(RowNotFound, file.pk, actor=other_library.staff("bursar_clerk"))
    refused(NotAllowed, file.pk, actor=clerk.library.staff("auditor"))
    kept_file(file).unlink()
    refused(JobRefused, file.pk)
    assert not JobRun.objects.exclude(state="done").exists()


def test_a_checked_file_waits_for_a_hand_until_its_payments_are_booked(clerk: Clerk) -> None:
    profile, _fee, _first = checked(clerk)
    clerk.check(profile)
    last = clerk.last_file()
    other = clerk.profile("OTHER")

    assert list(checked_since(clerk.clerk, profile, NOON)) == [last]
    assert list(checked_since(clerk.clerk, None, NOON)) == [last]
    assert list(checked_since(clerk.clerk, other, NOON)) == []
    assert list(checked_since(clerk.clerk, profile, NOON.replace(year=2027))) == []

    book(clerk, last)
    assert list(checked_since(clerk.clerk, profile, NOON)) == []


def test_once_its_payments_were_undone_it_waits_for_nobody_and_may_be_booked_again(clerk: Clerk) -> None:
    profile, fee, file = checked(clerk)
    book(clerk, file)
    undo = begin_undo_import(actor=clerk.clerk, at=NOON, import_id=clerk.last_file().pk, reason="A test")
    assert book_checked(actor=clerk.clerk, at=NOON, import_id=file.pk).replayed
    finish(undo.run)

    assert list(checked_since(clerk.clerk, profile, NOON)) == []
    book(clerk, file)
    assert (clerk.last_file().state, state(fee)) == ("done", ("EXPORTED", "paid", 0))


def test_a_line_of_a_check_is_ticked_off_by_nobody(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "paid.xml", payments((fee.pk, "10.00"), ("NOBODY", "1.00")))
    clerk.check(profile)

    with nothing_written(), pytest.raises(LineNeedsNobody):
        tick_off(actor=clerk.clerk, at=NOON, line_id=BursarPayment.objects.get(outcome="unknown").pk, note="Cash")

    assert not payments_of(clerk.clerk, clerk.last_file()).filter(for_a_person=True).exists()
