"""Scanning an ID, finding a patron, and the open record."""

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from amerce.patrons.blocks import BlockFacts, set_block
from amerce.patrons.models import Patron, PatronNote
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
SCAN = "/patron-services/"
IDLE = "This record was closed after five idle minutes. Scan the ID again."


@pytest.fixture
def moreau(library: Library) -> Patron:
    return library.new_patron(
        "EMoreau", first_name="Élodie", last_name="Moreau", identifiers={"BARCODE": "21234000X", "STUDENT": "77"}
    )


@pytest.mark.parametrize("typed", ["EMoreau", "emoreau", " EMOREAU ", "21234000x", "77"])
def test_any_identifier_in_any_case_opens_the_record(
    sign_in: Callable[..., Client], moreau: Patron, typed: str
) -> None:
    response = sign_in().post(SCAN, {"typed": typed}, follow=True)

    assert response.redirect_chain == [(f"/patron-services/{moreau.pk}/", 302)]
    assert "Moreau, Élodie" in response.content.decode()


def test_an_account_without_a_role_is_told_so_instead_of_being_asked_for_an_id(library: Library) -> None:
    client = Client()
    client.force_login(library.new_account("newcomer"))

    page = client.get(SCAN).content.decode()

    assert "Your account has no role yet. Ask whoever manages the accounts of your library to give you one." in page
    assert 'id="scan"' not in page


def test_a_name_finds_nobody_for_those_without_the_clearance(sign_in: Callable[..., Client], moreau: Patron) -> None:
    client = sign_in()

    response = client.post(SCAN, {"typed": "Moreau"})
    suggested = client.post("/patron-services/suggestions/", {"typed": "Moreau"})

    assert response.status_code == 422
    page = response.content.decode()
    assert "No patron has the id Moreau." in page
    assert "autofocus data-search-field data-selected" in page
    assert "hx-post" not in page
    assert suggested.content.strip() == b""


def test_a_name_opens_the_one_patron_it_finds_for_those_with_the_clearance(
    sign_in: Callable[..., Client], moreau: Patron
) -> None:
    response = sign_in("circulation_desk_manager").post(SCAN, {"typed": "moreau elo"})

    assert response["Location"] == f"/patron-services/{moreau.pk}/"


def test_several_patrons_are_offered_and_the_chosen_one_is_opened(
    sign_in: Callable[..., Client], library: Library, moreau: Patron
) -> None:
    julia = library.new_patron("jmoreno", first_name="Julia", last_name="Moreno")
    client = sign_in("circulation_desk_manager")

    offered = client.post(SCAN, {"typed": "mor"}).content.decode()
    opened = client.post(SCAN, {"typed": "mor", "patron": julia.pk})

    assert "2 patrons match. Choose one." in offered
    assert offered.index("Moreau, Élodie") < offered.index("Moreno, Julia")
    assert opened["Location"] == f"/patron-services/{julia.pk}/"


def test_nobody_opens_a_patron_by_number_who_was_not_found(
    sign_in: Callable[..., Client], library: Library, moreau: Patron
) -> None:
    client = sign_in()

    response = client.post(SCAN, {"typed": "jdoe", "patron": moreau.pk})

    assert response.status_code == 200
    assert client.get(f"/patron-services/{moreau.pk}/")["Location"] == SCAN


def test_a_patron_of_another_institution_is_not_found(sign_in: Callable[..., Client], other_library: Library) -> None:
    other_library.new_patron("visitor")

    response = sign_in("circulation_desk_manager").post(SCAN, {"typed": "visitor"})

    assert response.status_code == 422
    assert "No patron has the id or name “visitor”." in response.content.decode()


def test_an_empty_field_is_told_what_is_wanted(sign_in: Callable[..., Client]) -> None:
    response = sign_in().post(SCAN, {"typed": "  "})

    assert response.status_code == 422
    assert "Scan or type an ID." in response.content.decode()


def test_what_was_typed_is_shown_as_text(sign_in: Callable[..., Client]) -> None:
    page = sign_in().post(SCAN, {"typed": "<script>alert(1)</script>"}).content.decode()

    assert "<script>alert" not in page
    assert "No patron has the id &lt;script&gt;alert(1)&lt;/script&gt;." in page


def test_the_scan_page_has_one_text_field(sign_in: Callable[..., Client]) -> None:
    page = sign_in().get(SCAN).content.decode()

    assert page.count('name="typed"') == 1
    assert "Scan patron&#x27;s ID or search for patron" in page or "Scan patron's ID or search for patron" in page


def test_a_record_that_was_not_opened_is_closed(sign_in: Callable[..., Client], moreau: Patron) -> None:
    client = sign_in()

    for path in (f"/patron-services/{moreau.pk}/", f"/patrons/{moreau.pk}/", f"/patrons/{moreau.pk}/notes/"):
        response = client.get(path, follow=True)
        assert response.redirect_chain == [(SCAN, 302)]
        assert "This record is not open. Scan the ID to open it." in response.content.decode()


def test_done_closes_the_record(sign_in: Callable[..., Client], moreau: Patron) -> None:
    client = sign_in()
    client.post(SCAN, {"typed": "emoreau"})

    done = client.post(f"/patron-services/{moreau.pk}/done/")

    assert done["Location"] == SCAN
    assert client.get(f"/patron-services/{moreau.pk}/")["Location"] == SCAN


def test_an_answer_that_was_on_its_way_does_not_open_the_record_again(
    sign_in: Callable[..., Client], moreau: Patron
) -> None:
    client = sign_in()
    client.post(SCAN, {"typed": "emoreau"})
    late = client.get(f"/patron-services/{moreau.pk}/").cookies["amerce_open"].value
    client.post(f"/patron-services/{moreau.pk}/done/")

    client.cookies["amerce_open"] = late
    closed = client.get(f"/patron-services/{moreau.pk}/")
    client.post(SCAN, {"typed": "emoreau"})

    assert closed["Location"] == SCAN
    assert client.get(f"/patron-services/{moreau.pk}/").status_code == 200


def test_done_is_remembered_until_the_record_would_be_idle(
    sign_in: Callable[..., Client], library: Library, moreau: Patron
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = sign_in()
        for patron in (moreau, library.patron):
            client.post(SCAN, {"typed": patron.primary_id})
            client.post(f"/patron-services/{patron.pk}/done/")
            clock.shift(601)
        remembered = list(client.session["left_records"])

    assert remembered == [str(library.patron.pk)]


def test_five_idle_minutes_close_the_record_and_the_operator_stays_signed_in(
    sign_in: Callable[..., Client], moreau: Patron
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = sign_in()
        client.post(SCAN, {"typed": "emoreau"})
        clock.shift(300)
        assert client.get(f"/patron-services/{moreau.pk}/").status_code == 200

        clock.shift(301)
        response = client.get(f"/patron-services/{moreau.pk}/", follow=True)

    assert response.redirect_chain == [(SCAN, 302)]
    assert IDLE in response.content.decode()


def test_working_on_the_record_keeps_it_open(sign_in: Callable[..., Client], moreau: Patron) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = sign_in()
        client.post(SCAN, {"typed": "emoreau"})
        for _minute in range(10):
            clock.shift(60)
            assert client.post(f"/patron-services/{moreau.pk}/stay/").status_code == 204

        assert client.get(f"/patron-services/{moreau.pk}/").status_code == 200


def test_htmx_is_sent_to_the_scan_page_when_the_record_has_closed(
    sign_in: Callable[..., Client], moreau: Patron
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = sign_in()
        client.post(SCAN, {"typed": "emoreau"})
        clock.shift(301)

        response = client.post(f"/patron-services/{moreau.pk}/stay/", headers={"HX-Request": "true"})

        assert response["HX-Redirect"] == SCAN
        assert IDLE in client.get(SCAN).content.decode()


def test_a_record_that_somebody_else_opened_is_not_open(
    sign_in: Callable[..., Client], library: Library, moreau: Patron
) -> None:
    first = sign_in()
    first.post(SCAN, {"typed": "emoreau"})
    second = sign_in("circulation_desk_manager")
    second.cookies["amerce_open"] = first.cookies["amerce_open"].value

    assert second.get(f"/patron-services/{moreau.pk}/")["Location"] == SCAN


def test_a_forged_cookie_opens_nothing(sign_in: Callable[..., Client], moreau: Patron) -> None:
    client = sign_in()
    client.cookies["amerce_open"] = "eyIxIjpbMCwwXX0:forged:forged"

    assert client.get(f"/patron-services/{moreau.pk}/")["Location"] == SCAN


def test_at_most_eight_records_are_open_and_the_longest_unseen_gives_way(
    sign_in: Callable[..., Client], library: Library
) -> None:
    patrons = [library.new_patron(f"p{number}") for number in range(9)]
    with time_machine.travel(NOON, tick=False) as clock:
        client = sign_in()
        for patron in patrons:
            client.post(SCAN, {"typed": patron.primary_id})
            clock.shift(1)
        answers = [client.get(f"/patron-services/{each.pk}/").status_code for each in patrons]

    assert answers == [302] + [200] * 8


def test_the_record_shows_group_expiry_blocks_notes_and_balance(
    sign_in: Callable[..., Client], library: Library, moreau: Patron
) -> None:
    PatronNote.objects.create(
        institution=library.institution, patron=moreau, text="Prefers French", created_at=NOON, is_popup=True
    )
    set_block(
        actor=library.manager,
        at=NOON,
        patron_id=moreau.pk,
        expected_seq=0,
        facts=BlockFacts(description="Tore a page"),
    )
    library.charge(2350, patron=moreau)

    page = " ".join(sign_in().post(SCAN, {"typed": "emoreau"}, follow=True).content.decode().split())

    assert "Blocked</span> Tore a page" in page
    assert "Note</span> Prefers French" in page
    assert "$23.50" in page
    assert moreau.group is not None
    assert f"{moreau.group.code} {moreau.group.label}" in page


def test_one_tab_is_shown_and_htmx_gets_the_tabs_alone(sign_in: Callable[..., Client], moreau: Patron) -> None:
    client = sign_in()
    client.post(SCAN, {"typed": "emoreau"})
    path = f"/patron-services/{moreau.pk}/?tab=returns"

    whole = client.get(path).content.decode()
    alone = client.get(path, headers={"HX-Request": "true", "HX-Target": "record-tabs"}).content.decode()

    assert "<html" in whole
    assert alone.strip().startswith('<section id="record-tabs"')
    assert "No returns" in alone


def test_a_page_of_a_patron_costs_few_queries(
    sign_in: Callable[..., Client], moreau: Patron, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    client = sign_in()
    client.post(SCAN, {"typed": "emoreau"})

    with django_assert_num_queries(4):  # session, account with institution, roles, desk with library
        client.get(SCAN)
    with django_assert_num_queries(10):  # and patron with group and counts, notes, balances, blocks, open fees, events
        client.get(f"/patrons/{moreau.pk}/")
