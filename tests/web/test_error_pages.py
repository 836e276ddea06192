"""Whole pages that refuse: whoever sees one knows where they are and gets away from it."""

from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.web.account import text


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_a_page_of_an_error_of_which_nothing_is_known_has_the_name_and_a_way_on(template: str) -> None:
    page = render_to_string(template)

    assert '<a class="brand" href="/">Amerce</a>' in page
    assert 'href="/">Go to the first page</a>' in page
    assert "<nav" not in page


@pytest.mark.django_db
def test_what_is_not_there_keeps_the_menu_of_who_is_signed_in(sign_in: Callable[..., Client]) -> None:
    page = text(sign_in().get("/nothing/here/"))

    assert "There is nothing at this address." in page and "<nav" in page
    assert page.count('class="brand"') == 1


@pytest.mark.django_db
def test_what_is_not_there_has_the_name_for_who_is_not_signed_in() -> None:
    page = text(Client().get("/nothing/here/"))

    assert '<a class="brand" href="/">Amerce</a>' in page and "<nav" not in page
