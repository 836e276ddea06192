from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from amerce.charges.models import Fee
from amerce.circulation.models import TermsOfUse
from amerce.cli import job_run
from amerce.cli.main import main
from amerce.config.wiring import JOBS
from amerce.jobs.cancel import cancel_run
from amerce.jobs.claim import claim_run, new_worker
from amerce.jobs.due import begin_due
from amerce.jobs.models import JobRun, JobSchedule
from tests.circulation.lending import lend
from tests.jobs.running import queue

pytestmark = [pytest.mark.django_db, pytest.mark.money]

RUN = ["job", "run", "overdue-fines", "--param", "as_of=2024-07-15"]
END_OF_JUNE = datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)


def test_it_runs_the_job_to_its_end_and_prints_the_summary(library, capsys):
    lend(library, due_at=END_OF_JUNE)

    assert main(RUN) == 0

    assert capsys.readouterr() == ("looked_at=1 made=1 raised=0 total=3.75\n", "")
    run = JobRun.objects.get()
    assert (run.state, run.started_by, run.params) == ("done", "command line", {"as_of": "2024-07-15"})


def test_a_run_that_was_cut_off_is_ended_and_is_the_answer_if_the_same_was_asked(library, capsys):
    lend(library, due_at=END_OF_JUNE)
    cut_off = queue(library, "overdue-fines", as_of="2024-07-15")
    claim_run(cut_off.pk, worker="gone", now=timezone.now() - timedelta(hours=1))

    assert main(RUN) == 0

    assert capsys.readouterr() == (
        "looked_at=1 made=1 raised=0 total=3.75\n",
        f"Run {cut_off.pk} of this job was cut off; ending it.\n",
    )
    assert JobRun.objects.get().state == "done"


def test_a_run_that_is_cut_off_while_ours_waits_for_it_is_ended_too(library, capsys, monkeypatch):
    """Two of us began in the same moment, the other was quicker, and was killed."""
    inner = job_run.enqueue_once

    def second(**given):
        ours, theirs = inner(**given), queue(library, "overdue-fines", as_of="2024-07-10")
        claim_run(theirs.pk, worker="gone", now=timezone.now() - timedelta(hours=1))
        return ours

    def waits(_seconds):
        raise AssertionError("nobody comes")

    monkeypatch.setattr(job_run, "enqueue_once", second)
    monkeypatch.setattr(job_run, "time", SimpleNamespace(sleep=waits))

    job_run.run_job("overdue-fines", {"as_of": "2024-07-15"}, None)

    assert set(JobRun.objects.values_list("state", flat=True)) == {JobRun.State.DONE}
    assert "was cut off; ending it." in capsys.readouterr().err


def test_a_run_that_was_cut_off_is_ended_before_another_begins(library, capsys):
    lend(library, due_at=END_OF_JUNE)
    cut_off = queue(library, "overdue-fines", as_of="2024-07-10")
    claim_run(cut_off.pk, worker="gone", now=timezone.now() - timedelta(hours=1))

    assert main(RUN) == 0

    assert capsys.readouterr().out == "looked_at=1 made=0 raised=1 total=1.25\n"
    assert [each.counts["total_minor"] for each in JobRun.objects.order_by("pk")] == [250, 125]


def test_it_refuses_while_a_living_worker_does_the_same(library, capsys):
    going = queue(library, "overdue-fines", as_of="2024-07-10")
    claim_run(going.pk, worker=new_worker(), now=timezone.now())

    assert main(RUN) == 1

    assert capsys.readouterr().err == (
        f"amerce: overdue-fines is going on already (run {going.pk}); try again when it is done.\n"
    )
    assert JobRun.objects.count() == 1


def test_a_run_that_fails_is_one_sentence(library, capsys):
    lend(library, due_at=END_OF_JUNE)
    TermsOfUse.objects.all().delete()

    assert main(RUN) == 1

    assert capsys.readouterr() == ("", "amerce: No terms of use say what a loan of The leopard costs.\n")


@pytest.mark.parametrize("given", [[], ["--param", "closure="]])
def test_a_missing_parameter_is_named_in_one_sentence(library, capsys, given):
    assert main(["job", "run", "recalculate-overdue-fines", *given]) == 1

    assert capsys.readouterr() == (
        "",
        "amerce: recalculate-overdue-fines needs --param closure=…, "
        "the number of a closing of the calendar that was entered afterwards.\n",
    )
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_needs_only_parameters_that_it_has(job):
    assert job.needed <= set(job.params)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sweep"], f"There is no job “sweep”; there are: {', '.join(job.name for job in JOBS)}."),
        (["overdue-fines", "--param", "as_of=soon"], "as_of is a day written as 2024-07-15, not “soon”."),
        (["overdue-fines", "--param", "day=1"], "overdue-fines has no parameter “day”; it takes: as_of, scheduled."),
        (["overdue-fines", "--institution", "NONE"], "There is no institution “NONE”; there are: MAIN."),
        (
            ["overdue-fines", "--param", "as_of=2024-07-15", "--param", "as_of=2024-07-16"],
            "A parameter was given twice.",
        ),
    ],
)
def test_what_cannot_be_run_is_one_sentence_and_no_run(library, capsys, arguments, sentence):
    assert main(["job", "run", *arguments]) == 1

    assert capsys.readouterr() == ("", f"amerce: {sentence}\n")
    assert not JobRun.objects.exists()


def test_with_several_institutions_one_must_be_named(library, other_library, capsys):
    lend(other_library, due_at=END_OF_JUNE)

    assert main(RUN) == 1
    assert capsys.readouterr().err == "amerce: Name one with --institution, there are several: MAIN, OTHER.\n"

    assert main([*RUN, "--institution", "OTHER"]) == 0
    assert capsys.readouterr().out == "looked_at=1 made=1 raised=0 total=3.75\n"


def test_without_an_institution_it_says_how_to_get_one(capsys):
    assert main(RUN) == 1

    assert capsys.readouterr().err == "amerce: There is no institution yet; amerce import makes one.\n"


@pytest.mark.parametrize("arguments", [[], ["run"], ["stop"], ["run", "overdue-fines", "--param", "as_of"]])
def test_a_wrong_usage_is_exit_code_2(arguments):
    with pytest.raises(SystemExit) as ended:
        main(["job", *arguments])

    assert ended.value.code == 2


def test_the_list_names_jobs_parameters_and_how_each_last_went(library, capsys):
    lend(library, due_at=END_OF_JUNE)
    main(RUN)
    capsys.readouterr()

    assert main(["job", "list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "overdue-fines  Overdue and Lost Loan"
    assert lines[1].startswith("    --param as_of=…  the day up to which days count")
    assert lines[2].startswith("    --param scheduled=…  yes: charge only if")
    assert lines[3] == "    MAIN, schedule 10 0 * * *, next as soon as a worker looks scheduled=yes"
    assert lines[4].startswith("    MAIN, run ")
    assert lines[4].endswith(": looked_at=1 made=1 raised=0 total=3.75")

    begin_due(now=datetime(2026, 3, 2, 12, tzinfo=UTC))
    JobSchedule.objects.filter(name="lost-loans").update(is_enabled=False)
    main(["job", "list"])
    listed = capsys.readouterr().out
    assert "    MAIN, schedule 10 0 * * *, next 2026-03-03 00:10 scheduled=yes\n" in listed
    assert "    MAIN, schedule 20 0 * * *, disabled\n" in listed


def test_a_run_that_somebody_cancels_is_one_sentence(library, capsys, monkeypatch):
    lend(library, due_at=END_OF_JUNE)
    administrator = library.staff("general_system_administrator")
    begin = job_run.claim_run

    def claimed(run_id: int, **by: object) -> JobRun | None:
        taken = begin(run_id, **by)
        cancel_run(actor=administrator, at=timezone.now(), run_id=run_id)
        return taken

    monkeypatch.setattr(job_run, "claim_run", claimed)

    assert main(RUN) == 1

    assert capsys.readouterr() == ("", f"amerce: {administrator.name} cancelled the run.\n")
    assert not Fee.objects.exists()
