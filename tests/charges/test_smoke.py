import pytest
from tests.world import NOON
from amerce.charges.pay import pay
from amerce.charges.waive import waive
from amerce.charges.dispute import dispute
from amerce.charges.correct import correct
from amerce.charges.queries import balances
from amerce.ledger.models import Transfer
pytestmark = pytest.mark.django_db

def test_smoke(library):
    a = library.charge(1000); b = library.charge(450, "LOSTITEMREPLACEMENTFEE"); c = library.charge(300,"CREDIT")
    m = library.manager
    assert balances(m, library.patron.pk).active_minor == 1150
    o = waive(actor=m, at=NOON, patron_id=library.patron.pk, amounts_minor={b.pk: 200}, reason="OTHER", comment="x")
    print(o)
    o = pay(actor=m, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=500, method="CASH", form_key="k")
    print(o)
    o2 = pay(actor=m, at=NOON, patron_id=library.patron.pk, fee_ids=None, amount_minor=500, method="CASH", form_key="k")
    assert o2.replayed and o2.lines == o.lines
    t = Transfer.objects.filter(payment_id=o.payment_id)
    o = correct(actor=m, at=NOON, patron_id=library.patron.pk, transfer_ids=[x.pk for x in t])
    print(o)
    assert balances(m, library.patron.pk).active_minor == 950
