"""The tab Blocks of User Details, and blocks in the header of a record (row C7)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from amerce.circulation.models import BlockRule
from amerce.patrons.blocks import BlockFacts, set_block
from amerce.patrons.models import Patron, PatronBlock
from tests.charges.acts import Desk
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(sign_in: Callable[..., Client], library: Library) -> Client:
    """A manager who has the record open."""
    client = sign_in("circulation_desk_manager")
    client.post("/patron-services/", {"typed": "jdoe"})
    return client


def block(library: Library, description: str = "Tore a page", **facts: Any) -> PatronBlock:
    seq = Patron.objects.get(pk=library.patron.pk).seq
    set_block(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        expected_seq=seq,
        facts=BlockFacts(description=description, **facts),
    )
    return PatronBlock.objects.latest("pk")


def page(client: Client, library: Library, path: str = "blocks/") -> str:
    return " ".join(client.get(f"/patrons/{library.patron.pk}/{path}").content.decode().split())


def post(client: Client, library: Library, path: str, seq: int = 0, **typed: str) -> Any:
    return client.post(f"/patrons/{library.patron.pk}/blocks/{path}", {"record_seq": seq, **typed})


def test_a_debt_blocks_in_the_header_until_one_cent_is_paid(manager: Client, library: Library) -> None:
    BlockRule.objects.create(institution=library.institution, amount_minor=1000)
    library.charge(1000)
    assert "blocked: owes $10.00 or more</span>" in page(manager, library, "")

    Desk(library).pay(amount=1)

    assert "blocked" not in page(manager, library, "")


def test_a_rule_that_forbids_some_things_says_which(manager: Client, library: Library) -> None:
    BlockRule.objects.create(institution=library.institution, age_days=30, blocks_checkout=False)
    library.charge(100, days_ago=900)

    assert "no renewal or request: owes since Sep 14, 2023, that is 30 days or more</span>" in page(
        manager, library, ""
    )


def test_a_block_is_set_and_shown_in_the_header_and_on_the_tab(manager: Client, library: Library) -> None:
    answer = post(manager, library, "new/", description="Tore a page", type="LOAN", expires_on="", note="Chapter 3")

    assert answer["Location"] == f"/patrons/{library.patron.pk}/blocks/"
    shown = page(manager, library)
    assert "Blocked</span> Tore a page (no checkout or renewal)" in shown
    assert "Chapter 3" in shown
    assert shown.count("tab-holds") == 2  # Blocks and History
    assert "The patron is blocked." in shown


def test_a_block_is_lifted_and_stays_on_the_tab(manager: Client, library: Library) -> None:
    row = block(library)

    answer = post(manager, library, f"{row.pk}/lifting/", seq=1)

    assert answer.status_code == 302
    shown = page(manager, library)
    assert "Blocked</span>" not in shown
    assert "Lifted</span>" in shown
    assert "by Circulation_Desk_Manager-Account</span>" in shown


def test_one_that_ran_out_is_shown_as_expired(manager: Client, library: Library) -> None:
    block(library, expires_on=NOON.date() + timedelta(days=1))

    shown = page(manager, library)

    assert "Expired</span>" in shown
    assert "Blocked</span>" not in shown


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"description": ""}, "Write why the patron is blocked."),
        ({"type": "CASH"}, "Choose a type from the list."),
        ({"expires_on": "2001-01-01"}, "That day is over. Choose a later one, or none."),
        ({"expires_on": "tomorrow"}, "Write a day as year-month-day, like 2027-08-31."),
    ],
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(
    manager: Client, library: Library, typed: dict[str, str], sentence: str
) -> None:
    form = {"description": "Tore a page", "type": "GENERAL", "note": "Chapter 3", **typed}

    with nothing_written():
        answer = post(manager, library, "new/", **form)

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in shown
    assert "Chapter 3" in shown
    assert not PatronBlock.objects.exists()


def test_the_same_form_sent_twice_blocks_once_and_says_what_changed(manager: Client, library: Library) -> None:
    form = {"description": "Tore a page", "type": "GENERAL"}
    post(manager, library, "new/", **form)

    answer = post(manager, library, "new/", **form)

    assert answer.status_code == 422
    assert "Set a block." in answer.content.decode()
    assert PatronBlock.objects.count() == 1


def test_an_operator_sees_blocks_and_cannot_change_them(sign_in: Callable[..., Client], library: Library) -> None:
    row = block(library)
    operator = sign_in()
    operator.post("/patron-services/", {"typed": "jdoe"})

    shown = page(operator, library)

    assert "Tore a page" in shown
    assert "Add block" not in shown
    assert "Lift" not in shown
    with nothing_written():
        assert post(operator, library, "new/", seq=1, description="x", type="GENERAL").status_code == 403
        assert post(operator, library, f"{row.pk}/lifting/", seq=1).status_code == 403


def test_a_block_of_somebody_else_is_not_found(manager: Client, library: Library, other_library: Library) -> None:
    theirs = block(other_library)

    with nothing_written():
        assert post(manager, library, f"{theirs.pk}/lifting/").status_code == 404
