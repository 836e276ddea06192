"""An account on which every verb was used once, so that every check of verify has something to look at."""

from dataclasses import dataclass

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.charges.correct import correct
from amerce.charges.dispute import dispute
from amerce.charges.export import export
from amerce.charges.models import Fee, FeeType
from amerce.charges.pay import pay
from amerce.charges.refund import refund
from amerce.charges.waive import waive
from amerce.ledger.models import PatronAccount, Transfer
from tests.world import NOON, Library


@dataclass
class Busy:
    """``paid`` 10.00 at 10 % VAT in two payments; ``lost`` 45.00 with a bound credit of 2.00; ``disputed`` 7.00;
    ``credit`` 3.00 unused; ``mistaken`` 5.00 paid and corrected; ``exported`` 6.00; ``waived`` 4.00, closed."""

    account: PatronAccount
    paid: Fee
    lost: Fee
    disputed: Fee
    credit: Fee
    mistaken: Fee
    exported: Fee
    waived: Fee

    @classmethod
    def at(cls, library: Library) -> "Busy":
        FeeType.objects.filter(institution=library.institution, code="OTHER").update(vat_rate_bp=1000)
        by = {"actor": library.manager, "at": NOON, "patron_id": library.patron.pk}
        job = system_actor(library.institution.pk, "bursar", Privilege.FEE_EXPORT)
        paid, disputed, mistaken = library.charge(1000), library.charge(700), library.charge(500)
        lost = library.charge(4500, "LOSTITEMREPLACEMENTFEE")
        exported, waived = library.charge(600, "LOCKERKEY"), library.charge(400)
        pay(**by, fee_ids=[paid.pk], amount_minor=333, method="CASH", comment="Ein Drittel, größtenteils", form_key="a")
        pay(**by, fee_ids=[paid.pk], amount_minor=667, method="CREDIT_CARD", external_transaction_id="card-1")
        refund(**by, fee_id=paid.pk, amount_minor=100, method="CASH")
        waive(**by, amounts_minor={lost.pk: 200}, reason="OTHER", comment="found by a neighbour")
        waive(**by, amounts_minor={waived.pk: 400}, reason="HARDSHIP")
        pay(**by, fee_ids=[mistaken.pk], amount_minor=500, method="CASH", form_key="b")
        correct(**by, transfer_ids=[Transfer.objects.get(fee=mistaken, kind="PAYMENT").pk])
        dispute(**by, fee_ids=[disputed.pk])
        export(actor=job, at=NOON, patron_id=library.patron.pk, fee_ids=[exported.pk], awaits_payment=True)
        credit = library.charge(300, "CREDIT")
        account = PatronAccount.objects.get(patron=library.patron)
        return cls(account, paid, lost, disputed, credit, mistaken, exported, waived)
