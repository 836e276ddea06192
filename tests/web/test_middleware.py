from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory

from amerce.web.middleware import StaffMiddleware
from amerce.web.open_record import COOKIE
from tests.jobs.locks import refused_lock
from tests.world import PASSWORD, Library

pytestmark = pytest.mark.django_db


def test_a_form_in_another_encoding_is_refused_in_a_sentence_also_of_strangers(client: Client) -> None:
    response = client.post("/sign-in/", b"x", content_type="application/x-www-form-urlencoded; charset=utf-16")

    assert (response.status_code, response.content) == (400, b"Forms are read in UTF-8 only.")
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.money
def test_a_locked_database_is_said_to_be_busy_and_nothing_to_be_done() -> None:
    request = RequestFactory().post("/")

    response = StaffMiddleware(lambda each: None).process_exception(request, refused_lock())  # type: ignore[arg-type, return-value]

    assert response is not None
    assert response.status_code == 503
    assert b"The database is busy, so nothing was done." in response.content


def test_a_record_is_not_opened_by_the_cookie_of_an_earlier_sign_in(
    sign_in: Callable[..., Client], library: Library
) -> None:
    # given a record that was open when its operator signed out
    browser = sign_in()
    browser.post("/patron-services/", {"typed": "jdoe"})
    kept = browser.cookies[COOKIE].value
    browser.post("/sign-out/")

    # when the same person signs in again with the cookie of before
    browser.post("/sign-in/", {"username": "circulation_desk_operator-account", "password": PASSWORD})
    browser.cookies[COOKIE] = kept
    response = browser.get(f"/patron-services/{library.patron.pk}/")

    # then the ID has to be scanned again
    assert (response.status_code, response["Location"]) == (302, "/patron-services/")
