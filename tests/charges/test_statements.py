"""How a fee and an account stood after a transaction."""

import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.charges.dispute import dispute
from amerce.charges.models import Fee
from amerce.charges.pay import pay
from amerce.charges.queries import balances
from amerce.charges.statements import standing_after, story
from amerce.charges.waive import waive
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_the_story_ends_where_the_fee_stands(library: Library) -> None:
    fee, lost = library.charge(1000), library.charge(9900, "LOSTITEMREPLACEMENTFEE")
    library.charge(300, "CREDIT")
    common = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk}
    waive(amounts_minor={fee.pk: 100, lost.pk: 2500}, reason="OTHER", **common)
    pay(fee_ids=None, amount_minor=500, method="CASH", **common)
    dispute(fee_ids=[lost.pk], **common)

    for each in Fee.objects.all():
        assert story(library.manager, each)[0].remaining_minor == each.remaining_minor
    steps = {step.transfer.kind: step for step in story(library.manager, lost)}
    assert (steps["WAIVE"].change_minor, steps["WAIVE"].remaining_minor) == (-2500, 9900)
    assert steps["DISPUTE"].change_minor == 0


def test_the_story_of_a_fee_that_was_taken_back_says_what_that_changed_for_the_patron(library: Library) -> None:
    desk = Desk(library)
    loan = desk.new_loan()
    desk.bring_to(loan, 1000)
    desk.pay(amount=600)
    desk.bring_to(loan, 500)
    fee = Fee.objects.get(loan=loan, type__code="OVERDUEFINE")

    told = [(step.transfer.kind, step.change_minor, step.remaining_minor) for step in story(library.manager, fee)]

    assert told == [("REDUCTION", -100, 0), ("REDUCTION", -400, 0), ("PAYMENT", -600, 400), ("CHARGE", 1000, 1000)]
    (given,) = story(library.manager, desk.newest_credit())
    assert (given.change_minor, given.remaining_minor) == (-100, -100)
    standing = standing_after(library.manager, library.patron.pk, desk.account().seq, [fee.pk])
    assert (standing.balance_minor, standing.remaining_minor) == (-100, {fee.pk: 0})


def test_what_happens_later_does_not_change_how_things_stood(library: Library) -> None:
    fee = library.charge(1000)
    library.charge(300, "CREDIT")
    pay(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[fee.pk],
        amount_minor=400,
        method="CASH",
    )
    seq = Transfer.objects.get(kind="PAYMENT").seq
    then = standing_after(library.manager, library.patron.pk, seq, [fee.pk])
    library.charge(5000)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])

    assert then == standing_after(library.manager, library.patron.pk, seq, [fee.pk])
    assert (then.balance_minor, then.remaining_minor) == (300, {fee.pk: 600})
    last = standing_after(library.manager, library.patron.pk, 10**6, [])
    assert last.balance_minor == balances(library.manager, library.patron.pk).active_minor


def test_another_institution_reads_nothing_and_who_may_not_look_is_refused(
    library: Library, other_library: Library
) -> None:
    fee = library.charge(1000)

    assert story(other_library.manager, fee) == []
    assert standing_after(other_library.manager, library.patron.pk, 10, [fee.pk]).remaining_minor == {}
    with pytest.raises(NotAllowed):
        standing_after(system_actor(library.institution.pk, "job"), library.patron.pk, 1, [fee.pk])
