"""Restoring a disputed fee."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.dispute import dispute
from amerce.charges.models import Fee
from tests.charges.checks import nothing_written
from tests.web.account import open_record, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_a_restored_fee_is_owed_again(sign_in: Callable[..., Client], library: Library) -> None:
    desk = open_record(sign_in, library)
    fee = library.charge(1000)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])

    desk.post(f"fees/{fee.pk}/restore/", {"comment": "Photo shown"})

    assert Fee.objects.get().status == "ACTIVE"
    assert "Active balance $10.00 Disputed balance $0.00" in words(desk.get("fees/"))


def test_what_is_not_in_dispute_is_not_restored(sign_in: Callable[..., Client], library: Library) -> None:
    desk = open_record(sign_in, library)
    fee = library.charge(1000)

    with nothing_written():
        response = desk.post(f"fees/{fee.pk}/restore/")

    assert response.status_code == 422
    assert "is not in dispute, so there is nothing to restore." in words(response)


def test_the_operator_may_not_restore(sign_in: Callable[..., Client], library: Library) -> None:
    fee = library.charge(1000)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])
    operator = open_record(sign_in, library, "circulation_desk_operator")

    with nothing_written():
        assert operator.post(f"fees/{fee.pk}/restore/").status_code == 403
