"""What an import may be asked for, and a file that is kept being taken in again."""

import pytest

from amerce.bursar.import_files import kept_file
from amerce.bursar.import_params import read_params
from amerce.jobs.errors import JobRefused
from amerce.jobs.models import JobRun
from tests.bursar.desk import Clerk, at_bursar, payments
from tests.charges.acts import state
from tests.charges.checks import nothing_written
from tests.jobs.running import queue
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.mark.parametrize(("answer", "kept"), [("yes", {"check": True}), ("no", {}), ("", {})])
def test_nothing_is_booked_if_the_answer_is_yes(clerk: Clerk, answer: str, kept: dict[str, bool]) -> None:
    clerk.profile()

    params = read_params({"profile": "SIS", "check": answer}, clerk.library.institution.pk, NOON)

    assert params == {"profile": "SIS", **kept}


def test_a_file_that_was_rejected_is_taken_in_again_from_what_is_kept(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    late = clerk.desk.charge(200)
    clerk.put(profile, "paid.xml", payments((fee.pk, "10"), (late.pk, "2")))
    clerk.take_in(profile)
    rejected = clerk.last_file()
    assert rejected.state == "rejected"
    clerk.export(profile)

    run = clerk.take_in(profile, kept=str(rejected.pk))

    file = clerk.last_file()
    assert (run.state, file.state, file.file_name, file.applied_minor) == ("done", "done", "paid.xml", 1200)
    assert [state(each) for each in (fee, late)] == [("EXPORTED", "paid", 0)] * 2
    assert kept_file(file).read_bytes() == kept_file(rejected).read_bytes()


def test_what_cannot_be_taken_is_one_sentence_at_its_field(clerk: Clerk, other_library: Library) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "paid.xml", payments((fee.pk, "1")))
    clerk.check(profile)
    file, other = clerk.last_file(), clerk.profile("OTHER")
    before = JobRun.objects.count()

    def refused(library: Library, field: str, sentence: str, **given: str) -> None:
        with nothing_written(), pytest.raises(JobRefused) as raised:
            queue(library, "bursar-import", **given)
        assert (raised.value.field, str(raised.value)) == (field, sentence)

    number = str(file.pk)
    not_kept = "No file of payments {} of this profile is kept here."
    refused(clerk.library, "check", "check is yes or no, not “perhaps”.", profile="SIS", check="perhaps")
    refused(clerk.library, "upload", "There is no uploaded file “a.xml”.", profile="SIS", upload="a.xml")
    both = "An import takes an uploaded file or a kept one, not both."
    refused(clerk.library, "kept", both, profile="SIS", upload="a.xml", kept=number)
    for each in ("0", "x", "9" * 30, str(file.pk + 1)):
        refused(clerk.library, "kept", not_kept.format(each), profile="SIS", kept=each)
    refused(clerk.library, "kept", not_kept.format(number), profile=other.code, kept=number)
    Clerk(other_library, clerk.desk).profile()
    refused(other_library, "kept", not_kept.format(number), profile="SIS", kept=number)
    kept_file(file).unlink()
    refused(clerk.library, "kept", not_kept.format(number), profile="SIS", kept=number)
    assert JobRun.objects.count() == before
