"""Export to Bursar Using Profile X: what is chosen, what becomes of it, and that file and ledger agree."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from amerce.bursar import export_stages
from amerce.bursar.errors import FileGone
from amerce.bursar.export_stages import kept_file
from amerce.bursar.models import BursarLine, BursarProfile, BursarRun
from amerce.bursar.places import exchange
from amerce.bursar.profiles import ProfileFacts
from amerce.bursar.run_commands import fetch_file
from amerce.bursar.save_profile import save_profile
from amerce.charges.models import Fee
from amerce.circulation.models import Loan
from amerce.institutions.models import BursarSequence
from amerce.jobs.models import JobRun
from amerce.jobs.registry import find_job
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from amerce.patrons.models import Patron
from tests.bursar.desk import XB, Clerk, data_dir, told
from tests.charges.acts import now, state
from tests.charges.checks import nothing_written
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def sums(content: bytes) -> list[str]:
    return [each.text for each in etree.fromstring(content).iter(f"{{{XB}}}sum")]


def test_with_export_and_import_active_the_fees_are_transferred_and_the_file_is_delivered(clerk: Clerk) -> None:
    first, second = clerk.desk.charge(1000), clerk.desk.charge(50)

    run = clerk.export(clerk.profile())

    export = clerk.last_run()
    assert run.state == JobRun.State.DONE
    assert (state(first), state(second)) == (("EXPORTED", "", 0), ("EXPORTED", "", 0))
    assert clerk.desk.three_balances() == (0, 0, 1050)
    assert (export.state, export.number, export.file_count, export.file_minor) == ("delivered", run.pk, 2, 1050)
    assert (export.selected_count, export.selected_minor, export.posted_count) == (2, 1050, 2)
    assert sums(clerk.delivered()) == ["10", "0.5"]
    assert Transfer.objects.filter(kind="EXPORTED_AND_PAID").count() == 2


def test_with_export_alone_the_fees_are_closed(clerk: Clerk) -> None:
    fee = clerk.desk.charge(1000)

    clerk.export(clerk.profile(imports=False))

    assert (state(fee), clerk.desk.three_balances()) == (("CLOSED", "exported", 0), (0, 0, 0))
    assert clerk.desk.last_transfer("EXPORT").amount_minor == 1000


def test_disputed_fees_and_those_below_the_minimum_of_what_remains_stay(clerk: Clerk) -> None:
    disputed, small, paid_down, enough = (clerk.desk.charge(each) for each in (900, 499, 1000, 500))
    clerk.desk.dispute(disputed)
    clerk.desk.pay(paid_down, amount=501)

    clerk.export(clerk.profile(min_amount_minor=500))

    assert [state(each)[0] for each in (disputed, small, paid_down, enough)] == [
        "INDISPUTE", "ACTIVE", "ACTIVE", "EXPORTED",
    ]  # fmt: skip


def test_a_minimum_of_the_patrons_total_counts_all_chosen_fees_of_the_patron(clerk: Clerk) -> None:
    mine = [clerk.desk.charge(each) for each in (200, 300)]
    other = clerk.library.new_patron("asmith")
    theirs = clerk.library.charge(499, patron=other)

    clerk.export(clerk.profile(min_amount_minor=500, min_basis="patron"))

    assert [now(each).status for each in (*mine, theirs)] == ["EXPORTED", "EXPORTED", "ACTIVE"]


def test_a_fee_is_exported_once_it_is_so_many_whole_days_old(clerk: Clerk) -> None:
    young, old = clerk.library.charge(100, days_ago=6), clerk.library.charge(100, days_ago=7)

    clerk.export(clerk.profile(min_age_days=7))

    assert (now(young).status, now(old).status) == ("ACTIVE", "EXPORTED")


@pytest.mark.parametrize(
    ("rows", "statuses", "written"),
    [("debits", ["EXPORTED", "ACTIVE"], ["10"]), ("credits", ["ACTIVE", "EXPORTED"], ["-3.25"]),
     ("both", ["EXPORTED", "EXPORTED"], ["10", "-3.25"])],
)  # fmt: skip
def test_debits_credits_or_both_go_out(clerk: Clerk, rows: str, statuses: list[str], written: list[str]) -> None:
    fee, credit = clerk.desk.charge(1000), clerk.desk.charge(325, "CREDIT")

    clerk.export(clerk.profile(rows=rows))

    assert [now(each).status for each in (fee, credit)] == statuses
    assert sums(clerk.delivered()) == written
    assert verify().findings == []


def test_only_chosen_types_groups_and_owners_go_out(clerk: Clerk) -> None:
    chosen, other_type = clerk.desk.charge(100, "SERVICEFEE"), clerk.desk.charge(100, "LOCKERKEY")
    of_institution = clerk.desk.charge(100, "CARDRENEWAL")
    profile = clerk.profile(fee_types=("SERVICEFEE", "CARDRENEWAL"), libraries=("MAIN",), institution_owned=False)

    clerk.export(profile)

    assert [now(each).status for each in (chosen, other_type, of_institution)] == ["EXPORTED", "ACTIVE", "ACTIVE"]

    none = clerk.profile("NONE", user_groups=("23",))
    clerk.export(none)
    assert not BursarRun.objects.filter(profile=none).exists()


def test_a_patron_without_the_identifier_of_the_profile_drops_out_and_is_listed(clerk: Clerk) -> None:
    fee = clerk.desk.charge(100)

    run = clerk.export(clerk.profile(identifier_type="UNIV_ID"))

    assert (now(fee).status, clerk.last_run().state, told(run)) == (
        "ACTIVE", "empty", ["bursar.no_identifier", "bursar.exported"],
    )  # fmt: skip


def test_a_patron_who_loses_the_identifier_before_the_file_is_made_goes_by_the_primary_id_and_says_so(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk.desk.charge(100)
    monkeypatch.setattr(export_stages, "make_file", lambda _run: 1 / 0)
    profile = clerk.profile()
    clerk.export(profile)
    monkeypatch.undo()
    save_profile(
        actor=clerk.administrator,
        at=NOON,
        facts=replace(ProfileFacts.of(profile), identifier_type="UNIV_ID"),
        profile_id=profile.pk,
    )

    clerk.export(BursarProfile.objects.get())

    (user,) = etree.fromstring(clerk.delivered()).iter(f"{{{XB}}}user")
    assert [each.text for each in user.iter() if each.text and each.text.strip()] == [
        "userName", clerk.desk.patron.primary_id, "null",
    ]  # fmt: skip


def test_nothing_to_export_leaves_no_export_and_no_file(clerk: Clerk) -> None:
    run = clerk.export(clerk.profile())

    assert (run.state, told(run), run.counts["exported"]) == ("done", ["bursar.nothing"], 0)
    assert find_job("bursar-export").summary(run) == "exported=0 dropped=0 total=0.00 state=empty file=-"
    assert not BursarRun.objects.exists()
    assert [each for each in data_dir().rglob("*") if each.is_file()] == []


def test_a_second_run_exports_only_what_is_new(clerk: Clerk) -> None:
    profile = clerk.profile()
    clerk.desk.charge(100)
    clerk.export(profile)
    clerk.desk.charge(200)

    clerk.export(profile, NOON + timedelta(days=1))

    assert sums(clerk.delivered()) == ["2"]
    assert BursarRun.objects.count() == 2


def test_the_ids_in_the_file_are_those_of_the_fees_or_their_internal_ones(clerk: Clerk) -> None:
    fee = clerk.desk.charge(100)
    clerk.export(clerk.profile())
    ids = [each.text for each in etree.fromstring(clerk.delivered()).iter(f"{{{XB}}}bursarTransactionId")]
    assert ids == [str(fee.pk)]

    BursarSequence.objects.create(
        institution=clerk.library.institution, name="Bursar", prefix="ABC", start=32, next_value=32, padding=10
    )
    later = clerk.desk.charge(100)
    clerk.export(clerk.profile("TWO"))
    ids = [each.text for each in etree.fromstring(clerk.delivered()).iter(f"{{{XB}}}bursarTransactionId")]
    assert (ids, now(later).bursar_transaction_id) == (["ABC0000000032"], "ABC0000000032")


def test_a_full_sequence_stops_the_run_with_a_sentence_and_the_next_run_goes_on(clerk: Clerk) -> None:
    sequence = BursarSequence.objects.create(
        institution=clerk.library.institution, name="Bursar", prefix="A", start=9, next_value=9, padding=1
    )
    fees = [clerk.desk.charge(100), clerk.desk.charge(100)]
    profile = clerk.profile()

    stopped = clerk.export(profile)
    assert stopped.state == JobRun.State.FAILED
    assert "Bursar" in stopped.error and [now(each).status for each in fees] == ["ACTIVE", "ACTIVE"]

    BursarSequence.objects.filter(pk=sequence.pk).update(padding=4)
    clerk.export(profile)
    assert BursarRun.objects.count() == 1
    assert (clerk.last_run().number, clerk.last_run().state) == (stopped.pk, "delivered")


@pytest.mark.parametrize("count", [1, 51, 2501])
def test_every_fee_is_in_the_ledger_and_in_the_file_once(clerk: Clerk, count: int) -> None:
    many_fees(clerk, count)

    clerk.export(clerk.profile())

    export = clerk.last_run()
    assert (export.file_count, export.posted_count) == (count, count)
    assert Transfer.objects.filter(kind="EXPORTED_AND_PAID").values("fee").distinct().count() == count
    written = sums(clerk.delivered())
    assert (len(written), sum(int(float(each) * 100 + 0.5) for each in written)) == (count, export.posted_minor)
    assert not Fee.objects.exclude(status="EXPORTED").exists()


def many_fees(clerk: Clerk, count: int) -> None:
    """By the commands that jobs use, ten patrons, some of two fees at a time."""
    from django.db import transaction

    from amerce.charges.assess import ItemFacts
    from amerce.charges.loan_charge import LoanCharge, raise_to
    from amerce.charges.many_books import open_many_books
    from amerce.circulation.models import Loan

    patrons = [clerk.library.new_patron(f"p{number}") for number in range(10)]
    item = clerk.library.new_item()
    loans = Loan.objects.bulk_create(
        Loan(
            institution=clerk.library.institution, library=clerk.library.library, patron=patrons[each % 10],
            item=item, loaned_at=NOON, due_at=NOON, returned_at=NOON,
        )
        for each in range(count)
    )  # fmt: skip
    facts = ItemFacts(item.pk, item.title, item.barcode)
    with transaction.atomic():
        many = open_many_books(
            actor=clerk.desk.system, at=NOON, institution=clerk.library.institution,
            patron_ids=[each.pk for each in patrons], loan_ids=[each.pk for each in loans],
        )  # fmt: skip
        for number, loan in enumerate(loans):
            charge = LoanCharge(loan.pk, "OVERDUEFINE", facts, clerk.library.library.pk, "")
            raise_to(many.of[loan.patron_id or 0], charge, 100 + number)
        for books in many.of.values():
            if books.draft.moves:
                many.enter(books, "fee.assessed")
        many.close()


@pytest.mark.parametrize("there", [None, b"cut off"])
def test_a_file_that_is_gone_is_never_delivered_as_another_than_the_one_that_was_sealed(
    clerk: Clerk, there: bytes | None
) -> None:
    # given a run that waits with its file, since no key is pinned
    clerk.desk.charge(1000)
    profile = clerk.profile(destination="sftp", host="127.0.0.1", port=1, username="amerce")
    clerk.export(profile)
    run = clerk.last_run()
    BursarProfile.objects.filter(pk=profile.pk).update(destination="folder", folder="sis")
    patrons = Patron.objects.filter(pk=clerk.desk.patron.pk)

    # when the file is lost or damaged, and the patron has another name
    kept_file(run).unlink()
    if there is not None:
        kept_file(run).write_bytes(there)
    patrons.update(last_name="Roe")
    refused = clerk.export(profile)
    with nothing_written(), pytest.raises(FileGone):
        fetch_file(actor=clerk.clerk, at=NOON, run_id=run.pk)

    # then
    assert (refused.state, clerk.last_run().state) == (JobRun.State.FAILED, "made")
    assert refused.error.startswith("The file is not there any more")
    assert [each.read_bytes() for each in kept_file(run).parent.iterdir()] == ([] if there is None else [there])
    assert not list(exchange(clerk.last_run().profile, "sis").iterdir())

    # and the same bytes again are delivered
    patrons.update(last_name="Doe")
    clerk.export(profile)
    assert clerk.last_run().state == "delivered"
    assert hashlib.sha256(clerk.delivered()).hexdigest() == run.file_sha256


def test_an_export_that_is_not_switched_on_is_refused(clerk: Clerk) -> None:
    from amerce.jobs.job import JobRefused

    profile = clerk.profile(exports=False)

    with nothing_written(), pytest.raises(JobRefused, match="switched off"):
        clerk.export(profile)


def test_the_lines_of_a_run_name_the_transfers_that_exported_them(clerk: Clerk) -> None:
    fee = clerk.desk.charge(100)

    clerk.export(clerk.profile())

    line = BursarLine.objects.get()
    assert (line.fee_id, line.state, line.transfer) == (fee.pk, "posted", clerk.desk.last_transfer("EXPORTED_AND_PAID"))


@pytest.mark.parametrize("imports", [False, True])
def test_a_lost_loan_whose_charges_were_all_exported_leaves_the_list(
    clerk: Clerk, imports: bool, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    loan = clerk.desk.new_loan()
    Loan.objects.filter(pk=loan.pk).update(status=Loan.Status.LOST)
    clerk.desk.bring_to(loan, 9900, "LOSTITEMREPLACEMENTFEE")
    clerk.desk.bring_to(loan, 2000, "LOSTITEMPROCESSFEE")
    profile = clerk.profile(imports=imports)

    with django_capture_on_commit_callbacks(execute=True):
        clerk.export(profile)

    loan.refresh_from_db()
    assert (loan.closed_at, loan.status) == (NOON, "LOST")
