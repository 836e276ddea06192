"""Requests of a patron: placing and cancelling."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amerce.circulation.models import Item, Loan, Request, TermsOfUse
from amerce.events.models import Event
from amerce.web.templatetags.amerce import moment
from tests.circulation.lending import lend
from tests.web.account import HTMX, Desk, open_record, text, words
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


@pytest.fixture
def lent(library: Library) -> Item:
    item = library.new_item("Pnin", "39007123")
    lend(library, patron=library.new_patron("other"), item=item, due_at=timezone.now() + timedelta(days=20))
    return item


def place(desk: Desk, item: Item, **more: str):  # type: ignore[no-untyped-def]
    return desk.post(
        "requests/new/", {"barcode": item.barcode, "pickup": desk.library.library.pk, **more}, headers=HTMX
    )


def due_in_words(library: Library) -> str:
    return " ".join(moment(Loan.objects.get().due_at, library.institution).split())


@pytest.mark.parametrize("typed", ["39007123", "pni"])
def test_an_item_is_found_by_barcode_or_title(desk: Desk, lent: Item, typed: str) -> None:
    answer = desk.get(f"requests/new/?q={typed}", headers=HTMX)

    page = text(answer)
    assert "Pnin" in words(answer)
    assert "on loan" in words(answer)
    assert 'value="39007123" checked' in page
    assert f'<option value="{desk.library.library.pk}" selected>' in page


def test_what_is_not_found_is_said_at_the_field(desk: Desk) -> None:
    answer = desk.get("requests/new/?q=nothing", headers=HTMX)

    assert "No item has the barcode or title “nothing”." in words(answer).replace("&quot;", '"')


def test_a_request_is_placed_and_recalls_what_is_out_if_the_terms_say_so(
    desk: Desk, library: Library, lent: Item
) -> None:
    answer = place(desk, lent)

    assert answer["HX-Redirect"] == f"/patron-services/{library.patron.pk}/?tab=requests&display=all"
    waiting = Request.objects.get()
    assert (waiting.patron, waiting.item, waiting.pickup) == (library.patron, lent, library.library)
    assert "Pnin" in words(desk.client.get(answer["HX-Redirect"]))


def test_the_page_says_when_the_recalled_copy_is_due_now(desk: Desk, library: Library, lent: Item) -> None:
    page = words(desk.client.get(place(desk, lent)["HX-Redirect"]))

    due = due_in_words(library)
    assert f"The request is placed. The copy on loan was recalled and is now due {due}." in page


def test_the_page_says_the_place_in_the_queue_when_nothing_is_recalled(
    desk: Desk, library: Library, lent: Item
) -> None:
    Request.objects.create(
        institution=library.institution,
        patron=library.new_patron("third"),
        item=lent,
        pickup=library.library,
        placed_at=timezone.now(),
    )
    TermsOfUse.objects.update(recall_length=0)

    page = words(desk.client.get(place(desk, lent)["HX-Redirect"]))

    assert "The request is placed. It waits in the queue at place 2." in page


def test_cancelling_says_when_the_copy_is_due_again_and_only_then(desk: Desk, library: Library, lent: Item) -> None:
    due = due_in_words(library)
    place(desk, lent)

    answer = desk.post(f"requests/{Request.objects.get().pk}/cancel/", {"note": ""}, headers=HTMX)
    page = words(desk.client.get(answer["HX-Redirect"]))
    assert f"The request is cancelled. The copy on loan is no longer recalled and is due {due} again." in page

    TermsOfUse.objects.update(recall_length=0)
    place(desk, lent)
    answer = desk.post(f"requests/{Request.objects.get(closed_at=None).pk}/cancel/", {"note": ""}, headers=HTMX)
    page = words(desk.client.get(answer["HX-Redirect"]))
    assert "The request is cancelled." in page
    assert "recalled" not in page


def test_the_same_request_again_is_refused_in_the_dialog(desk: Desk, lent: Item) -> None:
    place(desk, lent)

    answer = place(desk, lent)

    assert answer.status_code == 422
    assert 'id="request-refused" role="alert"' in text(answer)
    assert Request.objects.count() == 1


def test_without_an_item_nothing_is_placed(desk: Desk, library: Library) -> None:
    answer = desk.post("requests/new/", {"q": "Pnin", "pickup": library.library.pk}, headers=HTMX)

    assert answer.status_code == 422
    assert not Request.objects.exists()


def test_cancelling_asks_for_a_note_and_notifies_unless_told_not_to(desk: Desk, library: Library, lent: Item) -> None:
    place(desk, lent)
    waiting = Request.objects.get()

    asked = text(desk.get(f"requests/{waiting.pk}/cancel/", headers=HTMX))
    assert 'name="notify"' in asked
    assert "checked" in asked
    answer = desk.post(
        f"requests/{waiting.pk}/cancel/", {"note": "Another copy came in.", "notify": "on"}, headers=HTMX
    )

    assert answer["HX-Redirect"] == f"/patron-services/{library.patron.pk}/?tab=requests&display=all"
    assert Request.objects.get().cancelled_at is not None
    event = Event.objects.get(name="request.cancelled")
    assert event.data["notify"] is True
    assert "Another copy" not in str(event.data)


def test_notify_the_user_can_be_unticked(desk: Desk, lent: Item) -> None:
    place(desk, lent)

    desk.post(f"requests/{Request.objects.get().pk}/cancel/", {"note": ""}, headers=HTMX)

    assert Event.objects.get(name="request.cancelled").data["notify"] is False


def test_a_request_of_somebody_else_is_not_found(desk: Desk, library: Library, lent: Item) -> None:
    waiting = Request.objects.create(
        institution=library.institution,
        patron=library.new_patron("third"),
        item=lent,
        pickup=library.library,
        placed_at=timezone.now(),
    )

    assert desk.post(f"requests/{waiting.pk}/cancel/", {"note": ""}).status_code == 404
    assert Request.objects.get().closed_at is None


def test_who_may_only_look_sees_requests_and_changes_none(
    sign_in: Callable[..., Client], desk: Desk, library: Library, lent: Item
) -> None:
    place(desk, lent)
    auditor = open_record(sign_in, library, "auditor")

    page = text(auditor.client.get(f"/patron-services/{library.patron.pk}/?tab=requests"))

    assert "Pnin" in page
    assert "Place request" not in page
    assert "/cancel/" not in page
    assert auditor.get("requests/new/").status_code == 403
    assert auditor.post(f"requests/{Request.objects.get().pk}/cancel/").status_code == 403
    assert Loan.objects.get().is_out
