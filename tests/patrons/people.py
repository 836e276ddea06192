"""Records in tests: a user manager, an external patron, and the proof that nothing was written."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Model

from amerce.access.actors import Actor
from amerce.events.models import Event
from amerce.patrons.facts import ContactFacts
from amerce.patrons.models import Contact, NameToken, Patron, PatronIdentifier, PatronNote, Proxy
from tests.world import Library

WRITTEN: tuple[type[Model], ...] = (Patron, PatronIdentifier, Contact, PatronNote, Proxy, NameToken, Event)
EMAIL = ContactFacts(Contact.Kind.EMAIL, "jane@example.org", ("personal",))
PHONE = ContactFacts(Contact.Kind.PHONE, "+1 312 555 0100", ("mobile",))
ADDRESS = ContactFacts(Contact.Kind.ADDRESS, "12 Elm Street", ("home",), city="Falls", postal_code="60999")


def manager(library: Library) -> Actor:
    return library.staff("user_manager")


def external(library: Library, primary_id: str = "ext", **columns: Any) -> Patron:
    """A patron whose e-mail address and barcode were loaded from the system SIS."""
    return library.new_patron(
        primary_id,
        **{
            "first_name": "Erik",
            "last_name": "Loaded",
            "kind": Patron.Kind.EXTERNAL,
            "source_system": "SIS",
            "source_id": "700",
            "identifiers": {"BARCODE": f"{primary_id}-1"},
            "contacts": [ContactFacts(Contact.Kind.EMAIL, "erik@school.example", ("school",))],
            **columns,
        },
    )


def last_event() -> Event:
    return Event.objects.latest("pk")


@contextmanager
def no_record_written() -> Iterator[None]:
    """Not one row more, not one row other."""
    before = _snapshot()
    yield
    assert _snapshot() == before


def _snapshot() -> list[list[dict[str, Any]]]:
    return [list(model._default_manager.order_by("pk").values()) for model in WRITTEN]
