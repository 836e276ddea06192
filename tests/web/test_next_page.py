import pytest
from django.test import RequestFactory

from amerce.web.next_page import next_page
from tests.web.account import HTMX, open_record

OURS = "/patron-services/7/?tab=loans&display=all"


@pytest.mark.parametrize("send", [RequestFactory().get, RequestFactory().post])
def test_a_page_of_ours_is_gone_to(send):
    assert next_page(send("/", {"next": OURS})) == OURS


@pytest.mark.parametrize(
    "target",
    [
        "", "on", "home", "24:00", "patrons/7/", "//elsewhere.example/", "/\\elsewhere.example", "///elsewhere.example",
        "https://elsewhere.example/", "javascript:alert(1)", " /patrons/", "\x08//elsewhere.example",
    ],
)  # fmt: skip
def test_what_is_no_path_of_ours_is_not(target):
    assert next_page(RequestFactory().post("/", {"next": target})) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_form_that_came_with_a_word_instead_is_answered_like_any_other(sign_in, library, headers):
    desk = open_record(sign_in, library)

    answer = desk.post("loan-columns/", {"column": "title", "next": "on"}, headers=headers)

    back = f"/patron-services/{library.patron.pk}/?tab=loans&display=all"
    assert (answer.get("Location") or answer.get("HX-Redirect")) == back


@pytest.mark.django_db
def test_a_line_break_in_it_makes_no_other_header(sign_in, library):
    desk = open_record(sign_in, library)

    answer = desk.post("loan-columns/", {"next": "/users/\r\nX-Evil: 1"}, headers=HTMX)

    assert answer["HX-Redirect"] == "/users/%0D%0AX-Evil:%201"
    assert "X-Evil" not in answer.headers
