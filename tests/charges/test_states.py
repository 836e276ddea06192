import pytest

from amerce.charges.models import Fee
from amerce.charges.states import ALLOWED_IN, ClosedAs, Status, Verb, status_after
from amerce.ledger.chart import Kind

pytestmark = pytest.mark.money


@pytest.mark.parametrize(
    ("verb", "statuses"),
    [
        (Verb.ACCRUE, {"ACTIVE", "CLOSED"}),
        (Verb.PAY, {"ACTIVE"}),
        (Verb.WAIVE, {"ACTIVE", "INDISPUTE"}),
        (Verb.DISPUTE, {"ACTIVE"}),
        (Verb.RESTORE, {"INDISPUTE"}),
        (Verb.REFUND, {"ACTIVE", "INDISPUTE", "CLOSED"}),
        (Verb.CORRECT, {"ACTIVE", "INDISPUTE", "CLOSED"}),
        (Verb.EXPORT, {"ACTIVE"}),
        (Verb.SETTLE, {"EXPORTED"}),
        (Verb.TAKE_BACK_EXPORT, {"EXPORTED", "CLOSED"}),
        (Verb.TAKE_BACK_PAYMENT, {"EXPORTED", "CLOSED"}),
        (Verb.LINK_ITEM, {"ACTIVE", "INDISPUTE", "EXPORTED", "CLOSED"}),
    ],
)
def test_a_verb_is_allowed_in_these_statuses_and_no_other(verb: Verb, statuses: set[str]) -> None:
    assert {status.value for status in ALLOWED_IN[verb]} == statuses


def test_every_verb_on_a_fee_is_in_the_table() -> None:
    assert set(Verb) - set(ALLOWED_IN) == {Verb.ASSESS}


@pytest.mark.parametrize(
    ("status", "kind", "closed_as"),
    [
        (Status.ACTIVE, Kind.PAYMENT, ClosedAs.PAID),
        (Status.ACTIVE, Kind.WAIVE, ClosedAs.WAIVED),
        (Status.INDISPUTE, Kind.WAIVE, ClosedAs.WAIVED),
        (Status.ACTIVE, Kind.EXPORT, ClosedAs.EXPORTED),
        (Status.ACTIVE, Kind.CORRECTION, ClosedAs.CORRECTED),
        (Status.ACTIVE, Kind.REDUCTION, ClosedAs.REDUCED),
        (Status.INDISPUTE, Kind.REDUCTION, ClosedAs.REDUCED),
    ],
)
def test_a_fee_of_which_nothing_remains_is_closed_and_says_how(status: Status, kind: Kind, closed_as: str) -> None:
    fee = Fee(status=status, original_minor=100, remaining_minor=0)

    assert status_after(fee, kind, "waived:OTHER") == (Status.CLOSED, closed_as)


@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.CORRECTION, Kind.REDUCTION])
def test_a_closed_fee_stays_closed_as_it_was_by_a_refund_its_correction_and_a_credit_given(kind: Kind) -> None:
    fee = Fee(status=Status.CLOSED, closed_as=ClosedAs.WAIVED, original_minor=100, remaining_minor=0)

    assert status_after(fee, kind, "refunded:CASH") == (Status.CLOSED, ClosedAs.WAIVED)


def test_a_credit_that_is_used_up_is_closed_as_credited_and_one_paid_out_as_paid() -> None:
    credit = Fee(status=Status.ACTIVE, original_minor=-100, remaining_minor=0)

    assert status_after(credit, Kind.PAYMENT, "patron:credit") == (Status.CLOSED, ClosedAs.CREDITED)
    assert status_after(credit, Kind.REFUND, "patron:credit") == (Status.CLOSED, ClosedAs.PAID)


@pytest.mark.parametrize(
    ("status", "kind", "debit", "after"),
    [
        (Status.ACTIVE, Kind.PAYMENT, "method:CASH", Status.ACTIVE),
        (Status.ACTIVE, Kind.DISPUTE, "patron:disputed", Status.INDISPUTE),
        (Status.INDISPUTE, Kind.WAIVE, "waived:OTHER", Status.INDISPUTE),
        (Status.INDISPUTE, Kind.RESTORE, "patron:active", Status.ACTIVE),
        (Status.INDISPUTE, Kind.CORRECTION, "patron:disputed", Status.INDISPUTE),
        (Status.INDISPUTE, Kind.CORRECTION, "income:OTHER", Status.INDISPUTE),
        (Status.CLOSED, Kind.CORRECTION, "patron:active", Status.ACTIVE),
        (Status.CLOSED, Kind.CORRECTION, "patron:disputed", Status.INDISPUTE),
        (Status.CLOSED, Kind.CHARGE, "patron:active", Status.ACTIVE),
    ],
)
def test_a_fee_of_which_something_remains_is_open_where_its_money_is(
    status: Status, kind: Kind, debit: str, after: Status
) -> None:
    fee = Fee(status=status, original_minor=100, remaining_minor=60)

    assert status_after(fee, kind, debit) == (after, "")


@pytest.mark.parametrize("debit", ["patron:active", "patron:disputed", "refunded:CASH"])
def test_a_credit_that_is_given_back_is_active_wherever_its_fee_is(debit: str) -> None:
    credit = Fee(status=Status.CLOSED, original_minor=-100, remaining_minor=-60)

    assert status_after(credit, Kind.CORRECTION, debit) == (Status.ACTIVE, "")


def test_a_fee_with_something_at_the_bursar_is_transferred() -> None:
    fee = Fee(status=Status.ACTIVE, original_minor=100, remaining_minor=0, transferred_minor=100)

    assert status_after(fee, Kind.EXPORTED_AND_PAID, "patron:transferred") == (Status.EXPORTED, "")
