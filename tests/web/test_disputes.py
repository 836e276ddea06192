"""Disputing a fee and restoring it."""

from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.dispute import dispute
from amerce.charges.models import Fee
from tests.charges.checks import nothing_written
from tests.web.account import HTMX, Desk, open_record, text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


def test_dispute_asks_in_a_dialog_and_leads_back_to_where_one_was(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)
    back = desk.url("fees/?status=ACTIVE&sort=title")

    dialog = text(desk.get(f"fees/{fee.pk}/dispute/", headers=HTMX))
    done = desk.post(f"fees/{fee.pk}/dispute/", {"comment": "Was not me", "next": back}, headers=HTMX)

    assert "<html" not in dialog
    assert done["HX-Redirect"] == back
    assert Fee.objects.get().status == "INDISPUTE"
    assert "Disputed balance $10.00" in words(desk.get("fees/"))


def test_another_site_is_no_way_back(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)

    done = desk.post(f"fees/{fee.pk}/dispute/", {"next": "https://elsewhere.example/"})

    assert done["Location"] == desk.url("fees/")


def test_what_cannot_be_disputed_is_refused(desk: Desk, library: Library) -> None:
    fee, credit = library.charge(1000), library.charge(300, "CREDIT")
    desk.post(f"fees/{fee.pk}/dispute/")

    with nothing_written():
        twice = desk.post(f"fees/{fee.pk}/dispute/")
        of_credit = desk.post(f"fees/{credit.pk}/dispute/")
        stale = desk.post(f"fees/{fee.pk}/dispute/", {"seq": "1"})
        long = desk.post(f"fees/{fee.pk}/dispute/", {"comment": "x" * 1001})

    assert "A fee that is “In Dispute” cannot be disputed." in words(twice)
    assert "This is a credit, not a debt. It cannot be disputed." in words(of_credit)
    assert "The account changed since this page was made" in words(stale)
    assert [each.status_code for each in (twice, of_credit, stale, long)] == [422] * 4


@pytest.mark.parametrize("verb", ["dispute", "restore", "refund", "item"])
def test_a_fee_of_another_patron_or_institution_is_not_found(
    sign_in: Callable[..., Client], library: Library, other_library: Library, verb: str
) -> None:
    manager = open_record(sign_in, library)
    neighbour = library.charge(1000, patron=library.new_patron("other"))
    foreign = other_library.charge(1000)

    for fee_id in (neighbour.pk, foreign.pk, 10**25):
        with nothing_written():
            assert manager.get(f"fees/{fee_id}/{verb}/").status_code == 404
            assert manager.post(f"fees/{fee_id}/{verb}/").status_code == 404
    assert "This patron has no such fine or fee." in words(manager.get(f"fees/{foreign.pk}/{verb}/", headers=HTMX))


@pytest.mark.parametrize("verb", ["dispute", "restore", "refund", "item"])
def test_who_may_not_is_refused_by_the_server(sign_in: Callable[..., Client], library: Library, verb: str) -> None:
    fee = library.charge(1000)
    auditor = open_record(sign_in, library, "auditor")

    with nothing_written():
        assert auditor.get(f"fees/{fee.pk}/{verb}/").status_code == 403
        assert auditor.post(f"fees/{fee.pk}/{verb}/").status_code == 403


@pytest.mark.parametrize("verb", ["dispute", "restore", "refund", "item"])
def test_other_methods_are_refused(desk: Desk, library: Library, verb: str) -> None:
    fee = library.charge(1000)

    assert desk.client.delete(desk.url(f"fees/{fee.pk}/{verb}/")).status_code == 405


def test_a_closed_record_takes_no_dispute(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)
    desk.client.post(f"/patron-services/{library.patron.pk}/done/")

    with nothing_written():
        response = desk.post(f"fees/{fee.pk}/dispute/")

    assert response["Location"] == "/patron-services/"


def test_a_restored_fee_is_owed_again(sign_in: Callable[..., Client], library: Library) -> None:
    desk = open_record(sign_in, library)
    fee = library.charge(1000)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])

    desk.post(f"fees/{fee.pk}/restore/", {"comment": "Photo shown"})

    assert Fee.objects.get().status == "ACTIVE"
    assert "Active balance $10.00 Disputed balance $0.00" in words(desk.get("fees/"))


def test_what_is_not_in_dispute_is_not_restored(sign_in: Callable[..., Client], library: Library) -> None:
    desk = open_record(sign_in, library)
    fee = library.charge(1000)

    with nothing_written():
        response = desk.post(f"fees/{fee.pk}/restore/")

    assert response.status_code == 422
    assert "is not in dispute, so there is nothing to restore." in words(response)


def test_the_operator_may_not_restore(sign_in: Callable[..., Client], library: Library) -> None:
    fee = library.charge(1000)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk])
    operator = open_record(sign_in, library, "circulation_desk_operator")

    with nothing_written():
        assert operator.post(f"fees/{fee.pk}/restore/").status_code == 403


def test_each_form_says_what_it_means_and_sends_to_itself(sign_in: Callable[..., Client], library: Library) -> None:
    desk = open_record(sign_in, library)
    fee = library.charge(1000)
    asked = {verb: text(desk.get(f"fees/{fee.pk}/{verb}/", headers=HTMX)) for verb in ("dispute", "restore")}

    assert "A disputed fee is frozen" in asked["dispute"]
    assert "counts in the active balance again" in asked["restore"]
    for verb, page in asked.items():
        assert f'hx-post="{desk.url(f"fees/{fee.pk}/{verb}/")}"' in page
