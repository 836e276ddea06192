"""The words of patron records: what a refusal says, what a field is called, what an event tells."""

from typing import Any

from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.institutions.models import Institution
from amerce.patrons import errors as people
from amerce.patrons.blocks import BlockLifted, BlockOver
from amerce.patrons.models import Contact
from amerce.web.sentences import Sentence, malformed, plain, too_long

FIELDS = {
    "primary_id": gettext_lazy("Primary ID"),
    "first_name": gettext_lazy("First name"),
    "middle_name": gettext_lazy("Middle name"),
    "last_name": gettext_lazy("Last name"),
    "group": gettext_lazy("User group"),
    "status": gettext_lazy("Status"),
    "expires_on": gettext_lazy("Expires"),
    "preferred_language": gettext_lazy("Preferred language"),
    "kind": gettext_lazy("Internal or external"),
    "source_system": gettext_lazy("Source system"),
    "identifiers": gettext_lazy("Identifiers"),
    "contacts": gettext_lazy("Contact information"),
    "notes": gettext_lazy("Notes"),
    "blocks": gettext_lazy("Blocks"),
    "password": gettext_lazy("Password"),
    "other_fields": gettext_lazy("Other fields of programs"),
}

CONTACT_KINDS = {
    Contact.Kind.EMAIL: gettext_lazy("E-mail"),
    Contact.Kind.PHONE: gettext_lazy("Phone"),
    Contact.Kind.ADDRESS: gettext_lazy("Address"),
}

SENTENCES = {
    "patron.created": gettext_lazy("Made the record."),
    "patron.deleted": gettext_lazy("Deleted the record: what stays says no more who it was."),
    "patron.edited": gettext_lazy("Changed the record: %(fields)s."),
    "patron.identifier_set": gettext_lazy("Set an identifier of the type %(type)s."),
    "patron.identifier_removed": gettext_lazy("Removed an identifier of the type %(type)s."),
    "patron.contact_set": gettext_lazy("Set contact information: %(kind)s."),
    "patron.contact_preferred": gettext_lazy("Chose the preferred contact: %(kind)s."),
    "patron.contact_removed": gettext_lazy("Removed contact information: %(kind)s."),
    "patron.note_written": gettext_lazy("Wrote a note."),
    "patron.note_deleted": gettext_lazy("Deleted a note."),
    "patron.proxy_set": gettext_lazy("Added a proxy."),
    "patron.proxy_removed": gettext_lazy("Removed a proxy."),
    "block.set": gettext_lazy("Set a block."),
    "block.lifted": gettext_lazy("Lifted a block."),
}
"""Event name to its sentence, in the history and where a page is out of date."""


def event_values(data: dict[str, Any], institution: Institution) -> dict[str, str]:
    """What the sentences need of the data of an event."""
    fields = [str(FIELDS.get(each, each)) for each in data.get("changed", [])]
    kinds = {str(kind): str(label) for kind, label in CONTACT_KINDS.items()}
    return {
        "fields": format_list(fields, locale=institution.locale) if fields else "",
        "type": data.get("type", ""),
        "kind": kinds.get(data.get("kind", ""), ""),
    }


def _missing(error: people.FieldMissing, _institution: Institution) -> str:
    return str(_MISSING.get(error.field, gettext_lazy("This is needed.")))


def _too_many_lines(error: people.TooManyLines, _institution: Institution) -> str:
    return _("At most %(limit)s lines, please.") % {"limit": error.limit}


def _protected(error: people.FieldProtected, _institution: Institution) -> str:
    return _("This is kept in %(system)s. Change it there.") % {"system": error.source_system or _("another system")}


def _row_protected(error: people.RowProtected, _institution: Institution) -> str:
    return _("This was loaded from %(system)s. Change it there.") % {
        "system": error.source_system or _("another system")
    }


_MISSING = {
    "primary_id": gettext_lazy("Type a primary ID."),
    "value": gettext_lazy("Scan or type the identifier."),
    "type": gettext_lazy("Choose a type from the list."),
    "description": gettext_lazy("Write why the patron is blocked."),
}

WORDS: dict[type[Exception], tuple[str, Sentence]] = {
    people.RecordChanged: (
        "",
        plain(
            gettext_lazy("The record changed since this page was made, so nothing was done. Check and send it again.")
        ),
    ),
    people.FieldMissing: ("", _missing),
    people.FieldTooLong: ("", too_long),
    people.TooManyLines: ("text", _too_many_lines),
    people.FieldMalformed: ("", malformed),
    people.EmailMalformed: ("text", plain(gettext_lazy("Write an e-mail address, like name@example.org."))),
    people.CodeUnknown: ("", plain(gettext_lazy("Choose from the list."))),
    people.DaysReversed: ("ends_on", plain(gettext_lazy("It would end before it starts."))),
    people.FieldProtected: ("", _protected),
    people.RowProtected: ("", _row_protected),
    people.IdTaken: ("", plain(gettext_lazy("Another patron has this identifier."))),
    people.RowNotFound: ("", plain(gettext_lazy("It is not on this record any more."))),
    people.GroupNotProxy: (
        "typed",
        plain(gettext_lazy("Only patrons of a proxy group can borrow for somebody else.")),
    ),
    people.ProxyOfSelf: ("typed", plain(gettext_lazy("A patron is not their own proxy."))),
    BlockOver: ("expires_on", plain(gettext_lazy("That day is over. Choose a later one, or none."))),
    BlockLifted: ("", plain(gettext_lazy("This block was lifted already."))),
    people.AlreadyProxy: ("typed", plain(gettext_lazy("That patron may borrow for this one already."))),
}
"""Error class to the field, where the error names none, and the maker of the sentence."""
