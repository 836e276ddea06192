"""The whole of verify: what it counts, the guards, and each institution by itself."""

import pytest
from django.db import connection

from amerce.ledger.guards import remove_guards
from amerce.ledger.models import Transfer
from amerce.ledger.verify import CHECKS, Counts, verify
from tests.ledger.findings import a_transfer, finding_of
from tests.ledger.tamper import recompute_chain, tamper

pytestmark = [pytest.mark.django_db, pytest.mark.money]


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
