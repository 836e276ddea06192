"""Helpers for the pages of one patron's account."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from amerce.ledger.models import PatronAccount
from tests.world import Library

HTMX = {"HX-Request": "true", "HX-Target": "dialog"}


@dataclass
class Desk:
    """A signed-in client with Jane Doe's record open."""

    client: Client
    library: Library

    def url(self, rest: str) -> str:
        return f"/patrons/{self.library.patron.pk}/{rest}"

    def get(self, rest: str, **options: Any) -> HttpResponse:
        return self.client.get(self.url(rest), **options)

    def post(self, rest: str, data: dict[str, Any] | None = None, **options: Any) -> HttpResponse:
        """Sends the form with a key and the ``seq`` of now, unless ``data`` says otherwise."""
        form = {"form_key": uuid4().hex, "seq": self.seq, **(data or {})}
        return self.client.post(self.url(rest), form, **options)

    @property
    def seq(self) -> int:
        account = PatronAccount.objects.filter(patron=self.library.patron).first()
        return account.seq if account else 0

    def page(self, rest: str) -> str:
        return text(self.get(rest))


def open_record(sign_in: Callable[..., Client], library: Library, role: str = "circulation_desk_manager") -> Desk:
    client = sign_in(role)
    client.post("/patron-services/", {"typed": "jdoe"})
    return Desk(client, library)


def text(response: HttpResponse) -> str:
    """The page with its white space folded and without tags between words."""
    return " ".join(response.content.decode().split())


def words(response: HttpResponse) -> str:
    """Only what is read on the page."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def field_value(page: str, name: str) -> str:
    """What an input of that name holds."""
    found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"', page) or re.search(
        rf'value="([^"]*)"[^>]*?name="{name}"', page
    )
    return found[1] if found else ""
