"""Payment Details: what is paid, what is shown before and after, and what is refused."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.dispute import dispute
from amerce.charges.models import Fee
from amerce.charges.preview import owed_for_all, plan_payment
from amerce.charges.queries import balances
from amerce.charges.waive import waive
from amerce.ledger.models import Transfer
from amerce.web import payments
from tests.charges.checks import nothing_written
from tests.web.account import HTMX, Desk, field_value, open_record, text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
NEW = "payments/new/"


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


def balance(library: Library) -> int:
    return balances(library.manager, library.patron.pk).active_minor


def all_(amount: str, **more: str) -> dict[str, str]:
    return {"of": "all", "amount": amount, "method": "CASH", **more}


def test_the_form_is_filled_with_what_is_owed_and_shows_the_allocation(desk: Desk, library: Library) -> None:
    library.charge(450, days_ago=2, item=library.new_item("Pnin"))
    library.charge(1000, days_ago=1)

    page = desk.page(NEW)

    assert field_value(page, "amount") == "14.50"
    assert len(field_value(page, "form_key")) == 32
    assert field_value(page, "seq") == "2"
    read = words(desk.get(NEW))
    assert "Pnin Other $4.50 → $0.00 closed" in read
    assert "New balance $0.00" in read
    assert "Send – pay $14.50" in read


def test_htmx_gets_the_dialog_alone(desk: Desk, library: Library) -> None:
    library.charge(450)

    dialog = text(desk.get(NEW, headers=HTMX))

    assert "<html" not in dialog
    assert "Payment Details" in dialog
    assert 'hx-target="#dialog"' in dialog


def test_a_partial_payment_of_all_goes_to_the_oldest_and_leads_to_its_receipt(desk: Desk, library: Library) -> None:
    old, new = library.charge(450, days_ago=2), library.charge(1000, days_ago=1)

    response = desk.post(NEW, all_("6.00", comment="With a ten", external_transaction_id="T-1"))

    assert response["Location"] == desk.url("payments/10001/")
    assert [Fee.objects.get(pk=each.pk).remaining_minor for each in (old, new)] == [0, 850]
    read = words(desk.get("payments/10001/"))
    assert "Paid $6.00 New balance $8.50" in read
    assert "Receipt 10001" in read
    assert "Cash $6.00" in read


def test_the_confirmation_of_many_fees_lists_some_and_the_receipt_all(
    desk: Desk, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "LISTED", 2)
    for title in ("Pnin", "Ada", "Lolita"):
        library.charge(100, item=library.new_item(title))
    paid = desk.post(NEW, {**all_("3.00")})

    confirmed, receipt = (
        words(desk.client.get(paid["Location"].partition("?")[0] + each)) for each in ("", "receipt/")
    )

    assert ("Pnin" in confirmed, "Lolita" in confirmed) == (True, False)
    assert "and 1 more, which the receipt lists" in confirmed and "Total $3.00" in confirmed
    assert "Lolita" in receipt and "which the receipt lists" not in receipt


def test_htmx_is_sent_on_to_the_receipt_as_a_whole_page(desk: Desk, library: Library) -> None:
    library.charge(450)

    response = desk.post(NEW, all_("4.50"), headers=HTMX)

    assert response["HX-Redirect"] == desk.url("payments/10001/")


def test_the_chosen_fees_alone_are_paid(desk: Desk, library: Library) -> None:
    first, second, third = library.charge(100), library.charge(200), library.charge(400)

    page = desk.page(f"{NEW}?fee={second.pk}&fee={third.pk}")
    desk.post(NEW, {"of": "chosen", "fee": [second.pk, third.pk], "amount": "6.00", "method": "CREDIT_CARD"})

    assert field_value(page, "amount") == "6.00"
    assert [Fee.objects.get(pk=each.pk).remaining_minor for each in (first, second, third)] == [100, 0, 0]


def test_credits_are_used_first_and_shown_before(desk: Desk, library: Library) -> None:
    library.charge(1000)
    library.charge(300, "CREDIT")

    read = words(desk.get(NEW))
    desk.post(NEW, all_("7.00"))

    assert "Credits used $3.00" in read
    assert "New balance $0.00" in read
    assert balance(library) == 0
    assert "Credits used $3.00" in words(desk.get("payments/10001/"))


def test_when_credits_cover_all_nothing_is_typed_and_no_money_taken(desk: Desk, library: Library) -> None:
    library.charge(200)
    library.charge(300, "CREDIT")

    assert "Send – use credits" in words(desk.get(NEW))
    response = desk.post(NEW, all_(""))

    assert response.status_code == 302
    assert balance(library) == -100
    assert not Transfer.objects.filter(method="CASH").exists()
    assert "Settled with credits" in words(desk.get("payments/10001/"))


def test_the_same_form_twice_pays_once_and_says_so(desk: Desk, library: Library) -> None:
    library.charge(1000)
    form = all_("4.00", form_key="k" * 32, seq="1")

    first = desk.post(NEW, form)
    again = desk.post(NEW, form)

    assert first["Location"] == again["Location"]
    assert balance(library) == 600
    assert "This payment was taken before. Nothing was taken twice." in words(desk.client.get(again["Location"]))
    assert "taken before" not in words(desk.client.get(again["Location"]))


def test_a_form_sent_again_after_all_is_paid_is_answered_like_the_first(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)
    form = {"of": "chosen", "fee": fee.pk, "amount": "10.00", "method": "CASH", "form_key": "k" * 32, "seq": "1"}

    assert desk.post(NEW, form)["Location"] == desk.post(NEW, form)["Location"]
    assert Transfer.objects.filter(kind="PAYMENT").count() == 1


def test_a_page_out_of_date_is_told_what_changed_and_keeps_what_was_typed(desk: Desk, library: Library) -> None:
    library.charge(1000)
    stale = desk.seq
    library.charge(450, "LOCKERKEY")

    with nothing_written():
        response = desk.post(NEW, all_("4.00", seq=str(stale), form_key="k" * 32, comment="Later"), headers=HTMX)

    assert response.status_code == 422
    read = words(response)
    assert "The account changed since this page was made, so nothing was done." in read
    assert "Charge $4.50 Locker key" in read
    page = text(response)
    assert field_value(page, "amount") == "4.00"
    assert "Later" in page
    assert field_value(page, "seq") == "2"
    assert field_value(page, "form_key") != "k" * 32


def test_the_same_key_with_another_amount_is_a_conflict(desk: Desk, library: Library) -> None:
    library.charge(1000)
    desk.post(NEW, all_("4.00", form_key="k" * 32))

    with nothing_written():
        response = desk.post(NEW, all_("5.00", form_key="k" * 32))

    assert response.status_code == 422
    assert "This form was sent before with other values" in words(response)
    assert "Payment $4.00" in words(desk.post(NEW, all_("5.00", form_key="k" * 32, seq="1")))


def test_an_external_id_used_before_is_refused_at_its_field(desk: Desk, library: Library) -> None:
    library.charge(1000)
    desk.post(NEW, all_("4.00", external_transaction_id="T-1"))

    with nothing_written():
        response = desk.post(NEW, all_("5.00", external_transaction_id="T-1"))

    assert response.status_code == 422
    page = text(response)
    assert "This external transaction id was used before with another amount or method." in page
    assert 'id="id_external_transaction_id_error"' in page


BAD_AMOUNTS = {
    "": "Type an amount.",
    "-1": "The amount must be above zero.",
    "0": "The amount must be above zero.",
    "10,5": "Write the amount in digits",
    ".45": "Write 0.45, with the leading 0.",
    "1e3": "Write the amount in digits",
    "NaN": "Write the amount in digits",
    "0.005": "USD has at most 2 decimals.",
    "9" * 40: "An amount is at most $100,000.00.",
    "39007000000001": "Was a barcode scanned into this field?",
    "10.01": "$10.00 is the most that is open here.",
    "<b>": "Write the amount in digits",
}


@pytest.mark.parametrize(("typed", "sentence"), BAD_AMOUNTS.items())
def test_a_bad_amount_is_refused_at_its_field_and_nothing_is_written(
    desk: Desk, library: Library, typed: str, sentence: str
) -> None:
    library.charge(1000)

    with nothing_written():
        response = desk.post(NEW, all_(typed, comment="kept"))

    page = text(response)
    assert response.status_code == 422
    assert sentence in page
    assert 'id="id_amount_error"' in page
    assert 'aria-invalid="true"' in page
    assert "kept" in page


def test_the_method_comment_and_external_id_are_checked(desk: Desk, library: Library) -> None:
    library.charge(1000)

    with nothing_written():
        method = desk.post(NEW, all_("1.00", method="SHELLS"))
        comment = desk.post(NEW, all_("1.00", comment="x" * 1001))
        external = desk.post(NEW, all_("1.00", external_transaction_id="x" * 151))
        nul = desk.post(NEW, all_("1.00", comment="a\0b"))

    assert "Choose a method from the list." in words(method)
    assert 'id="id_comment_error"' in text(comment)
    assert 'id="id_external_transaction_id_error"' in text(external)
    assert [each.status_code for each in (method, comment, external, nul)] == [422] * 4


def test_a_form_without_its_key_does_nothing(desk: Desk, library: Library) -> None:
    library.charge(1000)

    with nothing_written():
        response = desk.client.post(desk.url(NEW), all_("1.00"))

    assert response.status_code == 422
    assert "This form came incomplete, so nothing was done." in words(response)


def test_nothing_to_pay_says_so(desk: Desk, library: Library) -> None:
    disputed = library.charge(1000)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[disputed.pk])

    assert "Nothing is owed here." in words(desk.get(NEW))
    assert "A fee that is “In Dispute” cannot be paid." in words(desk.get(f"{NEW}?fee={disputed.pk}"))
    assert "Nothing is selected." in words(desk.get(f"{NEW}?of=chosen"))
    with nothing_written():
        response = desk.post(NEW, {"of": "chosen", "fee": disputed.pk, "amount": "1.00", "method": "CASH"})
    assert response.status_code == 422


def test_a_waived_lost_item_fee_is_paid_without_what_was_waived(desk: Desk, library: Library) -> None:
    lost = library.charge(9900, "LOSTITEMREPLACEMENTFEE")
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={lost.pk: 2500}, reason="HARDSHIP")

    assert field_value(desk.page(f"{NEW}?fee={lost.pk}"), "amount") == "74.00"


def test_fees_of_others_are_not_found(desk: Desk, library: Library, other_library: Library) -> None:
    neighbour = library.charge(1000, patron=library.new_patron("other"))
    foreign = other_library.charge(1000)

    for fee in (neighbour, foreign):
        assert desk.get(f"{NEW}?fee={fee.pk}").status_code == 404
        with nothing_written():
            answer = desk.post(NEW, {"of": "chosen", "fee": fee.pk, "amount": "1.00", "method": "CASH"})
        assert answer.status_code == 404


def test_receipts_of_others_are_not_found(desk: Desk, library: Library, other_library: Library) -> None:
    from amerce.charges.pay import pay

    neighbour = library.new_patron("other")
    library.charge(1000, patron=neighbour)
    other_library.charge(1000)
    for each, patron in ((library, neighbour), (other_library, other_library.patron)):
        pay(actor=each.operator, at=NOON, patron_id=patron.pk, fee_ids=None, amount_minor=100, method="CASH")

    assert desk.get("payments/10001/").status_code == 404
    assert desk.get("payments/10001/receipt/").status_code == 404
    assert desk.get("payments/9999999999999999999999/").status_code == 404


def test_who_may_not_pay_gets_403_and_what_is_no_post_405(
    sign_in: Callable[..., Client], library: Library, desk: Desk
) -> None:
    library.charge(1000)
    auditor = open_record(sign_in, library, "auditor")

    with nothing_written():
        assert auditor.get(NEW).status_code == 403
        assert auditor.post(NEW, all_("1.00")).status_code == 403
        assert desk.post("payments/preview/").status_code == 405
        assert desk.post("payments/10001/").status_code == 405
        assert desk.client.put(desk.url(NEW)).status_code == 405


def test_a_payment_without_csrf_token_is_refused(desk: Desk, library: Library) -> None:
    library.charge(1000)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.client.cookies

    with nothing_written():
        response = strict.post(desk.url(NEW), {**all_("1.00"), "form_key": "k", "seq": 1})

    assert response.status_code == 403


def test_the_sum_of_all_is_that_of_the_plan(desk: Desk, library: Library) -> None:
    lost = library.charge(9900, "LOSTITEMREPLACEMENTFEE")
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={lost.pk: 2500}, reason="HARDSHIP")
    library.charge(1000)
    library.charge(300, "CREDIT")
    plan = plan_payment(library.manager, library.institution, library.patron.pk, None, None)

    owed_minor, count = owed_for_all(library.manager, library.patron.pk)

    assert (owed_minor, count) == (plan.money_minor, len({share.fee.pk for share in plan.shares}))
    assert (owed_minor, count) == (8100, 2)


def test_an_error_in_the_amount_is_said_once(desk: Desk, library: Library) -> None:
    library.charge(1000)

    assert text(desk.post(NEW, all_("10,5"))).count("Write the amount in digits") == 1


def test_what_was_received_is_shown_with_the_change_and_written_nowhere(desk: Desk, library: Library) -> None:
    library.charge(2000)

    cash = desk.post(NEW, all_("5.00", received="50"))
    card = desk.post(NEW, all_("5.00", received="50") | {"method": "CREDIT_CARD"})

    assert cash["Location"] == desk.url("payments/10001/?received=50.00")
    assert "Received $50.00 · Change $45.00" in words(desk.client.get(cash["Location"]))
    assert card["Location"] == desk.url("payments/10002/")
    for made_up in ("", "4.99", "x", "-1", "9" * 40, "NaN"):
        assert "Received" not in words(desk.get(f"payments/10001/?received={made_up}"))


def test_without_a_location_the_payment_says_so_and_is_taken(sign_in: Callable[..., Client], library: Library) -> None:
    library.charge(1000)
    client = sign_in(at_desk=False)
    client.post("/patron-services/", {"typed": "jdoe"})
    nowhere = Desk(client, library)

    assert "No location chosen: this payment is recorded without a library or desk." in words(nowhere.get(NEW))
    assert nowhere.post(NEW, all_("4.00")).status_code == 302


def test_what_is_to_be_paid_is_all_or_what_is_selected(desk: Desk, library: Library) -> None:
    library.charge(1000)

    answer = desk.post(NEW, {"of": "forged", "amount": "1.00", "method": "CASH"})

    assert answer.status_code == 422
    assert "Choose whether all is paid or what is selected." in words(answer)
    assert field_value(text(answer), "of") == "all"
    assert not Transfer.objects.filter(kind="PAYMENT").exists()
