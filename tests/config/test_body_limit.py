"""What is too long is refused by its length, in the words of whoever asked, and nothing of it is read."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from amerce.access.models import Account
from amerce.config.body_limit import BodyLimit, limit_of
from amerce.config.wsgi import application
from tests.api.programs import Program, problem, xml
from tests.charges.checks import nothing_written
from tests.world import Library

pytestmark = pytest.mark.django_db
MB = 1_000_000
LONG = b" " * (MB + 1)


def test_a_program_is_told_in_its_dialect(library: Library) -> None:
    program = Program.of(library)

    with nothing_written():
        assert program.call("post", "/users", LONG).status_code == 413
        told = xml(program.call("post", "/users?format=xml", LONG))
        own = Program(program.key, base="/api/v1")
        assert problem(own, "post", "/patrons/jdoe/corrections", LONG) == (413, "too_long")

    assert told.findtext(".//{*}errorCode") == "401666"
    assert told.findtext(".//{*}errorMessage") == "The request body is too long."


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *_size: object) -> bytes:
        raise AssertionError("it was read")

    readline = read


def test_a_stranger_is_refused_before_anything_is_read() -> None:
    said: list[str] = []
    environ = RequestFactory().post(reverse("sign-in"), content_type="multipart/form-data; boundary=x").environ
    environ |= {"CONTENT_LENGTH": str(10**10), "wsgi.input": Unread(), "HTTP_HOST": "localhost"}

    body = b"".join(application(environ, lambda status, headers: said.append(status)))

    assert said == ["413 Request Entity Too Large"]
    assert body == b"What was sent is longer than 1 MB, which is the most here. Nothing was done."


def test_somebody_who_is_signed_in_gets_a_page_with_the_sentence(sign_in: Callable[..., Client]) -> None:
    browser = sign_in()

    response = browser.post("/patron-services/", {"typed": "x" * (10 * MB)}, content_type="text/plain")

    assert response.status_code == 413
    assert "What was sent is longer than 10 MB" in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "user", "most"),
    [
        ("bulk-waiving", Account(), 10 * MB),
        ("bursar-import", Account(), 100 * MB),
        ("bulk-waiving", AnonymousUser(), MB),
        ("bursar-import", AnonymousUser(), MB),
    ],
)
def test_a_file_of_payments_may_be_longer_than_others_from_who_is_signed_in(
    name: str, user: Account | AnonymousUser, most: int
) -> None:
    assert limit_of(posted(name, user, most)) == most


@pytest.mark.parametrize(("length", "is_refused"), [(MB, False), (MB + 1, True), ("", False), ("١٢٣٤٥٦٧٨٩٠", False)])
def test_a_stranger_may_send_a_form_and_no_file_to_any_page(length: object, is_refused: bool) -> None:
    refused = BodyLimit(HttpResponse).process_view(posted("bursar-import", AnonymousUser(), length))

    assert (refused is not None) == is_refused


def posted(name: str, user: Account | AnonymousUser, length: object) -> HttpRequest:
    path = reverse(name, args=[1] if name == "bursar-import" else [])
    request = RequestFactory().post(path)
    request.META["CONTENT_LENGTH"] = str(length)
    request.user, request.resolver_match = user, resolve(path)
    return request
