"""The history of one fee."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.charges.correct import correct
from amerce.charges.models import Fee, FeeType
from amerce.charges.pay import pay
from amerce.charges.waive import waive
from amerce.circulation.models import Loan
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk as Charges
from tests.jobs.running import run
from tests.web.account import Desk, open_record, text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library)


def test_the_story_is_told_newest_first_with_everything_of_each_step(desk: Desk, library: Library) -> None:
    FeeType.objects.filter(code="SERVICEFEE").update(vat_rate_bp=1000)
    fee = library.charge(1000, "SERVICEFEE", item=library.new_item("Pnin"))
    pay(
        actor=library.operator,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[fee.pk],
        amount_minor=400,
        method="CASH",
        external_transaction_id="T-1",
        comment="With a ten",
    )
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={fee.pk: 100}, reason="HARDSHIP")

    read = words(desk.get(f"fees/{fee.pk}/"))

    assert "Original amount $10.00 Remaining balance $5.00 VAT in what remains $0.46" in read
    assert read.index("Waive -$1.00") < read.index("Payment -$4.00") < read.index("Charge $10.00")
    for part in (
        "remaining $6.00",
        "Mon, Mar 2, 2026" if "Mon, Mar 2" in read else "Mar 2, 2026",
        "Main-Circulation_Desk_Operator · Main Library, Circulation Desk 1 · Cash · VAT $0.36",
        "transaction T-1 · receipt 10001",
        "With a ten",
        "Financial hardship",
    ):
        assert part in read


def test_what_a_job_did_is_told_by_its_title(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)
    Charges(library).export(fee, actor=system_actor(library.institution.pk, "job bursar-export", Privilege.FEE_EXPORT))

    read = words(desk.get(f"fees/{fee.pk}/"))

    assert "· Export to Bursar" in read and "bursar-export" not in read


def test_a_correction_is_joined_by_a_bracket_to_what_it_reverses(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={fee.pk: 100}, reason="HARDSHIP")
    mistake = Transfer.objects.get(kind="WAIVE")
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={fee.pk: 50}, reason="OTHER")
    correct(actor=library.manager, at=NOON, patron_id=library.patron.pk, transfer_ids=[mistake.pk])

    page = text(desk.get(f"fees/{fee.pk}/"))

    assert [page.count(f"lane-{each}") for each in ("start", "through", "end")] == [1, 1, 1]
    assert "Reverses $1.00 of" in page
    assert "Reversed on" in page
    assert f'href="#transaction-{mistake.pk}"' in page


def test_a_waived_lost_item_fee_shows_the_credit_beside_it(desk: Desk, library: Library) -> None:
    lost = library.charge(9900, "LOSTITEMREPLACEMENTFEE")
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={lost.pk: 2500}, reason="HARDSHIP")

    read = words(desk.get(f"fees/{lost.pk}/"))

    assert "Remaining balance $99.00 Credit bound to it $25.00" in read
    assert "Waive -$25.00 remaining $99.00" in read
    assert "Kept as a credit that only this fee may use." in read


def test_beside_the_list_it_is_a_panel(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)

    panel = text(desk.get(f"fees/{fee.pk}/", headers={"HX-Request": "true", "HX-Target": "fee-panel"}))

    assert "<html" not in panel
    assert 'id="fee-panel-title"' in panel


def test_a_fee_of_others_has_no_history_here(desk: Desk, library: Library, other_library: Library) -> None:
    neighbour = library.charge(1000, patron=library.new_patron("other"))

    for fee in (neighbour, other_library.charge(1000)):
        assert desk.get(f"fees/{fee.pk}/").status_code == 404


def test_what_was_taken_back_is_called_a_reduction_and_leads_to_its_credit(desk: Desk, library: Library) -> None:
    charges = Charges(library)
    loan = charges.new_loan()
    charges.bring_to(loan, 1000)
    charges.pay(amount=600)
    charges.bring_to(loan, 500, comment="Returned on Friday")
    fee, credit = Fee.objects.get(loan=loan, type__code="OVERDUEFINE"), charges.newest_credit()

    read = words(desk.get(f"fees/{fee.pk}/"))

    assert "reduced Original amount $10.00 Remaining balance $0.00 " in read
    assert "Stands charged $5.00 of $10.00 charged, $5.00 taken back" in read
    assert "$10.00 $5.00 of it taken back" in words(desk.get("fees/?status=CLOSED"))
    assert read.index("Reduction -$1.00") < read.index("Reduction -$4.00") < read.index("Payment -$6.00")
    assert "Given back as a credit. History of the credit Returned on Friday" in read
    assert read.count("Correct…") == 2  # the payment and the charge
    assert "Reduction -$1.00 remaining -$1.00" in words(desk.get(f"fees/{credit.pk}/"))


def test_the_dates_of_the_loan_are_said_and_stay_when_it_is_purged(desk: Desk, library: Library) -> None:
    charges = Charges(library)
    loan = charges.new_loan()
    charges.bring_to(loan, 1000)
    fee = Fee.objects.get()
    path = f"fees/{fee.pk}/"
    Loan.objects.filter(pk=loan.pk).update(loaned_at=NOON - timedelta(days=300), due_at=NOON - timedelta(days=272))

    out = words(desk.get(path))
    Loan.objects.filter(pk=loan.pk).update(returned_at=NOON - timedelta(days=200))
    returned = words(desk.get(path))
    run(library, "purge-returns")
    purged = words(desk.get(path))

    assert "Lent May 6, 2025 Due Jun 3, 2025 Owner" in out
    assert "Lent May 6, 2025 Due Jun 3, 2025 Returned Aug 14, 2025 Owner" in returned
    assert not Loan.objects.exists()
    assert "Lent May 6, 2025 Due Jun 3, 2025 Returned Aug 14, 2025 Owner" in purged


def test_a_fee_without_a_loan_says_no_dates_of_one(desk: Desk, library: Library) -> None:
    assert "Lent" not in words(desk.get(f"fees/{library.charge(1000).pk}/"))
