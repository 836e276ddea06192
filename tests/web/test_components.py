"""The components that lists are built from."""

import django_tables2
import pytest
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from amerce.web.patron_context import TabMark
from tests.world import Library

pytestmark = pytest.mark.django_db


class Fees(django_tables2.Table):
    title = django_tables2.Column()


def _render(source: str, request: HttpRequest, **context: object) -> str:
    return " ".join(engines["django"].from_string(CottonCompiler().process(source)).render(context, request).split())


def test_a_list_names_its_columns_in_each_cell_and_says_which_way_it_is_sorted(rf: RequestFactory) -> None:
    request = rf.get("/?status=ACTIVE&sort=title")
    table = Fees([{"title": "The leopard"}], order_by="title")

    page = _render("{% load django_tables2 %}{% render_table table %}", request, table=table)

    assert 'aria-sort="ascending"' in page
    assert 'href="?status=ACTIVE&amp;sort=-title"' in page
    assert '<td data-label="Title" >The leopard</td>' in page


def test_an_empty_list_says_so(rf: RequestFactory) -> None:
    table = Fees([], empty_text="No fees match")

    page = _render("{% load django_tables2 %}{% render_table table %}", rf.get("/"), table=table)

    assert '<p class="empty-title">No fees match</p>' in page


def test_the_pager_keeps_the_filter(rf: RequestFactory, library: Library) -> None:
    page = Paginator(range(30), 10).page(2)

    html = _render(
        '<c-pager :page="page" />', rf.get("/?status=ACTIVE&page=2"), page=page, institution=library.institution
    )

    assert 'href="?status=ACTIVE&amp;page=1"' in html
    assert 'href="?status=ACTIVE&amp;page=3"' in html
    assert "11–20 of 30" in html


def test_counts_are_grouped_as_the_institution_writes_them(rf: RequestFactory, library: Library) -> None:
    page = Paginator(range(10_000), 25).page(100)
    tabs = [TabMark("fees", "Fines/Fees", "/fees/", 10_000, True)]
    source = '<c-pager :page="page" /><c-tabs :tabs="tabs" label="Parts" />'

    for locale, first, last, every in (("en_US", "2,476", "2,500", "10,000"), ("de_DE", "2.476", "2.500", "10.000")):
        library.institution.locale = locale
        html = _render(source, rf.get("/"), page=page, tabs=tabs, institution=library.institution)

        assert f"{first}–{last} of {every}" in html
        assert f'<span class="tab-held">{every}</span>' in html


def test_an_amount_and_a_state_are_written_for_eyes_and_for_words(rf: RequestFactory, library: Library) -> None:
    source = '<c-money :minor="minor" /> <c-status kind="INDISPUTE">In dispute</c-status>'

    html = _render(source, rf.get("/"), minor=-325, institution=library.institution)

    assert '<span class="money money-credit ">-$3.25</span>' in html
    assert '<span class="status status-indispute">In dispute</span>' in html
