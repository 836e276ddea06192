"""Renewing (row A10)."""

from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.charges.errors import NothingChosen
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.errors import ItemRequested, LoanNotFound, LoanStatusForbids, RenewalsUsedUp
from amerce.circulation.models import BlockRule, Loan, LoanSpell, Request, TermsOfUse
from amerce.events.models import Event
from tests.charges.checks import nothing_written
from tests.circulation.desk import DUE, LoanDesk
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def now(loan: Loan) -> Loan:
    return Loan.objects.get(pk=loan.pk)


def test_it_is_due_a_loan_length_from_the_renewal(desk: LoanDesk, loan: Loan) -> None:
    (outcome,) = desk.renew(loan, at=NOON + timedelta(days=10))

    assert outcome.due_at == DUE + timedelta(days=10)
    assert (now(loan).status, now(loan).renewals, now(loan).renewed_at) == ("RENEW", 1, NOON + timedelta(days=10))
    assert Event.objects.get(name="loan.renewed").data["loans"] == [[loan.pk, outcome.due_at.isoformat()]]


def test_it_never_shortens_a_loan(desk: LoanDesk, loan: Loan) -> None:
    TermsOfUse.objects.update(loan_length=7)

    assert desk.renew(loan, at=NOON + timedelta(days=1))[0].due_at == DUE


def test_the_lateness_so_far_is_charged_and_stays(desk: LoanDesk, loan: Loan) -> None:
    desk.renew(loan, at=DUE + timedelta(days=3))
    assert desk.fines(loan) == {"OVERDUEFINE": 75}
    assert LoanSpell.objects.values_list("kind", "began_at", "ended_at").get() == ("late", DUE, DUE + timedelta(days=3))

    desk.take_back(loan, at=now(loan).due_at + timedelta(days=2))

    assert desk.fines(loan) == {"OVERDUEFINE": 125}


def test_several_are_renewed_together_or_not_at_all(desk: LoanDesk, loan: Loan) -> None:
    lost = desk.lend(desk.library.new_item())
    desk.lose(lost, at=NOON)

    with pytest.raises(LoanStatusForbids), nothing_written():
        desk.renew(loan, lost, at=NOON + timedelta(days=1))

    assert now(loan).renewals == 0


def test_after_the_last_renewal_it_is_refused(desk: LoanDesk, loan: Loan) -> None:
    TermsOfUse.objects.update(renewals_limit=1)
    desk.renew(loan, at=NOON)

    with pytest.raises(RenewalsUsedUp) as refused, nothing_written():
        desk.renew(loan, at=NOON + timedelta(days=1))

    assert refused.value.limit == 1


def test_what_somebody_else_waits_for_is_not_renewed(desk: LoanDesk, loan: Loan) -> None:
    library = desk.library
    Request.objects.create(
        institution=library.institution,
        patron=library.new_patron("other"),
        item=loan.item,
        pickup=library.library,
        placed_at=NOON,
    )

    with pytest.raises(ItemRequested), nothing_written():
        desk.renew(loan, at=NOON + timedelta(days=1))


def test_who_is_blocked_renews_for_a_reason_only(desk: LoanDesk, loan: Loan) -> None:
    BlockRule.objects.create(institution=desk.library.institution, amount_minor=1000)
    desk.library.charge(1000)

    with pytest.raises(PatronBlocked), nothing_written():
        desk.renew(loan, at=NOON)
    with pytest.raises(NotAllowed), nothing_written():
        desk.renew(loan, at=NOON, override_reason="Exams")

    desk.renew(loan, at=NOON, actor=desk.library.manager, override_reason="Exams")
    assert Event.objects.get(name="loan.renewed").data["override"]["blocks"] == ["owes_too_much"]


def test_no_loan_and_a_loan_that_is_back_are_refused(desk: LoanDesk, loan: Loan) -> None:
    with pytest.raises(NothingChosen), nothing_written():
        desk.renew(at=NOON)
    desk.take_back(loan, at=NOON)
    with pytest.raises(LoanNotFound), nothing_written():
        desk.renew(loan, at=NOON)


def test_it_takes_the_privilege(desk: LoanDesk, loan: Loan) -> None:
    with pytest.raises(NotAllowed), nothing_written():
        desk.renew(loan, at=NOON, actor=desk.library.staff("auditor"))
