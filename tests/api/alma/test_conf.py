"""The configuration as programs read it: libraries, desks, code tables, the institution."""

import pytest

from amerce.institutions.models import CodeEntry, Desk
from amerce.institutions.models import Library as LibraryRow
from tests.api.goldens import same_as_golden
from tests.api.programs import Program
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


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
