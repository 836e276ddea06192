"""Loans and requests as programs read them."""

from datetime import timedelta

import pytest

from amerce.circulation.models import Loan, Request
from tests.api.goldens import same_as_golden
from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def a_loan(library: Library, **columns) -> Loan:  # type: ignore[no-untyped-def]
    return Loan.objects.create(
        institution=library.institution, library=library.library, patron=library.patron,
        item=library.new_item("The leopard", "39007054145727"), loaned_at=NOON - timedelta(days=3),
        due_at=NOON + timedelta(days=4), **columns,
    )  # fmt: skip


@pytest.mark.parametrize("form", ["json", "xml"])
def test_loans_and_requests_in_both_forms(program: Program, library: Library, form: str) -> None:
    loan = a_loan(library, status=Loan.Status.RENEW, renewals=1, renewed_at=NOON)
    waiting = Request.objects.create(
        institution=library.institution, patron=library.patron, item=library.new_item("Invisible cities", "B-2"),
        pickup=library.library, placed_at=NOON,
    )  # fmt: skip

    same_as_golden(f"loans.{form}", program.call("get", f"/users/jdoe/loans?format={form}"), {loan.pk: "LOAN"})
    same_as_golden(f"loan.{form}", program.call("get", f"/users/jdoe/loans/{loan.pk}?format={form}"), {loan.pk: "LOAN"})
    same_as_golden(
        f"requests.{form}", program.call("get", f"/users/jdoe/requests?format={form}"), {waiting.pk: "REQUEST"}
    )


def test_loans_are_out_or_complete_and_paged(program: Program, library: Library) -> None:
    loan = a_loan(library)
    fee = Desk(library).charge(250)
    fee.loan = loan
    fee.save()
    back = Loan.objects.create(
        institution=library.institution, library=library.library, patron=library.patron, item=library.new_item(),
        loaned_at=NOON, due_at=NOON, returned_at=NOON,
    )  # fmt: skip

    out = program.get("/users/jdoe/loans")
    assert [(each["loan_id"], each["loan_fine"], each["loan_status"]) for each in out["item_loan"]] == [
        (str(loan.pk), 2.5, "ACTIVE")
    ]
    done = program.get("/users/jdoe/loans?loan_status=Complete")
    assert [(each["loan_id"], each["return_date"]) for each in done["item_loan"]] == [
        (str(back.pk), "2026-03-02T12:00:00.000Z")
    ]
    assert program.get("/users/jdoe/loans?offset=1") == {"total_record_count": 1}
    assert program.refused("get", "/users/jdoe/loans?loan_status=Lost") == (400, "401666")
    assert program.refused("get", "/users/jdoe/loans/0") == (400, "401823")
    assert program.refused("get", "/users/nobody/loans") == (400, "401861")
