"""Loans, requests, users, the configuration and the report, as programs read them."""

from datetime import timedelta

import pytest

from amerce.circulation.models import Loan, Request
from amerce.institutions.models import CodeEntry, Desk
from amerce.institutions.models import Library as LibraryRow
from amerce.patrons.facts import ContactFacts
from amerce.patrons.models import Contact
from tests.api.goldens import same_as_golden
from tests.api.programs import Program
from tests.charges.acts import Desk as Acts
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
    fee = Acts(library).charge(250)
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


@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_configuration_in_both_forms(program: Program, form: str) -> None:
    for name, path in {
        "libraries": "/conf/libraries",
        "library": "/conf/libraries/MAIN",
        "circ_desks": "/conf/libraries/MAIN/circ-desks",
        "circ_desk": "/conf/libraries/MAIN/circ-desks/DESK1",
        "code_table": "/conf/code-tables/PaymentMethod",
        "general": "/conf/general",
    }.items():
        same_as_golden(f"{name}.{form}", program.call("get", f"{path}?format={form}"), {})


def test_every_code_table_is_there(program: Program) -> None:
    tables = {each["value"] for each in program.get("/conf/code-tables")["code_table"]}

    assert tables >= {
        "FineFeeTransactionReason", "FineFeeTransactionType", "HFrUserFinesFees.fineFeeStatus",
        "HFrUserFinesFees.fineFeeType", "PaymentMethod", "UserGroups",
    }  # fmt: skip
    for name in tables - {"ItemPolicy"}:
        assert program.get(f"/conf/code-tables/{name}")["row"], name
    types = program.get("/conf/code-tables/HFrUserFinesFees.fineFeeType")["row"]
    assert {"code": "CUSTOMER_DEFINED_01", "description": "", "default": False, "enabled": False} in types
    assert program.refused("get", "/conf/code-tables/Nothing") == (400, "90101")


def test_what_is_closed_or_removed_is_not_listed(program: Program, library: Library) -> None:
    LibraryRow.objects.create(institution=library.institution, code="OLD", name="Old", is_active=False)
    Desk.objects.create(institution=library.institution, library=library.library, code="D2", name="D2", is_active=False)
    CodeEntry.objects.filter(code="CASH").update(removed_at=NOON)

    assert program.get("/conf/libraries")["total_record_count"] == 1
    assert program.get("/conf/libraries/MAIN/circ-desks/")["total_record_count"] == 1
    codes = [each["code"] for each in program.get("/conf/code-tables/PaymentMethod")["row"]]
    assert codes == ["CREDIT_CARD", "ONLINE"]
    for path in ("/conf/libraries/NONE", "/conf/libraries/NONE/circ-desks", "/conf/libraries/MAIN/circ-desks/NONE"):
        assert program.refused("get", path) == (400, "401666")


@pytest.mark.parametrize("path", ["/conf/test", "/users/operation/test"])
def test_a_program_can_ask_whether_we_are_there(program: Program, path: str) -> None:
    assert program.get(path) == program.post(path) == {"test": "ok"}


# -- users ----------------------------------------------------------------------------------------------------------


def known(library: Library) -> None:
    library.new_patron(
        "asmith", first_name="Ann Marie", last_name="Smith", identifiers={"BARCODE": "29001"}, source_id="S-1",
        contacts=[ContactFacts(kind=Contact.Kind.EMAIL, text="ann@example.org", is_preferred=True)],
    )  # fmt: skip
    library.new_patron("bsmith", first_name="Bob", last_name="Smithers")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["jdoe", "asmith", "bsmith"]),
        ("q=last_name~smith", ["asmith", "bsmith"]),
        ("q=last_name~SMITHERS", ["bsmith"]),
        ("q=first_name~ann_marie", ["asmith"]),
        ("q=last_name~smith AND first_name~b", ["bsmith"]),
        ("q=primary_id~asm", ["asmith"]),
        ("q=identifiers~29001", ["asmith"]),
        ("q=email~ann@", ["asmith"]),
        ("q=ALL~doe", ["jdoe"]),
        ("q=user_group~57", []),
        ("source_user_id=S-1", ["asmith"]),
        ("q=last_name~%00", []),
        ("limit=1&offset=1", ["asmith"]),
        ("limit=0", []),
    ],
)
def test_users_are_found_by_name_and_id(program: Program, library: Library, query: str, found: list[str]) -> None:
    known(library)
    assert [each["primary_id"] for each in program.get(f"/users?{query}").get("user", [])] == found


def test_the_list_says_how_many_there_are_and_gives_whole_records_when_asked(
    program: Program, library: Library
) -> None:
    known(library)
    brief = program.get("/users?limit=1&q=last_name~smith")
    assert brief["total_record_count"] == 2
    assert set(brief["user"][0]) == {"primary_id", "first_name", "last_name", "status", "link"}

    whole = program.get("/users?limit=1&q=last_name~smith&expand=full")
    assert whole["user"][0]["user_identifier"][0]["value"] == "29001"
    for query in ("q=smith", "q=colour~red", "q=last_name~"):
        assert program.refused("get", f"/users?{query}") == (400, "401666")


def test_a_user_is_read_with_what_is_asked_for(program: Program, library: Library) -> None:
    Acts(library).charge(1250)
    a_loan(library)

    user = program.get("/users/JDOE?expand=fees,loans,requests")

    assert user["fees"] == {"value": 12.5, "link": "http://testserver/almaws/v1/users/jdoe/fees"}
    assert (user["loans"]["value"], user["requests"]["value"]) == (1, 0)
    assert "fees" not in program.get("/users/jdoe")
    assert set(program.get("/users/jdoe?view=brief")) == {"primary_id", "first_name", "last_name", "status", "link"}
    assert program.refused("get", "/users/nobody") == (400, "401861")


def test_another_institution_s_users_are_nobody(program: Program, library: Library, other_library: Library) -> None:
    other_library.new_patron("elsewhere")

    assert program.refused("get", "/users/elsewhere") == (400, "401861")
    assert program.get("/users?q=primary_id~else")["total_record_count"] == 0


# -- the report -----------------------------------------------------------------------------------------------------


def test_the_report_has_payments_and_waivers_of_its_days(program: Program, library: Library) -> None:
    desk = Acts(library)
    paid, waived, disputed = desk.charge(500), desk.charge(700), desk.charge(900)
    desk.pay(paid, amount=200)
    desk.waive(waived, amount=100)
    desk.dispute(disputed)
    desk.pay(desk.charge(300), at=NOON - timedelta(days=2))

    report = program.get("/conf/utilities/fee-transactions")

    assert [(each["id"], len(each["transaction"])) for each in report["fee"]] == [
        (str(paid.pk), 1),
        (str(waived.pk), 1),
    ]
    assert report["total_record_count"] == 2

    def count(query: str) -> int:
        return int(program.get(f"/conf/utilities/fee-transactions?{query}")["total_record_count"])

    assert count("transaction_type=PAYMENT") == 1
    assert count("transaction_from_date=2026-02-28&transaction_to_date=2026-03-02") == 3
    assert count("transaction_from_date=2026-02-28Z") == 1
    assert (count("owner=MAIN"), count("received_by_circ_library=MAIN&received_by_circ_desk=DESK1")) == (2, 2)
    assert len(program.get("/conf/utilities/fee-transactions?limit=1&offset=1")["fee"]) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("transaction_from_date=soon", "40166411"),
        ("transaction_from_date=2026-03-02&transaction_to_date=2026-03-01", "40166411"),
        ("transaction_from_date=2026-03-01&transaction_to_date=2026-03-09", "40166411"),
        ("transaction_from_date=9999-12-31", "40166411"),
        ("transaction_type=GIFT", "40166419"),
        ("received_by_circ_desk=DESK1", "40166410"),
        ("received_by_circ_library=NONE", "40166410"),
        ("received_by_circ_library=MAIN&received_by_circ_desk=NONE", "40166410"),
        ("owner=NONE", "401666"),
    ],
)
def test_a_report_that_cannot_be_is_refused_with_its_code(program: Program, query: str, code: str) -> None:
    assert program.refused("get", f"/conf/utilities/fee-transactions?{query}") == (400, code)
