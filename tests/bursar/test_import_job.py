"""Import from Bursar Using Profile X Fines and Fees: every kind of line, and files taken whole or not."""

from pathlib import Path

import pytest

from amerce.bursar.import_files import kept_file
from amerce.bursar.models import BursarImport
from amerce.bursar.places import exchange, kept
from amerce.bursar.uploads import uploaded
from amerce.charges.models import Fee
from amerce.institutions.models import BursarSequence, Institution
from amerce.jobs.models import JobRun
from amerce.ledger.verify import verify
from tests.bursar.desk import Clerk, at_bursar, nothing_paid, payments, received, told
from tests.charges.acts import now, state

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_paid_fee_stays_transferred_with_a_credit_and_the_balances_of_the_seed(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "paid.xml", payments((fee.pk, "10.00"), number=clerk.last_run().number))

    run = clerk.take_in(profile)

    credit, file = clerk.desk.newest_credit(), clerk.last_file()
    assert (run.state, file.state, file.applied_minor, file.posted_count) == (JobRun.State.DONE, "done", 1000, 1)
    assert (run.expected, run.counts["looked_at"]) == (1, 1)
    assert state(fee) == ("EXPORTED", "paid", 0)
    assert (credit.status, credit.original_minor, credit.remaining_minor) == ("EXPORTED", -1000, 0)
    assert credit.note and credit.note.text == "Bursar"
    assert clerk.desk.three_balances() == (0, 0, 0)
    assert clerk.last_run().state == "acknowledged"
    assert [each.name for each in exchange(profile, profile.import_folder).iterdir()] == ["done"]
    assert (exchange(profile, profile.import_folder) / "done" / "paid.xml").exists()
    assert verify().findings == []


def test_the_exported_file_itself_pays_everything(clerk: Clerk) -> None:
    profile, fees = at_bursar(clerk, 1000, 50, import_effect="settle")
    clerk.put(profile, "back.xml", clerk.delivered())

    clerk.take_in(profile)

    assert [state(each) for each in fees] == [("CLOSED", "collected", 0)] * 2
    assert clerk.desk.three_balances() == (0, 0, 0)


def test_a_part_an_excess_and_a_zero(clerk: Clerk) -> None:
    profile, (part, excess, zero) = at_bursar(clerk, 1000, 500, 300)
    lines = [(part.pk, "4.5"), (excess.pk, "7"), (zero.pk, "0.00")]
    clerk.put(profile, "a.xml", payments(*lines))

    run = clerk.take_in(profile)

    assert [outcome for _id, outcome in clerk.outcomes()] == ["part", "excess", "zero"]
    assert (now(part).transferred_minor, now(zero).transferred_minor) == (550, 300)
    assert clerk.desk.three_balances() == (-200, 0, 850)
    assert (clerk.last_file().applied_minor, clerk.last_file().excess_minor) == (950, 200)
    assert told(run) == ["bursar.line_zero", "bursar.line_excess", "bursar.imported"]


@pytest.mark.parametrize(
    ("line", "currency", "outcome"),
    [
        (("NOBODY-1", "1.00"), "USD", "unknown"),
        (("", "1.00"), "USD", "unknown"),
        (("fee", "1.00"), "EUR", "currency"),
        (("fee", "-1.00"), "USD", "negative"),
        (("fee", "1.005"), "USD", "unreadable"),
        (("fee", "1,00"), "USD", "unreadable"),
        (("fee", "1e3"), "USD", "unreadable"),
        (("fee", ""), "USD", "unreadable"),
        (("elsewhere", "1.00"), "USD", "elsewhere"),
    ],
)
def test_a_line_that_cannot_be_booked_keeps_the_whole_file_from_being_booked(
    clerk: Clerk, line: tuple[str, str], currency: str, outcome: str
) -> None:
    profile, (fee, good) = at_bursar(clerk, 1000, 200)
    elsewhere = clerk.desk.charge(100)
    names = {"fee": fee.pk, "elsewhere": elsewhere.pk}
    lines = [(good.pk, "2"), (names.get(line[0], line[0]), line[1])]
    clerk.put(profile, "bad.xml", payments(*lines, currency=currency))

    with nothing_paid(clerk):
        run = clerk.take_in(profile)

    file = clerk.last_file()
    assert (file.state, file.reason, clerk.outcomes()[1][1]) == ("rejected", "problems", outcome)
    assert told(run)[-1] == "bursar.rejected" and run.error_count >= 1
    rejected = exchange(profile, profile.import_folder) / "rejected"
    assert sorted(each.name for each in rejected.iterdir()) == ["bad.xml", "bad.xml.txt"]
    assert "cannot be booked" in (rejected / "bad.xml.txt").read_text()


def test_a_sum_above_the_ceiling_and_above_what_is_at_the_bursar_is_a_barcode(clerk: Clerk) -> None:
    profile, (fee, high) = at_bursar(clerk, 1000, 900, imports_per_line=True)
    Institution.objects.update(amount_ceiling_minor=800)
    barcode = "39007000000001.00"
    clerk.put(profile, "a.xml", payments((fee.pk, barcode), (fee.pk, "10.01"), (high.pk, "9"), ("NOBODY", barcode)))

    run = clerk.take_in(profile)

    assert (run.state, clerk.last_file().line_minor) == (JobRun.State.DONE, 900)
    assert [outcome for _id, outcome in clerk.outcomes()] == ["unreadable", "unreadable", "paid", "unknown"]
    assert clerk.desk.three_balances() == (0, 0, 1000)


def test_an_import_whose_lines_were_lost_with_the_power_ends_and_the_next_books_the_file(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "a.xml", payments((fee.pk, "10")))
    with monkeypatch.context() as power:
        power.setattr("amerce.bursar.import_stages.lines_file", lambda _file: Path("/dev/null"))
        lost = clerk.take_in(profile)

    clerk.take_in(profile)

    assert (lost.state, lost.error) == (
        JobRun.State.FAILED, "What was read of the file is not there any more. Begin the import again.",
    )  # fmt: skip
    assert (state(fee), received()) == (("EXPORTED", "paid", 0), 1)


def test_a_profile_that_takes_files_line_by_line_books_the_good_ones_and_lists_the_others(clerk: Clerk) -> None:
    profile, (fee, good) = at_bursar(clerk, 1000, 200, imports_per_line=True)
    clerk.put(profile, "mixed.xml", payments(("NOBODY", "1"), (good.pk, "2"), (fee.pk, "-3")))

    run = clerk.take_in(profile)

    assert [outcome for _id, outcome in clerk.outcomes()] == ["unknown", "paid", "negative"]
    assert (clerk.last_file().state, clerk.last_file().problem_count) == ("done", 2)
    assert clerk.desk.three_balances() == (0, 0, 1000)
    assert told(run) == ["bursar.line_unknown", "bursar.line_negative", "bursar.imported"]


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_a_second_line_with_the_same_id_and_sum_is_told_and_not_booked_however_far_it_is_from_the_first(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("amerce.bursar.import_stages.READ_AT_ONCE", at_once)
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "twice.xml", payments((fee.pk, "4"), (fee.pk, "4.00"), (fee.pk, "1")))

    clerk.take_in(profile)

    assert [outcome for _id, outcome in clerk.outcomes()] == ["part", "duplicate", "part"]
    assert now(fee).transferred_minor == 500


@pytest.mark.parametrize("at_once", [1, 500])
def test_a_line_in_another_currency_is_no_first_of_the_right_one(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("amerce.bursar.import_stages.READ_AT_ONCE", at_once)
    profile, (fee,) = at_bursar(clerk, 1000, imports_per_line=True)
    euros, dollars = payments((fee.pk, "4"), currency="EUR"), payments((fee.pk, "4"))
    line = dollars[dollars.index(b"<xb:userFineFee>") : dollars.index(b"</xb:finefeeList>")]
    clerk.put(profile, "mixed.xml", euros.replace(b"</xb:finefeeList>", line + b"</xb:finefeeList>"))

    clerk.take_in(profile)

    assert [outcome for _id, outcome in clerk.outcomes()] == ["currency", "part"]
    assert now(fee).transferred_minor == 600


def test_the_same_file_again_changes_nothing_whatever_it_is_called(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    clerk.put(profile, "first.xml", payments((fee.pk, "4")))
    clerk.take_in(profile)
    clerk.put(
        profile, "again.xml", payments((fee.pk, "4")).replace(b"<xb:userExportedList>", b"\n <xb:userExportedList>")
    )

    with nothing_paid(clerk):
        run = clerk.take_in(profile)

    assert (clerk.last_file().state, told(run)) == ("repeated", ["bursar.same_file"])
    clerk.put(profile, "next.xml", payments((fee.pk, "4"), number=78))
    clerk.take_in(profile)
    assert now(fee).transferred_minor == 200


def test_ids_are_matched_by_the_sequence_first(clerk: Clerk) -> None:
    first = clerk.desk.charge(1000)
    BursarSequence.objects.create(
        institution=clerk.library.institution, name="Plain", prefix="", start=first.pk, next_value=first.pk, padding=0
    )
    profile = clerk.profile()
    second = clerk.desk.charge(200)
    clerk.export(profile)
    assert now(first).bursar_transaction_id == str(first.pk)
    clerk.put(profile, "a.xml", payments((now(second).bursar_transaction_id, "2")))

    clerk.take_in(profile)

    assert (now(second).transferred_minor, now(first).transferred_minor) == (0, 1000)


def test_more_paid_out_than_the_exported_credit_was_is_told_as_such(clerk: Clerk) -> None:
    credit = clerk.desk.charge(500, "CREDIT")
    profile = clerk.profile(rows="credits")
    clerk.export(profile)
    clerk.put(profile, "out.xml", payments((credit.pk, "-10.00")))

    run = clerk.take_in(profile)

    file = clerk.last_file()
    assert clerk.outcomes() == [(str(credit.pk), "overpaid")]
    assert told(run)[:1] == ["bursar.line_overpaid"]
    assert (file.posted_count, file.applied_minor, file.excess_minor, file.problem_count) == (1, -500, 0, 0)
    assert (state(credit), clerk.desk.three_balances()) == (("CLOSED", "collected", 0), (0, 0, 0))


def test_an_exported_credit_is_settled_by_its_negative_sum(clerk: Clerk) -> None:
    clerk.desk.charge(1000)
    credit = clerk.desk.charge(325, "CREDIT")
    profile = clerk.profile(rows="both")
    clerk.export(profile)
    clerk.put(profile, "back.xml", clerk.delivered())

    clerk.take_in(profile)

    assert (state(credit), clerk.desk.three_balances()) == (("CLOSED", "collected", 0), (0, 0, 0))
    assert verify().findings == []


def test_an_upload_is_taken_in_the_same_way_and_a_rejected_one_is_kept_with_its_reason(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    uploaded(clerk.library.institution.pk, "mine.xml").write_bytes(payments((fee.pk, "10")))
    run = clerk.take_in(profile, upload="mine.xml")
    assert (run.state, state(fee)) == (JobRun.State.DONE, ("EXPORTED", "paid", 0))

    uploaded(clerk.library.institution.pk, "half.xml").write_bytes(payments((fee.pk, "10"))[:-40])
    run = clerk.take_in(profile, upload="half.xml")

    assert clerk.last_file().reason == "malformed"
    copy = kept(clerk.library.institution.pk, "rejected", f"{run.pk}-half.xml")
    assert copy.exists() and "line 2" in copy.with_name(copy.name + ".txt").read_text()


def test_files_are_taken_one_after_the_other_and_a_bad_one_keeps_none_waiting(clerk: Clerk) -> None:
    profile, (first, second) = at_bursar(clerk, 1000, 200)
    clerk.put(profile, "1.xml", b"no xml")
    clerk.put(profile, "2.xml", payments((first.pk, "10")))
    clerk.put(profile, "3.xml", payments((second.pk, "2")))
    clerk.put(profile, "4.xml.part", b"half")

    run = clerk.take_in(profile)

    assert run.counts["files"] == 3
    assert clerk.desk.three_balances() == (0, 0, 0)
    left = sorted(each.name for each in exchange(profile, profile.import_folder).iterdir())
    assert left == ["4.xml.part", "done", "rejected"]


def test_files_whose_names_are_one_when_they_are_plain_are_each_kept(clerk: Clerk) -> None:
    profile, (first, second) = at_bursar(clerk, 1000, 200)
    content = {
        "a b.xml": payments((first.pk, "10")), "a-b.xml": payments((second.pk, "2")),
        "c d.xml": payments(("NOBODY", "1")), "c-d.xml": b"no xml",
    }  # fmt: skip
    for name, each in content.items():
        clerk.put(profile, name, each)

    run = clerk.take_in(profile)

    assert {each.file_name: kept_file(each).read_bytes() for each in BursarImport.objects.all()} == content
    rejected = kept(clerk.library.institution.pk, "rejected", "any").parent
    assert sorted(each.read_bytes() for each in rejected.glob(f"{run.pk}-*.xml")) == sorted(
        [content["c d.xml"], content["c-d.xml"]]
    )


def test_a_file_with_a_very_long_name_is_put_away_too(clerk: Clerk) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    name = f"{'p' * 240}.xml"
    clerk.put(profile, name, payments((fee.pk, "10")))

    clerk.take_in(profile)

    assert [each.name for each in exchange(profile, "sis/in/done").iterdir()] == [name]
    assert [each.name for each in exchange(profile, "sis/in").iterdir()] == ["done"]


@pytest.mark.parametrize("name", ["payments.lines", "payments"])
def test_an_upload_is_kept_as_it_came_whatever_it_is_called(clerk: Clerk, name: str) -> None:
    profile, (fee,) = at_bursar(clerk, 1000)
    content = payments((fee.pk, "10"))
    uploaded(clerk.library.institution.pk, name).write_bytes(content)

    clerk.take_in(profile, upload=name)

    assert kept_file(clerk.last_file()).read_bytes() == content
    assert state(fee) == ("EXPORTED", "paid", 0)


def test_no_file_waiting_is_no_failure(clerk: Clerk) -> None:
    profile = clerk.profile()

    run = clerk.take_in(profile)

    assert (run.state, told(run)) == (JobRun.State.DONE, ["bursar.no_file"])


def test_many_lines_are_booked_once_each(clerk: Clerk) -> None:
    from tests.bursar.test_export_job import many_fees

    many_fees(clerk, 1203)
    profile = clerk.profile(import_effect="settle")
    clerk.export(profile)
    clerk.put(profile, "all.xml", clerk.delivered())

    clerk.take_in(profile)

    assert (clerk.last_file().posted_count, received()) == (1203, 1203)
    assert not Fee.objects.exclude(status="CLOSED", closed_as="collected").exists()


def test_a_run_of_several_files_says_how_many_lines_it_books_in_all(clerk: Clerk) -> None:
    profile, fees = at_bursar(clerk, 1000, 2000, 3000)
    clerk.put(profile, "a.xml", payments((fees[0].pk, "10"), (fees[1].pk, "0"), number=1))
    clerk.put(profile, "b.xml", payments(("NOBODY", "1"), number=2))
    clerk.put(profile, "c.xml", payments((fees[1].pk, "20"), (fees[2].pk, "30"), number=3))

    run = clerk.take_in(profile)

    assert (run.expected, run.counts["looked_at"], run.counts["rejected"]) == (3, 3, 1)
