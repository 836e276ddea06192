"""Every action in every status of a loan: what the table says, and that the commands hold to it (row A11)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from amerce.circulation.claim_return import claim_return
from amerce.circulation.errors import LoanNotFound, LoanStatusForbids
from amerce.circulation.mark_found import mark_found
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Loan
from amerce.circulation.place_request import place_request
from amerce.circulation.renew import renew
from amerce.circulation.states import ALLOWED_IN, Action, status_on_loan
from tests.charges.checks import nothing_written
from tests.circulation.desk import LoanDesk
from tests.world import NOON, Library

pytestmark = pytest.mark.money

LATER = NOON + timedelta(days=1)
COMMANDS: dict[Action, Callable[..., Any]] = {
    Action.RENEW: renew,
    Action.CLAIM_RETURN: claim_return,
    Action.MARK_LOST: mark_lost,
    Action.MARK_FOUND: mark_found,
}
TABLE = {
    Action.RENEW: {"NORMAL": "RENEW", "RENEW": "RENEW"},
    Action.CLAIM_RETURN: dict.fromkeys(["NORMAL", "RENEW", "RECALL"], "CLAIMED_RETURN"),
    Action.MARK_LOST: dict.fromkeys(["NORMAL", "RENEW", "RECALL", "CLAIMED_RETURN"], "LOST"),
    Action.MARK_FOUND: {"CLAIMED_RETURN": "NORMAL", "LOST": "NORMAL"},
}
"""For each action the statuses in which it is allowed, and what the loan is afterwards."""


def test_the_table_allows_these_actions_and_no_other() -> None:
    assert {action: set(map(str, ALLOWED_IN[action])) for action in Action} == {
        action: set(after) for action, after in TABLE.items()
    }


def loan_in(library: Library, status: str) -> Loan:
    """A loan that came to ``status`` by the commands of a desk."""
    desk = LoanDesk(library)
    loan = desk.lend(library.new_item())
    if status == "RENEW":
        desk.renew(loan, at=NOON)
    elif status == "RECALL":
        place_request(
            actor=library.operator,
            at=NOON,
            patron_id=library.new_patron("other").pk,
            barcode=loan.item.barcode,
            pickup_library_id=library.library.pk,
        )
    elif status == "CLAIMED_RETURN":
        desk.claim(loan, at=NOON)
    elif status == "LOST":
        desk.lose(loan, at=NOON)
    assert now(loan).status == status
    return loan


def now(loan: Loan) -> Loan:
    return Loan.objects.get(pk=loan.pk)


def act(library: Library, action: Action, loan: Loan) -> None:
    which = {"loan_ids": [loan.pk]} if action is Action.RENEW else {"loan_id": loan.pk}
    COMMANDS[action](actor=library.operator, at=LATER, patron_id=loan.patron_id, **which)


@pytest.mark.django_db
@pytest.mark.parametrize("status", Loan.Status.values)
@pytest.mark.parametrize("action", Action)
def test_a_command_does_what_the_table_allows_and_refuses_the_rest(
    library: Library, action: Action, status: str
) -> None:
    loan = loan_in(library, status)
    if after := TABLE[action].get(status):
        act(library, action, loan)
        assert now(loan).status == after
        return

    with nothing_written(), pytest.raises(LoanStatusForbids) as refused:
        act(library, action, loan)

    assert (refused.value.action, refused.value.loan_id, refused.value.status) == (action, loan.pk, status)


@pytest.mark.django_db
@pytest.mark.parametrize("status", Loan.Status.values)
def test_a_copy_is_taken_back_in_every_status_and_then_nothing_is_done_to_its_loan(
    library: Library, status: str
) -> None:
    loan = loan_in(library, status)
    LoanDesk(library).take_back(loan, at=LATER)
    assert now(loan).returned_at == LATER

    for action in Action:
        with nothing_written(), pytest.raises(LoanNotFound):
            act(library, action, loan)


@pytest.mark.django_db
@pytest.mark.parametrize("action", Action)
def test_nothing_is_done_to_a_lost_loan_that_left_the_list(library: Library, action: Action) -> None:
    loan = loan_in(library, "LOST")
    Loan.objects.update(closed_at=NOON)

    with nothing_written(), pytest.raises(LoanNotFound):
        act(library, action, loan)


@pytest.mark.parametrize(
    ("recalled_at", "renewals", "status"),
    [(None, 0, "NORMAL"), (None, 2, "RENEW"), (NOON, 0, "RECALL"), (NOON, 2, "RECALL")],
)
def test_what_is_found_is_what_it_was_before(recalled_at: Any, renewals: int, status: str) -> None:
    assert status_on_loan(Loan(status="LOST", recalled_at=recalled_at, renewals=renewals)) == status
