"""A file that was uploaded for an import that ended before it took it counts as rejected, and is kept."""

import pytest

from amerce.bursar.import_files import place_of
from amerce.bursar.models import BursarImport
from amerce.bursar.places import kept
from amerce.bursar.uploads import keep_upload, uploaded
from amerce.events.models import EventDelivery
from amerce.jobs.cancel import cancel_run
from amerce.jobs.models import JobRun
from amerce.ledger.models import Transfer
from tests.bursar.desk import Clerk, data_dir, payments
from tests.jobs.running import finish, queue
from tests.world import NOON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.money, pytest.mark.usefixtures("flushable")]

PAID = payments((1, "10.00"))


def uploaded_for(clerk: Clerk, **given: str) -> JobRun:
    """An import that waits for a worker."""
    clerk.profile()
    name = keep_upload(actor=clerk.clerk, at=NOON, name="paid in May.xml", size=len(PAID), pieces=[PAID])
    return queue(clerk.library, "bursar-import", profile="SIS", upload=name, **given)


def lying_in(clerk: Clerk, folder: str) -> list[str]:
    return sorted(each.name for each in kept(clerk.library.institution.pk, folder, "-").parent.iterdir())


def test_a_cancelled_import_leaves_its_file_among_the_rejected_ones_with_the_reason(clerk: Clerk) -> None:
    run = uploaded_for(clerk)

    cancel_run(actor=clerk.clerk, at=NOON, run_id=run.pk)

    file, name = clerk.last_file(), f"{run.pk}-paid-in-May.xml"
    assert (file.state, file.reason, file.file_name, file.number) == (
        "rejected",
        "cancelled",
        "paid-in-May.xml",
        run.pk,
    )
    assert (lying_in(clerk, "uploads"), lying_in(clerk, "rejected")) == ([], [name, f"{name}.txt"])
    rejected = data_dir() / "bursar-files" / str(clerk.library.institution.pk) / "rejected"
    assert (rejected / name).read_bytes() == PAID
    who = clerk.clerk.name
    assert (rejected / f"{name}.txt").read_text() == f"The import was cancelled by {who} before it began.\n"
    assert not Transfer.objects.exists()


def test_one_whose_check_was_cancelled_is_kept_and_not_rejected(clerk: Clerk) -> None:
    run = uploaded_for(clerk, check="yes")

    cancel_run(actor=clerk.clerk, at=NOON, run_id=run.pk)

    file = clerk.last_file()
    assert (file.state, file.reason, file.is_check) == ("checked", "cancelled", True)
    assert kept(file.institution_id, *file.kept_as.split("/")).read_bytes() == PAID
    assert (lying_in(clerk, "uploads"), lying_in(clerk, "rejected")) == ([], [])


def test_an_import_that_failed_before_it_looked_at_its_file_does_too(clerk: Clerk) -> None:
    run = uploaded_for(clerk)
    in_the_way = kept(clerk.library.institution.pk, *place_of(run.pk, run.params["upload"]).split("/"))
    in_the_way.mkdir()
    (in_the_way / "x").touch()

    assert finish(run).state == JobRun.State.FAILED
    assert not BursarImport.objects.exists() and lying_in(clerk, "uploads") == [run.params["upload"]]
    (in_the_way / "x").unlink()
    in_the_way.rmdir()
    _try_again()

    assert (clerk.last_file().state, clerk.last_file().reason) == ("rejected", "not_begun")
    assert lying_in(clerk, "uploads") == []


def test_one_that_was_cut_off_after_the_file_was_moved_lists_it_all_the_same(clerk: Clerk) -> None:
    run = uploaded_for(clerk)
    name = run.params["upload"]
    place = kept(clerk.library.institution.pk, *place_of(run.pk, name).split("/"))
    uploaded(clerk.library.institution.pk, name).replace(place)

    cancel_run(actor=clerk.clerk, at=NOON, run_id=run.pk)

    assert (clerk.last_file().reason, BursarImport.objects.count()) == ("cancelled", 1)


def test_a_cancelled_import_without_an_upload_and_another_cancelled_job_list_nothing(clerk: Clerk) -> None:
    clerk.profile()
    for name, given in (("bursar-import", {"profile": "SIS"}), ("bursar-export", {"profile": "SIS"})):
        run = queue(clerk.library, name, **given)
        cancel_run(actor=clerk.clerk, at=NOON, run_id=run.pk)

    assert not BursarImport.objects.exists()
    assert EventDelivery.objects.filter(done_at=None).count() == 0


def _try_again() -> None:
    from amerce.events.deliver import deliver_next

    while deliver_next(now=NOON.replace(year=2027)):
        pass
