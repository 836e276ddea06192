"""User Details > Fines/Fees: balances, filter, search, sort, paging, what a row offers."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from amerce.charges.dispute import dispute
from amerce.charges.export import export
from amerce.charges.models import Fee, FeeType
from amerce.charges.pay import pay
from amerce.charges.waive import waive
from amerce.patrons.models import Note
from tests.web.account import Desk, open_record, text, words
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library)


def test_five_figures_stand_above_the_list_and_three_lead_to_their_filter(desk: Desk, library: Library) -> None:
    library.charge(1000, item=library.new_item("Pnin"))
    disputed = library.charge(450)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[disputed.pk])
    library.charge(300, "CREDIT")

    page = words(desk.get("fees/"))

    assert "Active balance $7.00 Disputed balance $4.50 Transferred balance $0.00" in page
    assert "Currently filtered balance $7.00 Currently filtered disputed balance $0.00" in page
    for status in ("ACTIVE", "INDISPUTE", "EXPORTED"):
        assert f'href="?status={status}"' in desk.page("fees/")


def test_fees_are_told_apart_by_a_type_that_was_disabled_since(desk: Desk, library: Library) -> None:
    locker, other = library.charge(500, "LOCKERKEY"), library.charge(700)
    FeeType.objects.filter(code__in=["LOCKERKEY", "SERVICEFEE"]).update(is_enabled=False)

    page = desk.page("fees/?type=LOCKERKEY")

    assert f"/fees/{locker.pk}/" in page and f"/fees/{other.pk}/" not in page
    assert 'value="LOCKERKEY"' in page and 'value="SERVICEFEE"' not in page


def test_the_filter_starts_at_active_and_the_filtered_balances_follow_it(desk: Desk, library: Library) -> None:
    active = library.charge(1000, item=library.new_item("Pnin"))
    disputed = library.charge(450, "LOCKERKEY")
    closed = library.charge(200, "SERVICEFEE")
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[disputed.pk])
    pay(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[closed.pk],
        amount_minor=200,
        method="CASH",
    )

    def shown(query: str) -> list[int]:
        page = desk.page(f"fees/{query}")
        return [each.pk for each in (active, disputed, closed) if f"/fees/{each.pk}/" in page]

    assert shown("") == [active.pk]
    assert shown("?status=INDISPUTE") == [disputed.pk]
    assert shown("?status=CLOSED") == [closed.pk]
    assert shown("?status=EXPORTED") == []
    assert shown("?status=all") == [active.pk, disputed.pk, closed.pk]
    assert shown("?status=all&type=LOCKERKEY") == [disputed.pk]
    assert shown("?q=pni") == [active.pk]
    assert shown("?status=all&q=10001") == [closed.pk]
    both = words(desk.get("fees/?status=all"))
    assert "Currently filtered balance $10.00 Currently filtered disputed balance $4.50" in both
    assert "Closed paid" in both


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?status=PAID", "Status"),
        ("?type=NOTHING", "Fine/Fee type"),
        ("?q=%00", "Search by title or transaction id"),
        ("?sort=password", "the sort order"),
        ("?page=99", "the page number"),
        ("?page=x", "the page number"),
    ],
)
def test_what_means_nothing_in_the_url_is_left_out_with_a_notice(
    desk: Desk, library: Library, query: str, named: str
) -> None:
    fee = library.charge(1000)

    response = desk.get(f"fees/{query}")

    assert response.status_code == 200
    assert f"“{named}” has a value that does not exist and was left out." in words(response)
    assert f"/fees/{fee.pk}/" in text(response)


def test_every_column_sorts_both_ways_in_the_url(desk: Desk, library: Library) -> None:
    small, large = library.charge(100, days_ago=1), library.charge(900, days_ago=2)

    def order(sort: str) -> list[int]:
        page = desk.page(f"fees/?sort={sort}")
        return sorted((small.pk, large.pk), key=lambda pk: page.index(f"/fees/{pk}/"))

    assert order("remaining_minor") == [small.pk, large.pk]
    assert order("-remaining_minor") == [large.pk, small.pk]
    for column in (
        "type",
        "title",
        "status",
        "status_at",
        "original_minor",
        "owner",
        "barcode",
        "comment",
        "created_at",
        "bursar_transaction_id",
    ):
        for sort in (column, f"-{column}"):
            response = desk.get(f"fees/?sort={sort}")
            assert response.status_code == 200
            assert "left out" not in words(response)


def test_a_long_list_has_pages_and_the_balance_counts_them_all(desk: Desk, library: Library) -> None:
    for _number in range(30):
        library.charge(100)

    first, second = words(desk.get("fees/")), words(desk.get("fees/?page=2"))

    assert "1–25 of 30" in first
    assert "26–30 of 30" in second
    assert "Currently filtered balance $30.00" in first


def test_no_row_is_shown_twice_or_never_when_all_are_equal_in_the_column(desk: Desk, library: Library) -> None:
    fees = {library.charge(100).pk for _number in range(30)}

    pages = [desk.page(f"fees/?sort=-remaining_minor&page={number}") for number in (1, 2)]
    shown = [pk for page in pages for pk in fees if f'href="{desk.url(f"fees/{pk}/")}"' in page]

    assert sorted(shown) == sorted(fees)


def test_a_row_offers_what_status_and_privilege_allow(
    sign_in: Callable[..., Client], library: Library, desk: Desk
) -> None:
    fee = library.charge(1000)
    operator = open_record(sign_in, library, "circulation_desk_operator")
    auditor = open_record(sign_in, library, "auditor")

    manager_page, operator_page, auditor_page = (each.page("fees/") for each in (desk, operator, auditor))

    assert f"/fees/{fee.pk}/dispute/" in manager_page
    assert f"/waivers/new/?fee={fee.pk}" in manager_page
    assert "Waive Selected" in manager_page
    assert f"/fees/{fee.pk}/restore/" not in manager_page
    assert f"/fees/{fee.pk}/dispute/" in operator_page
    assert f"/waivers/new/?fee={fee.pk}" not in operator_page
    assert "Waive Selected" not in operator_page
    assert "Tick fines and fees to pay them together." in operator_page
    assert "Tick fines and fees to pay or waive them together." in manager_page
    assert f"/fees/{fee.pk}/dispute/" not in auditor_page
    assert f"/fees/{fee.pk}/" in auditor_page
    assert 'type="checkbox"' not in auditor_page


def test_an_exported_fee_is_transferred_and_offers_no_payment(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)
    export_by = library.staff("bursar_clerk")
    export(actor=export_by, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk], awaits_payment=True)

    page = desk.page("fees/?status=EXPORTED")

    assert "Transferred" in page
    assert f"fee={fee.pk}" not in page


def test_save_and_cancel_lead_back_to_patron_services(desk: Desk, library: Library) -> None:
    page = desk.page("fees/")

    for word in ("Save", "Cancel"):
        assert f'href="/patron-services/{library.patron.pk}/">{word}</a>' in page


def test_an_empty_list_says_why(desk: Desk) -> None:
    assert "No active fines or fees" in words(desk.get("fees/"))
    assert "No fines or fees yet" in words(desk.get("fees/?status=all"))
    assert "No fines or fees match" in words(desk.get("fees/?status=EXPORTED"))
    assert "No fines or fees match" in words(desk.get("fees/?status=all&q=nowhere"))


def test_where_nothing_can_be_selected_nothing_asks_to_select(desk: Desk, library: Library) -> None:
    fee = library.charge(1000)
    assert "Pay Selected" in desk.page("fees/")

    pay(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[fee.pk], amount_minor=1000, method="CASH")
    page = desk.page("fees/?status=CLOSED")

    assert f"/fees/{fee.pk}/" in page
    assert "Pay Selected" not in page
    assert "Waive Selected" not in page
    assert "Tick fines and fees" not in page


def test_the_desk_tab_lists_what_can_be_paid(desk: Desk, library: Library) -> None:
    fee, disputed = library.charge(1000), library.charge(450)
    dispute(actor=library.manager, at=NOON, patron_id=library.patron.pk, fee_ids=[disputed.pk])

    page = text(desk.client.get(f"/patron-services/{library.patron.pk}/?tab=fees"))

    assert f"/fees/{fee.pk}/" in page
    assert f"/fees/{disputed.pk}/" not in page
    assert "$4.50 in dispute" in page
    assert "Pay Selected" in page


def test_the_record_of_another_institution_is_not_there(desk: Desk, other_library: Library) -> None:
    other_library.charge(1000)

    response = desk.client.get(f"/patrons/{other_library.patron.pk}/fees/")

    assert response.status_code == 302  # the record is not open, and cannot be opened here


def test_every_cell_stands_under_its_heading(desk: Desk, library: Library) -> None:
    fee = library.charge(1000, item=library.new_item("Pnin"))
    headings = re.findall(r"<th [^>]*>(?:\s*<a [^>]*>)?\s*([^<]*?)\s*<", desk.get("fees/").content.decode())

    labels = re.findall(r'<td data-label="([^"]*)"', desk.page("fees/"))

    assert labels == headings
    assert "Comment" not in labels  # no row has one
    assert "Bursar transaction id" not in labels

    note = Note.objects.create(institution=library.institution, patron=library.patron, text="Rained on", salt="s")
    Fee.objects.filter(pk=fee.pk).update(bursar_transaction_id="B-77", note=note)
    page = desk.page("fees/")
    assert "B-77" in page
    assert "Rained on" in page


def test_a_credit_from_waiving_a_lost_item_says_what_it_is_from(desk: Desk, library: Library) -> None:
    lost = library.charge(5000, "LOSTITEMREPLACEMENTFEE", item=library.new_item("Pnin"))
    waive(actor=library.manager, at=NOON, patron_id=library.patron.pk, amounts_minor={lost.pk: 2000}, reason="HARDSHIP")

    assert "Credit from waiving: Lost item replacement fee Pnin Active" in words(desk.get("fees/"))


def test_an_empty_list_offers_all(desk: Desk, library: Library) -> None:
    library.charge(1000)

    assert '<a href="?status=all">Show all</a>' in desk.page("fees/?q=nowhere")
    assert "Show all" not in desk.page("fees/")
