"""What a fee says of itself, changed by raw SQL: no hash covers it, so verify holds it against the transfers."""

import pytest

from amerce.charges.models import CREDIT_TYPE, Fee, FeeType
from amerce.charges.pay import pay
from amerce.charges.refund import AS_CREDIT, refund
from amerce.circulation.models import Loan
from amerce.ledger.checks import fee_facts
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from amerce.patrons.models import Note
from tests.ledger.findings import finding_of
from tests.ledger.tamper import tamper
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]
WAIVERS, TYPES, LINKS, BEGINNINGS = "Waivers of bound credits", "Fee types", "Fee links", "Fee dates and notes"


def first_transfer(fee: Fee) -> Transfer:
    return Transfer.objects.filter(fee=fee).order_by("seq")[0]


def kept_refund(library, busy) -> Fee:
    """The CREDIT as which 1.00 of the paid fee was refunded, with a comment."""
    outcome = refund(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        fee_id=busy.paid.pk,
        amount_minor=100,
        method=AS_CREDIT,
        comment="keep it",
    )
    return Fee.objects.get(pk=outcome.lines[0].credit_fee_id)


def kept_excess(library) -> Fee:
    """The CREDIT of what was paid too much, 1.00, with a comment."""
    library.institution.overpayment = library.institution.Overpayment.KEEP_AS_CREDIT
    library.institution.save()
    fee = library.charge(500)
    pay(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[fee.pk],
        amount_minor=600,
        method="CASH",
        comment="keep the change",
    )
    return Fee.objects.filter(type__code=CREDIT_TYPE).latest("pk")


def a_note(library, patron=None) -> int:
    patron = patron or library.patron
    return Note.objects.create(institution=library.institution, patron=patron, text="x", salt="y").pk


def a_loan(library, patron) -> Loan:
    return Loan.objects.create(
        institution=library.institution,
        library=library.library,
        patron=patron,
        item=library.new_item(),
        loaned_at=NOON,
        due_at=NOON,
    )


def test_every_way_to_open_a_fee_is_whole(library, busy):
    # given
    kept = kept_refund(library, busy)
    excess = kept_excess(library)

    # then
    assert kept.note_id is not None
    assert excess.note_id is None
    assert verify().findings == []


def test_a_bound_credit_set_free_to_be_paid_out_is_named(library, busy):
    # given
    bound = Fee.objects.get(bound_to=busy.lost)
    waiver = Transfer.objects.get(fee=busy.lost, kind="WAIVE")

    # when
    tamper("UPDATE charges_fee SET bound_to_id = NULL WHERE id = %s", bound.pk)

    # then
    expected = f"credit {bound.pk}: expected bound to fee {busy.lost.pk} by transfer {waiver.pk}, found bound to none"
    assert finding_of(WAIVERS) == expected
    refund(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        fee_id=bound.pk,
        amount_minor=200,
        method="CASH",
    )
    assert finding_of(WAIVERS) == expected


def test_a_credit_bound_that_no_waiver_gave_is_named(library, busy):
    # given
    kept = kept_refund(library, busy)

    # when
    tamper("UPDATE charges_fee SET bound_to_id = %s WHERE id = %s", busy.paid.pk, kept.pk)

    # then
    assert finding_of(WAIVERS) == (
        f"credit {kept.pk}: expected not bound, no waiver gave it, found bound to {busy.paid.pk}"
    )


def test_the_type_of_credits_is_that_of_charges():
    assert fee_facts._CREDIT_TYPE == CREDIT_TYPE


def test_another_type_than_was_charged_is_named(library, busy):
    # given
    other = FeeType.objects.get(institution=library.institution, code="LOCKERKEY")

    # when
    tamper("UPDATE charges_fee SET type_id = %s WHERE id = %s", other.pk, busy.lost.pk)

    # then
    assert finding_of(TYPES) == (
        f"fee {busy.lost.pk}: expected the type of income:LOSTITEMREPLACEMENTFEE "
        f"(transfer {first_transfer(busy.lost).pk}), found LOCKERKEY"
    )


def test_a_credit_given_by_hand_turned_into_another_type_is_named(library, busy):
    # given
    other = FeeType.objects.get(institution=library.institution, code="OTHER")

    # when
    tamper("UPDATE charges_fee SET type_id = %s WHERE id = %s", other.pk, busy.credit.pk)

    # then
    assert finding_of(TYPES) == (
        f"fee {busy.credit.pk}: expected the type of income:CREDIT "
        f"(transfer {first_transfer(busy.credit).pk}), found OTHER"
    )


@pytest.mark.parametrize("made", ["bound", "excess", "refund"])
def test_a_credit_of_another_type_is_named(library, busy, made):
    # given
    if made == "bound":
        credit = Fee.objects.get(bound_to=busy.lost)
    else:
        credit = kept_excess(library) if made == "excess" else kept_refund(library, busy)
    other = FeeType.objects.get(institution=library.institution, code="OTHER")

    # when
    tamper("UPDATE charges_fee SET type_id = %s WHERE id = %s", other.pk, credit.pk)

    # then
    found = finding_of(TYPES)
    assert found.startswith(f"fee {credit.pk}: expected ")
    assert found.endswith("found OTHER")


@pytest.mark.parametrize("name", ["type", "owner", "item", "note", "patron", "loan"])
def test_a_link_into_another_institution_is_named(library, other_library, busy, name):
    # given
    loan = a_loan(other_library, other_library.patron)
    theirs = {
        "type": FeeType.objects.get(institution=other_library.institution, code="OTHER").pk,
        "owner": other_library.library.pk,
        "item": loan.item_id,
        "note": a_note(other_library),
        "patron": other_library.patron.pk,
        "loan": loan.pk,
    }[name]

    # when
    tamper(f"UPDATE charges_fee SET {name}_id = %s WHERE id = %s", theirs, busy.disputed.pk)

    # then
    words = "its patron" if name in ("loan", "note") else "its institution"
    assert finding_of(LINKS) == f"fee {busy.disputed.pk}: expected a {name} of {words}, found {name} {theirs}"


@pytest.mark.parametrize("name", ["loan", "note"])
def test_a_link_to_what_is_another_patrons_is_named(library, busy, name):
    # given
    other = library.new_patron("second")
    theirs = a_note(library, other) if name == "note" else a_loan(library, other).pk

    # when
    tamper(f"UPDATE charges_fee SET {name}_id = %s WHERE id = %s", theirs, busy.disputed.pk)

    # then
    assert finding_of(LINKS) == f"fee {busy.disputed.pk}: expected a {name} of its patron, found {name} {theirs}"


@pytest.mark.parametrize("fee", ["paid", "credit", "bound"])
def test_another_day_of_making_is_named(busy, fee):
    # given
    fee_id = Fee.objects.get(bound_to=busy.lost).pk if fee == "bound" else getattr(busy, fee).pk

    # when
    tamper("UPDATE charges_fee SET created_at = '2020-01-01 00:00:00+00:00' WHERE id = %s", fee_id)

    # then
    assert finding_of(BEGINNINGS).startswith(
        f"fee {fee_id}: expected made at 2026-03-02 12:00:00+00:00, found 2020-01-"
    )


@pytest.mark.parametrize("fee", ["waived", "credit", "bound"])
def test_a_status_since_another_day_is_named(busy, fee):
    # given
    fee_id = Fee.objects.get(bound_to=busy.lost).pk if fee == "bound" else getattr(busy, fee).pk

    # when
    tamper("UPDATE charges_fee SET status_at = '2020-01-01 00:00:00+00:00' WHERE id = %s", fee_id)

    # then
    found = finding_of(BEGINNINGS)
    assert found.startswith(f"fee {fee_id}: expected a status since one of its transfers, found since 2020-01-01")


def test_a_note_given_to_a_fee_later_is_named(library, busy):
    # given
    note_id = a_note(library)

    # when
    tamper("UPDATE charges_fee SET note_id = %s WHERE id = %s", note_id, busy.disputed.pk)

    # then
    assert finding_of(BEGINNINGS) == f"fee {busy.disputed.pk}: expected note none, found note {note_id}"


def test_a_note_taken_from_a_fee_is_named(library, busy):
    # given
    kept = kept_refund(library, busy)

    # when
    tamper("UPDATE charges_fee SET note_id = NULL WHERE id = %s", kept.pk)

    # then
    assert finding_of(BEGINNINGS) == f"fee {kept.pk}: expected note {kept.note_id}, found note none"


def test_dates_of_a_loan_that_is_there_are_named(library, busy):
    # given
    loan = a_loan(library, library.patron)
    Fee.objects.filter(pk=busy.lost.pk).update(loan=loan)
    assert finding_of(BEGINNINGS) == "whole"

    # when
    tamper("UPDATE charges_fee SET returned_at = created_at WHERE id = %s", busy.lost.pk)

    # then
    busy.lost.refresh_from_db()
    assert finding_of(BEGINNINGS) == (
        f"fee {busy.lost.pk}: expected the dates of loan {loan.pk} there alone, "
        f"found none, none, {busy.lost.returned_at}"
    )


def test_a_fee_that_keeps_only_some_dates_of_a_purged_loan_is_named(library, busy):
    # given
    dates = {"loaned_at": NOON, "due_at": NOON, "returned_at": NOON}
    Fee.objects.filter(pk=busy.lost.pk).update(**dates)
    assert finding_of(BEGINNINGS) == "whole"

    # when
    tamper("UPDATE charges_fee SET due_at = NULL WHERE id = %s", busy.lost.pk)

    # then
    assert finding_of(BEGINNINGS) == (
        f"fee {busy.lost.pk}: expected all dates of a loan or none, found {NOON}, none, {NOON}"
    )
