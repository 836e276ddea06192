import pytest

from amerce.access.can import NotAllowed
from amerce.patrons import errors
from amerce.patrons.create_patron import create_patron
from amerce.patrons.details import Details
from amerce.patrons.facts import ContactFacts, IdentifierFacts
from amerce.patrons.models import Contact, Patron, UserGroup
from amerce.patrons.queries import find_by_identifier, find_by_name
from tests.patrons.people import EMAIL, PHONE, last_event, manager, no_record_written
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
BARCODE = IdentifierFacts("BARCODE", "2123")


def test_an_internal_patron_is_made_found_and_reached(library: Library) -> None:
    group = UserGroup.objects.get(institution=library.institution, code="58")
    details = Details(" New1 ", "Ann", "B.", "Kant", group.pk, preferred_language="de")

    outcome = create_patron(
        actor=manager(library), at=NOON, details=details, identifiers=[BARCODE], contacts=[EMAIL, PHONE]
    )

    patron = Patron.objects.get(pk=outcome.patron_id)
    assert (patron.primary_id, patron.primary_folded, patron.kind, patron.seq) == ("New1", "new1", "internal", 0)
    assert (patron.middle_name, patron.group, patron.preferred_language) == ("B.", group, "de")
    assert find_by_identifier(library.operator, "2123") == find_by_name(library.manager, "kant ann") == [patron]
    reached = patron.contacts.order_by("pk").values_list("kind", "text", "is_preferred", "is_loaded")
    assert list(reached) == [("email", "jane@example.org", True, False), ("phone", "+1 312 555 0100", True, False)]


def test_the_event_tells_codes_and_no_name(library: Library) -> None:
    create_patron(actor=manager(library), at=NOON, details=Details("new1", "Ann", "", "Kant"))

    assert (last_event().name, last_event().data) == ("patron.created", {"seq": 0, "kind": "internal", "group": None})


@pytest.mark.parametrize(
    ("details", "identifiers", "contacts", "refusal"),
    [
        (Details("JDOE"), [], [], (errors.IdTaken, "primary_id")),
        (Details("  "), [], [], (errors.FieldMissing, "primary_id")),
        (Details("a\0"), [], [], (errors.FieldMalformed, "primary_id")),
        (Details("x" * 101), [], [], (errors.FieldTooLong, "primary_id")),
        (Details("new", "x" * 151), [], [], (errors.FieldTooLong, "first_name")),
        (Details("new", "a\0"), [], [], (errors.FieldMalformed, "first_name")),
        (Details("new", "half \ud83d"), [], [], (errors.FieldMalformed, "first_name")),
        (Details("new", last_name="\u202eegrahc"), [], [], (errors.FieldMalformed, "last_name")),
        (Details("new", group_id=0), [], [], (errors.CodeUnknown, "group")),
        (Details("new", status="gone"), [], [], (errors.CodeUnknown, "status")),
        (Details("new", preferred_language="tlh"), [], [], (errors.CodeUnknown, "preferred_language")),
        (Details("new"), [IdentifierFacts("BARCODE", "AB12")], [], (errors.IdTaken, "value")),
        (Details("new"), [IdentifierFacts("SHOE_SIZE", "44")], [], (errors.CodeUnknown, "type")),
        (Details("new"), [], [ContactFacts(Contact.Kind.EMAIL, "nobody")], (errors.EmailMalformed, "text")),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(  # type: ignore[no-untyped-def]
    library: Library, details: Details, identifiers, contacts, refusal
) -> None:
    library.new_patron("holder", identifiers={"BARCODE": "ab12"})
    actor = manager(library)
    error, field = refusal

    with no_record_written(), pytest.raises(error) as refused:
        create_patron(actor=actor, at=NOON, details=details, identifiers=identifiers, contacts=contacts)

    assert refused.value.field == field


def test_a_group_of_another_institution_is_unknown(library: Library, other_library: Library) -> None:
    theirs = UserGroup.objects.filter(institution=other_library.institution).first()

    with pytest.raises(errors.CodeUnknown):
        create_patron(actor=manager(library), at=NOON, details=Details("new", group_id=theirs.pk))


def test_the_desk_manager_may_not(library: Library) -> None:
    actor = library.manager

    with no_record_written(), pytest.raises(NotAllowed):
        create_patron(actor=actor, at=NOON, details=Details("new"))
