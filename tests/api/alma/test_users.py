"""Users found and read."""

import pytest

from amerce.patrons.facts import ContactFacts
from amerce.patrons.models import Contact
from tests.api.alma.test_loans import a_loan
from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.world import Library

pytestmark = pytest.mark.django_db


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
    Desk(library).charge(1250)
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
