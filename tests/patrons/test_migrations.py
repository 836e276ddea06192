"""What happens to rows that are there when the tables change."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.world import NOON, Library

pytestmark = pytest.mark.money


def migrate(name: str):  # type: ignore[no-untyped-def]
    executor = MigrationExecutor(connection)
    executor.migrate([("patrons", name)])
    return executor.loader.project_state([("patrons", name)]).apps


def migrated_to_the_end() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_every_email_phone_and_address_becomes_the_preferred_contact_of_its_kind(flushable, library: Library) -> None:  # type: ignore[no-untyped-def]
    # given
    external = library.new_patron("asmith")
    try:
        before = migrate("0002_people").get_model("patrons", "Patron").objects
        before.filter(pk=library.patron.pk).update(
            email=" jdoe@example.org ", phone="", address="1 Elm Street\n\nSpringfield\na\nb\nc\nd"
        )
        before.filter(pk=external.pk).update(phone="+1 312 555 0100", kind="external")

        # when
        after = migrate("0003_contacts_from_columns")

        # then
        contacts = after.get_model("patrons", "Contact").objects.order_by("patron_id", "kind")
        assert list(contacts.values_list("patron_id", "kind", "text", "is_preferred", "is_loaded")) == [
            (library.patron.pk, "address", "1 Elm Street\nSpringfield\na\nb\nc, d", True, False),
            (library.patron.pk, "email", "jdoe@example.org", True, False),
            (external.pk, "phone", "+1 312 555 0100", True, True),
        ]
    finally:
        migrated_to_the_end()


def test_notes_that_blocked_become_blocks_and_the_others_stay(flushable, library: Library) -> None:  # type: ignore[no-untyped-def]
    # given
    long_text = "Tore " + "a page " * 60
    try:
        note = migrate("0004_drop_single_contacts").get_model("patrons", "PatronNote")
        for text, is_block in (("Lost two books", True), ("Prefers French", False), (long_text, True)):
            note.objects.create(
                institution_id=library.institution.pk,
                patron_id=library.patron.pk,
                text=text,
                is_block=is_block,
                created_at=NOON,
                created_by="usermanager",
            )

        # when
        after = migrate("0006_notes_do_not_block")

        # then
        blocks = after.get_model("patrons", "PatronBlock").objects.order_by("pk")
        assert [(each.description, each.note) for each in blocks] == [
            ("Lost two books", ""),
            (long_text[:255], long_text),
        ]
        assert {(each.type, each.created_by, each.created_at, each.lifted_at) for each in blocks} == {
            ("GENERAL", "usermanager", NOON, None)
        }
        notes = after.get_model("patrons", "PatronNote").objects
        assert list(notes.values_list("text", flat=True)) == ["Prefers French"]
    finally:
        migrated_to_the_end()
