"""A role that goes up to an amount: the page says at the amount who may more, and nothing is written."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.access.save_role import add_role
from amerce.charges.models import Fee
from tests.access.changing import administrator, said
from tests.charges.checks import nothing_written
from tests.web.account import Desk, open_record, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
VERBS = ("fee_add", "fee_pay", "fee_dispute", "fee_restore", "fee_waive", "fee_credit", "fee_refund")
LIMITED = dict.fromkeys(VERBS, 2000)


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    """Somebody at the desk who may move up to 20.00 at once."""
    add_role(actor=administrator(library), at=NOON, code="till", said=said("Till", patron_view=None, **LIMITED))
    return open_record(sign_in, library, "till")


def waiver(fee: Fee, amount: str) -> dict[str, object]:
    return {"fee": [fee.pk], "reason": "HARDSHIP", f"amount_{fee.pk}": amount, "confirm": "1"}


def payment(fee: Fee, amount: str) -> dict[str, object]:
    return {"of": "chosen", "fee": [fee.pk], "amount": amount, "method": "CASH"}


def dispute(fee: Fee, amount: str) -> dict[str, object]:
    return {}


def charge(fee: Fee, amount: str) -> dict[str, object]:
    return {"type": "OTHER", "amount": amount}


ACTS = [
    pytest.param("waivers/new/", waiver, id="waive"),
    pytest.param("payments/new/", payment, id="pay"),
    pytest.param("fees/{}/dispute/", dispute, id="dispute"),
    pytest.param("fees/new/", charge, id="add"),
]


@pytest.mark.parametrize(("path", "form"), ACTS)
def test_a_cent_above_the_ceiling_is_refused_in_words_and_nothing_is_written(
    desk: Desk, library: Library, path: str, form: Callable[[Fee, str], dict[str, object]]
) -> None:
    fee = library.charge(2001)

    with nothing_written():
        refused = desk.post(path.format(fee.pk), form(fee, "20.01"))

    assert refused.status_code == 422
    shown = words(refused)
    assert "Your roles allow up to $20.00 at once, not $20.01." in shown
    assert "Who may: " in shown and "Circulation desk manager" in shown and "Till" not in shown.split("Who may: ")[1]


@pytest.mark.parametrize(("path", "form"), ACTS)
def test_up_to_the_ceiling_it_is_done(
    desk: Desk, library: Library, path: str, form: Callable[[Fee, str], dict[str, object]]
) -> None:
    fee = library.charge(2000)

    done = desk.post(path.format(fee.pk), form(fee, "20.00"))

    assert done.status_code in (200, 302), words(done)
    assert "Your roles allow" not in words(done)
