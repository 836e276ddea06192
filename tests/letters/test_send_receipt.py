"""A receipt by e-mail says what was paid."""

import pytest

from amerce.access.can import NotAllowed
from amerce.inputs.errors import RowNotFound
from amerce.letters.errors import LetterKindOff, NoAddress
from amerce.letters.models import Letter, LetterSwitch
from amerce.letters.send_receipt import send_receipt
from tests.charges.acts import Desk
from tests.letters.writing import parsed, reach
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def send(library: Library, number: int | None, role: str = "circulation_desk_operator") -> Letter:
    assert number is not None
    return send_receipt(actor=library.staff(role), at=NOON, patron_id=library.patron.pk, number=number)


def text_of(letter: Letter) -> list[str]:
    part = parsed(bytes(letter.body)).get_body(("plain",))
    assert part is not None
    return str(part.get_content()).splitlines()


def test_it_says_what_was_paid_of_each_fee(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    desk = Desk(library)
    desk.charge(1000)
    desk.charge(500, item=library.new_item("Invisible cities"))
    number = desk.pay(amount=1200, external_transaction_id="4711").payment_id

    letter = send(library, number)

    assert letter.subject == f"Receipt {number}: $12.00"
    lines = text_of(letter)
    assert "Paid: $12.00" in lines
    assert "Your balance is now $3.00." in lines
    assert any(each.startswith("Other: Invisible cities  $2.00  Cash  4711") for each in lines)
    assert send(library, number).pk == letter.pk


def test_it_says_what_was_given_back(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    desk = Desk(library)
    fee = desk.charge(1000)
    desk.pay()
    number = desk.refund(fee, 400).payment_id

    lines = text_of(send(library, number))

    assert "Given back: $4.00" in lines
    assert any(each.startswith("We gave back $4.00") for each in lines)


def test_it_tells_money_from_credits(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    desk = Desk(library)
    desk.charge(300, "CREDIT")
    desk.charge(1000)
    number = desk.pay().payment_id

    letter = send(library, number)

    assert (letter.facts["total_minor"], letter.facts["credits_minor"]) == (700, 300)
    assert any(each.endswith("$3.00  by credit") for each in text_of(letter))


def test_it_is_refused_for_whom_it_is_not(library: Library, other_library: Library) -> None:
    desk = Desk(library)
    desk.charge(1000)
    number = desk.pay().payment_id
    with pytest.raises(NoAddress):
        send(library, number)
    reach(library.patron, "email", "jane@example.org")
    with pytest.raises(RowNotFound):
        send(library, 99)
    with pytest.raises(RowNotFound):
        send(other_library, number)
    with pytest.raises(NotAllowed):
        send(library, number, "auditor")
    LetterSwitch.objects.create(institution=library.institution, kind="PAYMENT_RECEIPT", is_on=False)
    with pytest.raises(LetterKindOff):
        send(library, number)

    assert not Letter.objects.exists()
