"""What verify found when it was first run: a refund that is taken back leaves no trace in VAT and status."""

import pytest

from amerce.charges.correct import correct
from amerce.charges.models import Fee, FeeType
from amerce.charges.pay import pay
from amerce.charges.refund import refund
from amerce.charges.waive import waive
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_corrected_refund_takes_its_vat_back(library):
    # given
    FeeType.objects.filter(institution=library.institution, code="OTHER").update(vat_rate_bp=1000)
    fee = library.charge(1000)
    by = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk}
    pay(**by, fee_ids=[fee.pk], amount_minor=1000, method="CASH")
    refund(**by, fee_id=fee.pk, amount_minor=1000, method="CASH")
    refunded = Transfer.objects.get(kind="REFUND")

    # when
    correct(**by, transfer_ids=[refunded.pk])

    # then
    assert refunded.vat_minor == 91
    assert Transfer.objects.get(corrects=refunded).vat_minor == 91
    assert Fee.objects.get(pk=fee.pk).closed_as == "paid"
    assert verify().findings == []


def test_a_refund_of_a_part_leaves_a_waived_fee_closed_as_waived(library):
    # given
    fee = library.charge(1000)
    by = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk}
    pay(**by, fee_ids=[fee.pk], amount_minor=400, method="CASH")
    waive(**by, amounts_minor={fee.pk: 600}, reason="OTHER")

    # when
    refund(**by, fee_id=fee.pk, amount_minor=100, method="CASH")

    # then
    assert Fee.objects.get(pk=fee.pk).closed_as == "waived"
    assert verify().findings == []
