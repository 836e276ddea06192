"""Signed-in browsers without a browser: Django's test client at a desk."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from tests.world import NOON, Library


@pytest.fixture
def sign_in(library: Library, settings) -> Callable[..., Client]:  # type: ignore[no-untyped-def]
    """``sign_in("circulation_desk_operator")`` gives a client signed in with that role, at the library's desk."""

    def signed_in(role: str = "circulation_desk_operator", *, at_desk: bool = True) -> Client:
        client = Client()
        client.force_login(library.new_account(f"{role}-account", role))
        if at_desk:
            client.post("/location/", {"place": f"desk-{library.desk.pk}"})
        return client

    return signed_in


@pytest.fixture
def administrator(sign_in: Callable[..., Client]) -> Iterator[Client]:
    """The general system administrator, at noon."""
    with time_machine.travel(NOON, tick=False):
        yield sign_in("general_system_administrator")
