"""Letters that follow from loans and requests."""

import json
from datetime import timedelta
from typing import Any

import pytest

from amerce.circulation.cancel_request import cancel_request
from amerce.circulation.mark_found import mark_found
from amerce.circulation.mark_lost import mark_lost
from amerce.circulation.models import Loan, Request
from amerce.circulation.return_item import return_item
from amerce.events.deliver import deliver_next
from amerce.letters.models import Letter
from tests.charges.acts import Desk
from tests.circulation.lending import lend
from tests.letters.writing import parsed, reach
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]
LATER = NOON + timedelta(days=1)


@pytest.fixture
def loan(library: Library) -> Loan:
    reach(library.patron, "email", "jane@example.org")
    return lend(library)


def letters() -> list[Letter]:
    while deliver_next(now=LATER):
        pass
    return list(Letter.objects.order_by("pk"))


def text_of(letter: Letter) -> str:
    part = parsed(bytes(letter.body)).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def mark(command: Any, library: Library, loan: Loan, **more: Any) -> Any:
    return command(actor=library.manager, at=NOON, patron_id=library.patron.pk, loan_id=loan.pk, **more)


def test_a_lost_loan_is_told_with_what_it_costs(library: Library, loan: Loan) -> None:
    mark(mark_lost, library, loan)

    (letter,) = letters()
    assert (letter.kind, letter.to, letter.about) == ("LOST", "jane@example.org", [f"loan:{loan.pk}"])
    assert letter.subject == "Lost: The leopard"
    assert [each["type"] for each in letter.facts["fees"]] == ["LOSTITEMREPLACEMENTFEE", "LOSTITEMPROCESSFEE"]
    assert letter.facts["total_minor"] == sum(each["remaining_minor"] for each in letter.facts["fees"])


def test_what_is_given_back_for_a_found_item_is_told(library: Library, loan: Loan) -> None:
    mark(mark_lost, library, loan)
    Desk(library).pay()
    mark(mark_found, library, loan)

    _lost, letter = letters()

    assert (letter.kind, letter.subject) == ("LOST_REFUND", "Found: The leopard")
    refund_minor = letter.facts["refund_minor"]
    assert refund_minor > 0
    assert letter.facts["balance_minor"] == -refund_minor
    assert "We credit you" in text_of(letter)


def test_a_lost_item_that_comes_back_unpaid_is_charged_no_more(library: Library, loan: Loan) -> None:
    mark(mark_lost, library, loan)
    return_item(actor=library.manager, at=NOON, barcode=loan.item.barcode)

    _lost, letter = letters()

    assert (letter.kind, letter.facts["refund_minor"]) == ("LOST_REFUND", 0)
    assert "You are no longer charged" in text_of(letter)


def test_a_plain_return_writes_no_letter(library: Library, loan: Loan) -> None:
    return_item(actor=library.manager, at=NOON, barcode=loan.item.barcode)

    assert letters() == []


@pytest.mark.parametrize("number", [1, 5])
def test_an_overdue_notice_is_a_letter_of_its_number(library: Library, loan: Loan, number: int) -> None:
    from amerce.events.record import record

    data = {"loan": loan.pk, "number": number, "charged": 100}
    record("loan.overdue_noticed", actor=library.manager, at=NOON, patron_id=library.patron.pk, data=data)

    (letter,) = letters()
    assert letter.kind == f"OVERDUE_{number}"
    assert letter.facts["number"] == number
    assert "For this notice we charge $1.00." in text_of(letter)
    assert letter.subject == ("Overdue: The leopard" if number == 1 else "Reminder 5, overdue: The leopard")


def a_request(library: Library) -> Request:
    reach(library.patron, "email", "jane@example.org")
    return Request.objects.create(
        institution=library.institution,
        patron=library.patron,
        item=library.new_item(),
        pickup=library.library,
        placed_at=NOON,
    )


def test_a_cancelled_request_is_told_with_its_note(library: Library) -> None:
    request = a_request(library)
    who = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk}
    cancel_request(**who, request_id=request.pk, note="It is being <mended>.\nSorry")

    (letter,) = letters()

    assert (letter.kind, letter.about) == ("REQUEST_CANCELLED", [f"request:{request.pk}"])
    assert "It is being <mended>.\nSorry" in text_of(letter).replace("\r\n", "\n")
    html = parsed(bytes(letter.body)).get_body(("html",))
    assert html is not None
    assert "It is being &lt;mended&gt;.<br>Sorry" in html.get_content()
    assert "mended" in json.dumps(letter.facts)


def test_a_request_cancelled_without_the_tick_is_not_told(library: Library) -> None:
    request = a_request(library)
    who = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk}
    cancel_request(**who, request_id=request.pk, note="Never mind", notify=False)

    assert letters() == []


def test_a_loan_that_is_nobodys_by_then_writes_no_letter(library: Library, loan: Loan) -> None:
    mark(mark_lost, library, loan)
    Loan.objects.update(patron=None)

    assert letters() == []
