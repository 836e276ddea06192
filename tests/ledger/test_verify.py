import pytest
from django.db import connection

from amerce.charges.models import Fee
from amerce.ledger.guards import remove_guards
from amerce.ledger.models import Idempotency, PatronAccount, Transfer
from amerce.ledger.verify import CHECKS, Counts, verify
from amerce.patrons.models import Note
from tests.databases import ENGINE
from tests.ledger.busy import Busy
from tests.ledger.tamper import recompute_chain, rehash, tamper

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def busy(library):
    return Busy.at(library)


def finding_of(check: str, institution_id: int | None = None) -> str:
    """What one check of verify says, "whole" when it finds nothing."""
    return str(dict(verify(institution_id).results)[check] or "whole")


def a_transfer(fee: Fee, kind: str) -> Transfer:
    return Transfer.objects.filter(fee=fee, kind=kind).order_by("seq")[0]


def test_a_ledger_on_which_every_verb_was_used_is_whole(busy):
    # when
    report = verify()

    # then
    assert report.findings == []
    assert report.counts == Counts(transfers=16, accounts=1, fees=8, idempotency_records=3)
    (balance,) = report.trial_balances
    assert balance.currency_code == "USD"
    assert balance.total_minor == 0
    assert balance.groups == {
        "income": -7300,
        "method": 1000,
        "patron:active": 5000,
        "patron:credit": -500,
        "patron:disputed": 700,
        "patron:transferred": 600,
        "refunded": -100,
        "waived": 600,
    }


def test_an_empty_ledger_is_whole():
    # when
    report = verify()

    # then
    assert report.findings == []
    assert report.counts == Counts(transfers=0, accounts=0, fees=0, idempotency_records=0)
    assert report.trial_balances == ()


def test_every_check_has_its_own_name():
    names = [name for name, _ in CHECKS]
    assert len(set(names)) == len(names)


# -- the chain ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount_minor", 334),
        ("vat_minor", 29),
        ("debit", "method:CREDIT_CARD"),
        ("kind", "WAIVE"),
        ("actor_name", "somebody else"),
        ("method", "ONLINE"),
        ("external_transaction_id", "x"),
        ("payment_id", 99_999),
        ("at", "2020-01-01 00:00:00+00:00"),
        ("actor_id", None),
        ("note_hash", "0" * 64),
    ],
)
def test_a_changed_column_is_named_by_its_row(busy, column, value):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper(f"UPDATE ledger_transfer SET {column} = %s WHERE id = %s", value, payment.pk)

    # then
    found = finding_of("Transfers follow one another")
    assert found.startswith(f"transfer {payment.pk}: expected hash ")
    assert found.endswith(f"found {payment.hash}")
    assert str(verify().findings[0]) == found


def test_who_recomputes_one_hash_but_not_the_next_is_found_at_the_next_row(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")
    following = Transfer.objects.get(account=busy.account, seq=payment.seq + 1)
    tamper("UPDATE ledger_transfer SET actor_name = %s WHERE id = %s", "somebody else", payment.pk)

    # when
    rehash(payment)

    # then
    payment.refresh_from_db()
    assert finding_of("Transfers follow one another") == (
        f"transfer {following.pk}: expected previous hash {payment.hash}, found {following.previous_hash}"
    )


def test_who_recomputes_the_last_row_but_not_the_head_is_found_at_the_account(busy):
    # given
    last = Transfer.objects.get(account=busy.account, seq=busy.account.seq)
    tamper("UPDATE ledger_transfer SET actor_name = %s WHERE id = %s", "somebody else", last.pk)

    # when
    rehash(last)

    # then
    last.refresh_from_db()
    assert finding_of("Transfers follow one another") == (
        f"account {busy.account.pk}: expected head {last.hash}, found {busy.account.head_hash}"
    )


def test_a_deleted_row_is_found_by_the_gap(busy):
    # given
    waiver = a_transfer(busy.waived, "WAIVE")
    following = Transfer.objects.get(account=busy.account, seq=waiver.seq + 1)

    # when
    tamper("DELETE FROM ledger_transfer WHERE id = %s", waiver.pk)

    # then
    assert finding_of("Transfers follow one another") == (
        f"transfer {following.pk} of account {busy.account.pk}: expected seq {waiver.seq}, found {following.seq}"
    )


def test_a_deleted_last_row_is_found_by_head_and_sums(busy):
    # given
    last = Transfer.objects.get(account=busy.account, seq=busy.account.seq)

    # when
    tamper("DELETE FROM ledger_transfer WHERE id = %s", last.pk)

    # then
    assert finding_of("Transfers follow one another") == (
        f"account {busy.account.pk}: expected head {last.previous_hash}, found {last.hash}"
    )
    assert finding_of("Account sums") == (f"account {busy.account.pk}: expected credit of 200 minor units, found 500")


def test_all_rows_of_an_account_deleted_are_found_by_its_sums(busy):
    # when
    tamper("UPDATE ledger_transfer SET corrects_id = NULL WHERE corrects_id IS NOT NULL")
    tamper("DELETE FROM ledger_transfer WHERE account_id = %s", busy.account.pk)

    # then
    assert finding_of("Account sums") == f"account {busy.account.pk}: expected active of 0 minor units, found 5000"


def test_guards_dropped_a_row_changed_and_guards_made_again_is_caught_by_the_chain(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET amount_minor = 300 WHERE id = %s", payment.pk)

    # then
    assert finding_of("Guards") == "whole"
    assert finding_of("Transfers follow one another").startswith(f"transfer {payment.pk}: expected hash ")


def test_an_account_without_transfers_has_no_head(library, busy):
    # given
    other = PatronAccount.objects.create(institution=library.institution, patron=library.new_patron("second"))

    # when
    tamper("UPDATE ledger_patronaccount SET head_hash = %s WHERE id = %s", "f" * 64, other.pk)

    # then
    assert finding_of("Accounts without transfers are empty") == (
        f"account {other.pk}: expected head {'0' * 64}, found {'f' * 64}"
    )


# -- the projections ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "expected"),
    [("active", 5000), ("disputed", 700), ("transferred", 600), ("credit", 500)],
)
def test_a_changed_sum_of_an_account_is_named(busy, column, expected):
    # when
    tamper(f"UPDATE ledger_patronaccount SET {column}_minor = {column}_minor + 1")

    # then
    assert finding_of("Account sums") == (
        f"account {busy.account.pk}: expected {column} of {expected} minor units, found {expected + 1}"
    )


def test_a_changed_seq_of_an_account_is_named(busy):
    # when
    tamper("UPDATE ledger_patronaccount SET seq = 17")

    # then
    assert finding_of("Account sums") == f"account {busy.account.pk}: expected seq 16 of 16 transfers, found seq 17"


@pytest.mark.parametrize(
    ("column", "expected"),
    [("original", 1000), ("remaining", 0), ("transferred", 0), ("paid", 1000), ("waived", 0), ("refunded", 100)],
)
def test_a_changed_amount_of_a_fee_is_named(busy, column, expected):
    # when
    tamper(f"UPDATE charges_fee SET {column}_minor = {column}_minor + 1 WHERE id = %s", busy.paid.pk)

    # then
    assert finding_of("Fee amounts") == (
        f"fee {busy.paid.pk}: expected {column} of {expected} minor units, found {expected + 1}"
    )


@pytest.mark.parametrize(("column", "expected"), [("original", -300), ("remaining", -300), ("refunded", 0)])
def test_a_changed_amount_of_a_credit_is_named(busy, column, expected):
    # when
    tamper(f"UPDATE charges_fee SET {column}_minor = {column}_minor - 1 WHERE id = %s", busy.credit.pk)

    # then
    assert finding_of("Credit amounts") == (
        f"credit {busy.credit.pk}: expected {column} of {expected} minor units, found {expected - 1}"
    )


def test_a_credit_turned_into_a_debt_is_named(busy):
    # when
    tamper("UPDATE charges_fee SET original_minor = 300, remaining_minor = 300 WHERE id = %s", busy.credit.pk)

    # then
    assert finding_of("Fee amounts") == f"fee {busy.credit.pk}: expected original of 0 minor units, found 300"


def test_a_fee_without_any_transfer_is_named(library, busy):
    # given
    fee = Fee.objects.get(pk=busy.lost.pk)
    fee.pk = None

    # when
    fee.save(force_insert=True)

    # then
    assert finding_of("Fee amounts") == f"fee {fee.pk}: expected original of 0 minor units, found 4500"


def test_a_disputed_fee_marked_active_is_named(busy):
    # when
    tamper("UPDATE charges_fee SET status = 'ACTIVE' WHERE id = %s", busy.disputed.pk)

    # then
    assert finding_of("Fee amounts") == (
        f"fee {busy.disputed.pk}: expected its remainder where ACTIVE stands, found 0 active, 700 disputed of 700"
    )
    assert finding_of("Account sums") == f"account {busy.account.pk}: expected active of 5700 minor units, found 5000"


@pytest.mark.parametrize(
    ("fee", "status", "closed_as", "finding"),
    [
        ("paid", "ACTIVE", "", "expected the status of 0 remaining and 0 transferred, found ACTIVE"),
        ("paid", "CLOSED", "", "expected the status of 0 remaining and 0 transferred, found CLOSED"),
        ("paid", "CLOSED", "waived", "expected closed as paid, found closed as waived"),
        ("waived", "CLOSED", "paid", "expected closed as waived, found closed as paid"),
        ("lost", "CLOSED", "paid", "expected the status of 4500 remaining and 0 transferred, found CLOSED paid"),
        (
            "exported",
            "CLOSED",
            "exported",
            "expected the status of 0 remaining and 600 transferred, found CLOSED exported",
        ),
        ("mistaken", "EXPORTED", "", "expected the status of 500 remaining and 0 transferred, found EXPORTED"),
        ("mistaken", "GONE", "", "expected the status of 500 remaining and 0 transferred, found GONE"),
    ],
)
def test_a_status_that_does_not_follow_from_the_transfers_is_named(busy, fee, status, closed_as, finding):
    # given
    fee_id = getattr(busy, fee).pk

    # when
    tamper("UPDATE charges_fee SET status = %s, closed_as = %s WHERE id = %s", status, closed_as, fee_id)

    # then
    assert finding_of("Fee statuses") == f"fee {fee_id}: {finding}"


def test_a_bound_credit_let_loose_on_another_fee_is_named(busy):
    # given
    bound = Fee.objects.get(bound_to=busy.lost)

    # when
    tamper("UPDATE charges_fee SET bound_to_id = %s WHERE id = %s", busy.mistaken.pk, bound.pk)

    # then
    waiver = a_transfer(busy.lost, "WAIVE")
    assert finding_of("Bound credits") == (
        f"transfer {waiver.pk}: expected fee {busy.mistaken.pk}, found fee {busy.lost.pk}"
    )


@pytest.mark.parametrize(("column", "value", "limit"), [("remaining_minor", 100, 100), ("status", "INDISPUTE", 4500)])
def test_a_bound_credit_that_does_not_stand_beside_its_fee_is_named(busy, column, value, limit):
    # when
    tamper(f"UPDATE charges_fee SET {column} = %s WHERE id = %s", value, busy.lost.pk)

    # then
    status = Fee.objects.get(pk=busy.lost.pk).status
    assert finding_of("Bound credits") == (
        f"fee {busy.lost.pk}: expected bound credits of {limit} at most, on an active fee, found 200 unused, {status}"
    )


def test_a_debt_bound_like_a_credit_is_named(busy):
    # when
    tamper("UPDATE charges_fee SET bound_to_id = %s WHERE id = %s", busy.lost.pk, busy.mistaken.pk)

    # then
    assert finding_of("Bound credits") == (
        f"credit {busy.mistaken.pk}: expected a CREDIT bound to a fee of its patron, found fee {busy.lost.pk}"
    )


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        ("CHARGE", "expected VAT of 91 in 1000 charged, found 90"),
        ("PAYMENT", "expected VAT of 91 in 1000 settled, found 90"),
        ("REFUND", "expected VAT of 9 in 100 given back, found 8"),
    ],
)
def test_vat_that_does_not_sum_is_named(busy, kind, finding):
    # when
    tamper("UPDATE ledger_transfer SET vat_minor = vat_minor - 1 WHERE id = %s", a_transfer(busy.paid, kind).pk)

    # then
    assert finding_of("VAT parts") == f"fee {busy.paid.pk}: {finding}"


def test_vat_without_a_rate_is_named(busy):
    # given
    charge = a_transfer(busy.exported, "CHARGE")

    # when
    tamper("UPDATE ledger_transfer SET vat_minor = 1 WHERE id = %s", charge.pk)

    # then
    assert finding_of("VAT parts") == f"transfer {charge.pk}: expected no VAT, the rate is 0, found 1"


@pytest.mark.skipif(ENGINE != "sqlite", reason="PostgreSQL holds whole numbers in such a column")
def test_a_fraction_of_a_minor_unit_is_named(library):
    # given
    fee = library.charge(1000)
    charge = a_transfer(fee, "CHARGE")

    # when
    tamper("UPDATE ledger_transfer SET amount_minor = 1000.4 WHERE id = %s", charge.pk)

    # then
    assert str(verify().findings[0]).startswith(f"transfer {charge.pk}: expected hash ")
    assert finding_of("Fee amounts") == f"fee {fee.pk}: expected whole minor units, found a fraction of one"
    assert finding_of("Account sums").endswith("expected whole minor units, found a fraction of one")
    assert finding_of("Trial balance") == "whole"


# -- what transfers point to ---------------------------------------------------------------------------------


def test_a_transfer_of_another_institution_than_its_account_is_named(library, other_library, busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")
    ours, theirs = library.institution.pk, other_library.institution.pk

    # when
    tamper("UPDATE ledger_transfer SET institution_id = %s WHERE id = %s", theirs, payment.pk)

    # then
    assert finding_of("One institution per transfer") == (
        f"transfer {payment.pk}: expected account of institution {theirs}, found account of institution {ours}"
    )


def test_a_transfer_moved_to_another_patrons_fee_is_named(library, busy):
    # given
    other = library.new_patron("second")
    fee = library.charge(1000, patron=other)
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET fee_id = %s WHERE id = %s", fee.pk, payment.pk)

    # then
    assert finding_of("One patron per transfer") == (
        f"transfer {payment.pk}: expected fee of patron {library.patron.pk}, found fee of patron {other.pk}"
    )


@pytest.mark.parametrize(("table", "name"), [("patronaccount", "account"), ("idempotency", "idempotency record")])
def test_an_account_or_record_of_another_institution_than_its_patron_is_named(
    library, other_library, busy, table, name
):
    # given
    ours, theirs = library.institution.pk, other_library.institution.pk

    # when
    tamper(f"UPDATE ledger_{table} SET institution_id = %s", theirs)

    # then
    found = finding_of("Accounts and records are their patron's")
    assert found.startswith(f"{name} ")
    assert found.endswith(f"expected institution {ours}, found institution {theirs}")


def test_a_foreign_currency_is_named(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET currency_code = 'EUR' WHERE id = %s", payment.pk)

    # then
    assert finding_of("Currency") == f"transfer {payment.pk}: expected USD, found EUR"


def test_an_account_outside_the_chart_is_named(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET debit = 'pocket' WHERE id = %s", payment.pk)

    # then
    assert finding_of("Chart of accounts") == (f"transfer {payment.pk}: expected an account of the chart, found pocket")


def test_a_credit_moved_that_is_not_named_is_named(busy):
    # given
    given = a_transfer(busy.credit, "CREDIT")

    # when
    tamper("UPDATE ledger_transfer SET credit_fee_id = NULL WHERE id = %s", given.pk)

    # then
    assert finding_of("Chart of accounts") == (
        f"transfer {given.pk}: expected the fee of the credit that it moves, found none"
    )


def test_a_correction_of_another_amount_is_named(busy):
    # given
    correction = Transfer.objects.get(kind="CORRECTION")

    # when
    tamper("UPDATE ledger_transfer SET amount_minor = 400 WHERE id = %s", correction.pk)

    # then
    assert finding_of("Corrections") == (
        f"transfer {correction.pk}: expected 500 to patron:active from method:CASH on the fees of transfer "
        f"{correction.corrects_id} of account {busy.account.pk}, found 400 to patron:active from method:CASH on fee "
        f"{busy.mistaken.pk} of account {busy.account.pk}"
    )


def test_a_correction_that_corrects_nothing_is_named(busy):
    # given
    correction = Transfer.objects.get(kind="CORRECTION")

    # when
    tamper("UPDATE ledger_transfer SET corrects_id = NULL WHERE id = %s", correction.pk)

    # then
    assert finding_of("Corrections") == (
        f"transfer {correction.pk}: expected a CORRECTION just if it corrects one, found CORRECTION"
    )


def test_a_receipt_number_of_two_patrons_is_named(library, busy):
    # given
    other = library.charge(1000, patron=library.new_patron("second"))
    receipt = a_transfer(busy.paid, "PAYMENT").payment_id

    # when
    tamper("UPDATE ledger_transfer SET payment_id = %s WHERE fee_id = %s", receipt, other.pk)

    # then
    account_id = PatronAccount.objects.get(patron_id=other.patron_id).pk
    assert finding_of("Receipt numbers") == (
        f"receipt {receipt}: expected one patron, found accounts {busy.account.pk} and {account_id}"
    )


@pytest.mark.parametrize("next_value", [1, None])
def test_a_receipt_sequence_that_would_give_a_number_twice_is_named(library, busy, next_value):
    # given
    ours = library.institution.pk
    last = Transfer.objects.filter(payment_id__isnull=False).latest("payment_id").payment_id

    # when
    if next_value:
        tamper("UPDATE institutions_numbersequence SET next_value = %s", last)
    else:
        tamper("DELETE FROM institutions_numbersequence")

    # then
    found = last if next_value else "none"
    assert finding_of("Receipt sequence") == (
        f"receipt sequence of institution {ours}: expected a next value above {last}, found {found}"
    )


# -- comments and idempotency records -------------------------------------------------------------------------


def test_a_changed_comment_is_named(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE patrons_note SET text = 'nothing' WHERE id = %s", payment.note_id)

    # then
    assert finding_of("Comments").startswith(
        f"note {payment.note_id} of transfer {payment.pk}: expected the text of hash {payment.note_hash}, found "
    )


def test_an_erased_comment_still_verifies(busy):
    # when
    Note.objects.update(text="", salt="")

    # then
    assert verify().findings == []


def test_a_comment_cut_off_its_transfer_is_named(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET note_id = NULL WHERE id = %s", payment.pk)

    # then
    assert finding_of("Comments") == (
        f"transfer {payment.pk}: expected no note hash without a note, found {payment.note_hash}"
    )


@pytest.mark.parametrize(("column", "value"), [("key", "c"), ("input_hash", "0" * 64), ("result", "{}")])
def test_a_changed_idempotency_record_is_named(busy, column, value):
    # given
    record = Idempotency.objects.get(key="a")

    # when
    tamper(f"UPDATE ledger_idempotency SET {column} = %s WHERE id = %s", value, record.pk)

    # then
    found = finding_of("Idempotency records")
    assert found.startswith(f"idempotency record {record.pk}: expected hash ")
    assert found.endswith(f"found {record.hash}")


def test_a_result_that_tells_of_another_transfer_is_named(busy):
    # given
    record = Idempotency.objects.get(key="a")
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("UPDATE ledger_transfer SET amount_minor = 300 WHERE id = %s", payment.pk)

    # then
    assert finding_of("Idempotency records") == (
        f"idempotency record {record.pk}, transfer at seq {payment.seq}: "
        f"expected PAYMENT of 333 on fee {busy.paid.pk}, credit None, receipt {payment.payment_id}, "
        f"found PAYMENT of 300 on fee {busy.paid.pk}, credit None, receipt {payment.payment_id}"
    )


def test_a_result_whose_transfer_is_gone_is_named(busy):
    # given
    record = Idempotency.objects.get(key="a")
    payment = a_transfer(busy.paid, "PAYMENT")

    # when
    tamper("DELETE FROM ledger_transfer WHERE id = %s", payment.pk)

    # then
    assert finding_of("Idempotency records").startswith(
        f"idempotency record {record.pk}, transfer at seq {payment.seq}"
    )
    assert finding_of("Idempotency records").endswith("found no transfer")


# -- guards ---------------------------------------------------------------------------------------------------


def test_a_missing_guard_is_named(busy):
    # given
    connection.check_constraints()

    # when
    remove_guards()

    # then
    first = "guard_ledger_transfer_rows" if connection.vendor == "postgresql" else "guard_ledger_transfer_update"
    assert [str(finding) for finding in verify().findings] == [
        f"guard {first}: expected in place, found missing, switched off or replaced"
    ]


# -- two institutions -------------------------------------------------------------------------------------------


def test_each_institution_is_counted_alone_or_both_together(library, other_library, busy):
    # given
    other_library.charge(250)

    # when
    ours, theirs, both = verify(library.institution.pk), verify(other_library.institution.pk), verify()

    # then
    assert ours.counts == Counts(transfers=16, accounts=1, fees=8, idempotency_records=3)
    assert theirs.counts == Counts(transfers=1, accounts=1, fees=1, idempotency_records=0)
    assert both.counts == Counts(transfers=17, accounts=2, fees=9, idempotency_records=3)
    assert theirs.trial_balances[0].groups == {"income": -250, "patron:active": 250}
    assert both.findings == []


def test_a_change_in_one_institution_is_not_the_others_finding(library, other_library, busy):
    # given
    fee = other_library.charge(250)
    charge = Transfer.objects.get(fee=fee)

    # when
    tamper("UPDATE ledger_transfer SET amount_minor = 200 WHERE id = %s", charge.pk)

    # then
    assert verify(library.institution.pk).findings == []
    assert finding_of("Transfers follow one another", other_library.institution.pk).startswith(f"transfer {charge.pk}")
    assert finding_of("Transfers follow one another").startswith(f"transfer {charge.pk}")


def test_a_chain_recomputed_to_its_head_still_disagrees_with_the_fees(busy):
    # given
    payment = a_transfer(busy.paid, "PAYMENT")
    tamper("UPDATE ledger_transfer SET amount_minor = 300 WHERE id = %s", payment.pk)

    # when
    recompute_chain(busy.account)

    # then
    assert finding_of("Transfers follow one another") == "whole"
    assert finding_of("Fee amounts") == f"fee {busy.paid.pk}: expected remaining of 33 minor units, found 0"
