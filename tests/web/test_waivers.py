"""Waiving Fine/Fee."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.dispute import dispute
from amerce.charges.models import Fee, FeeType
from amerce.charges.waive import waive
from tests.charges.checks import nothing_written
from tests.web.account import HTMX, Desk, field_value, open_record, text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
NEW = "waivers/new/"


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library)


def form(*fees: Fee, **more: str) -> dict[str, object]:
    amounts = {f"amount_{each.pk}": f"{each.remaining_minor / 100:.2f}" for each in fees}
    return {"fee": [each.pk for each in fees], "reason": "HARDSHIP", **amounts, **more}


def test_each_fee_has_its_own_amount_the_whole_remainder_by_default(desk: Desk, library: Library) -> None:
    plain, lost = library.charge(450), library.charge(9900, "LOSTITEMREPLACEMENTFEE")
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={lost.pk: 2500}, reason="HARDSHIP")

    page = desk.page(f"{NEW}?fee={plain.pk}&fee={lost.pk}")

    assert "Waiving Fine/Fee" in page
    assert field_value(page, f"amount_{plain.pk}") == "4.50"
    assert field_value(page, f"amount_{lost.pk}") == "74.00"


def test_waive_asks_to_confirm_and_only_confirm_waives(desk: Desk, library: Library) -> None:
    first, second = library.charge(450), library.charge(1000)
    data = form(first, second, **{f"amount_{second.pk}": "2.00"}, comment="Agreed")

    with nothing_written():
        step = desk.post(NEW, data)
    read = words(step)
    assert step.status_code == 200
    assert "$4.50" in read
    assert "Total $6.50" in read
    assert "Waiving reason: Financial hardship" in read
    assert "Comment: Agreed" in read

    done = desk.post(NEW, {**data, "confirm": "1"})

    assert done["Location"] == desk.url("fees/")
    assert [Fee.objects.get(pk=each.pk).remaining_minor for each in (first, second)] == [0, 800]
    assert "Waived $6.50. The active balance is now $8.00." in words(desk.get("fees/"))


def test_the_same_confirmation_twice_waives_once(desk: Desk, library: Library) -> None:
    fee = library.charge(450)
    data = {**form(fee), "confirm": "1", "form_key": "k" * 32, "seq": "1"}

    desk.post(NEW, data)
    again = desk.post(NEW, data)

    assert again.status_code == 302
    assert "was waived before. Nothing was waived twice." in words(desk.get("fees/"))
    assert Fee.objects.get().waived_minor == 450


def test_htmx_shows_the_confirmation_as_a_dialog_and_refusals_in_the_form_behind(desk: Desk, library: Library) -> None:
    fee = library.charge(450)

    confirm = desk.post(NEW, form(fee), headers=HTMX)
    refused = desk.post(NEW, form(fee, reason=""), headers=HTMX)

    assert "dialog-title" in text(confirm)
    assert (refused.status_code, refused["HX-Retarget"], refused["HX-Trigger"]) == (422, "#waiver", "closeDialog")
    assert "Choose a reason for waiving." in text(refused)


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [("", "Type an amount."), ("4.51", "$4.50 is the most that is open here."), ("10,5", "Write the amount in digits")],
)
def test_a_bad_amount_is_refused_in_its_row(desk: Desk, library: Library, amount: str, sentence: str) -> None:
    fee, good = library.charge(450), library.charge(1000)
    data = {**form(fee, good), f"amount_{fee.pk}": amount}

    for confirm in ({}, {"confirm": "1"}):
        with nothing_written():
            response = desk.post(NEW, {**data, **confirm})
        assert response.status_code == 422
        assert f'id="id_amount_{fee.pk}_error"' in text(response)
        assert sentence in words(response)


def test_what_cannot_be_waived_is_refused_in_its_row(desk: Desk, library: Library) -> None:
    FeeType.objects.filter(code="LOCKERKEY").update(is_waivable=False)
    never, credit, good = library.charge(450, "LOCKERKEY"), library.charge(300, "CREDIT"), library.charge(100)
    query = "&".join(f"fee={each.pk}" for each in (never, credit, good))

    read = words(desk.get(f"{NEW}?{query}"))
    with nothing_written():
        refused = desk.post(NEW, {**form(never, good), "confirm": "1"})

    assert read.count("Fees of this type are not waived.") == 2
    assert refused.status_code == 422
    assert "Fees of this type are not waived." in words(refused)


def test_a_disputed_fee_can_be_waived(desk: Desk, library: Library) -> None:
    fee = library.charge(450)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])

    desk.post(NEW, {**form(fee), "confirm": "1"})

    assert Fee.objects.get().closed_as == "waived"


def test_an_unknown_reason_and_an_out_of_date_page_are_refused(desk: Desk, library: Library) -> None:
    fee = library.charge(450)
    stale = str(desk.seq)
    library.charge(100, "LOCKERKEY")

    with nothing_written():
        unknown = desk.post(NEW, {**form(fee, reason="WHIM"), "confirm": "1"})
        late = desk.post(NEW, {**form(fee, seq=stale), "confirm": "1"})

    assert "Choose a reason for waiving." in words(unknown)
    assert late.status_code == 422
    assert "The account changed since this page was made" in words(late)
    assert "Charge $1.00 Locker key" in words(late)


def test_nothing_selected_says_so_and_fees_of_others_are_not_found(
    desk: Desk, library: Library, other_library: Library
) -> None:
    neighbour = library.charge(1000, patron=library.new_patron("other"))
    foreign = other_library.charge(1000)

    assert "Nothing is selected." in words(desk.get(NEW))
    for fee in (neighbour, foreign):
        with nothing_written():
            assert desk.get(f"{NEW}?fee={fee.pk}").status_code == 404
            assert desk.post(NEW, {**form(fee), "confirm": "1"}).status_code == 404


def test_the_operator_may_not_waive(sign_in: Callable[..., Client], library: Library) -> None:
    fee = library.charge(450)
    operator = open_record(sign_in, library, "circulation_desk_operator")

    with nothing_written():
        assert operator.get(f"{NEW}?fee={fee.pk}").status_code == 403
        assert operator.post(NEW, {**form(fee), "confirm": "1"}).status_code == 403


def test_the_cursor_stands_at_the_first_amount_or_at_the_refused_reason(desk: Desk, library: Library) -> None:
    fee = library.charge(450)

    fresh = desk.page(f"{NEW}?fee={fee.pk}")
    refused = text(desk.post(NEW, form(fee, reason="")))

    assert re.search(rf'<input [^>]*name="amount_{fee.pk}"[^>]* autofocus', fresh)
    assert re.search(r'<select [^>]*name="reason"[^>]* autofocus', refused)
    assert (fresh.count(" autofocus"), refused.count(" autofocus")) == (1, 1)


def test_what_becomes_of_a_lost_item_fee_is_said_where_there_is_one(desk: Desk, library: Library) -> None:
    fine, lost = library.charge(500), library.charge(2500, "LOSTITEMREPLACEMENTFEE")

    assert "gets a credit instead" not in words(desk.get(f"{NEW}?fee={fine.pk}"))
    assert "gets a credit instead" in words(desk.get(f"{NEW}?fee={fine.pk}&fee={lost.pk}"))


def test_to_confirm_a_lost_item_fee_says_that_its_balance_stays(desk: Desk, library: Library) -> None:
    lost, plain = library.charge(9900, "LOSTITEMREPLACEMENTFEE"), library.charge(450)
    said = "The remaining balance of a lost item replacement fee stays as it is; a credit of what is waived is made"

    assert said in words(desk.post(NEW, form(lost)))
    assert said not in words(desk.post(NEW, form(plain)))
