import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import NameMissing, NameTaken, OutOfDate, RowNotFound, TextTooLong
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import Library
from amerce.institutions.rows import LastInUse
from amerce.institutions.save_library import LibraryFacts, save_library
from tests.circulation.configuring import nothing_configured
from tests.world import NOON

pytestmark = pytest.mark.django_db
SYSTEM = "general_system_administrator"


def test_a_library_is_added_renamed_and_closed_with_its_code_as_it_was(library):
    actor = library.staff(SYSTEM)
    row = save_library(actor=actor, at=NOON, facts=LibraryFacts(code=" LAW ", name=" Law Library ")).row_id

    after = LibraryFacts(code="OTHER", name="Law", is_active=False)
    assert save_library(actor=actor, at=NOON, facts=after, library_id=row).is_changed

    kept = Library.objects.get(pk=row)
    assert (kept.code, kept.name, kept.is_active, kept.updated_by) == ("LAW", "Law", False, actor.name)
    assert (kept.updated_at, kept.institution) == (NOON, library.institution)
    added, changed = Event.objects.filter(name="library.changed").order_by("pk")
    assert added.data == {
        "row": row, "before": None, "after": {"code": "LAW", "name": "Law Library", "is_active": True},
    }  # fmt: skip
    assert changed.data["after"] == {"code": "LAW", "name": "Law", "is_active": False}


def test_the_same_again_writes_nothing(library):
    actor, facts = library.staff(SYSTEM), LibraryFacts.of(library.library)

    with nothing_configured():
        saved = save_library(actor=actor, at=NOON, facts=facts, library_id=library.library.pk)
    assert not saved.is_changed


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        (LibraryFacts(code="", name="Law"), NameMissing),
        (LibraryFacts(code="LAW", name=" "), NameMissing),
        (LibraryFacts(code="x" * 61, name="Law"), TextTooLong),
        (LibraryFacts(code="LAW", name="x" * 201), TextTooLong),
        (LibraryFacts(code="main", name="Law"), NameTaken),
        (LibraryFacts(code="LAW", name="main library"), NameTaken),
    ],
)
def test_what_cannot_be_is_refused(library, facts, error):
    actor = library.staff(SYSTEM)

    with nothing_configured(), pytest.raises(error):
        save_library(actor=actor, at=NOON, facts=facts)


def test_the_only_open_library_is_not_closed(library, other_library):
    """Another institution's library does not help, nor does one that is closed itself."""
    actor = library.staff(SYSTEM)
    Library.objects.create(institution=library.institution, code="LAW", name="Law", is_active=False)

    with nothing_configured(), pytest.raises(LastInUse):
        save_library(
            actor=actor,
            at=NOON,
            facts=LibraryFacts(code="", name="Main Library", is_active=False),
            library_id=library.library.pk,
        )


def test_what_somebody_else_changed_or_owns_is_refused(library, other_library):
    actor, facts = library.staff(SYSTEM), LibraryFacts(code="MAIN", name="Mine")

    with nothing_configured(), pytest.raises(OutOfDate):
        save_library(
            actor=actor, at=NOON, facts=facts, library_id=library.library.pk, expected_stamp=stamp_of("before")
        )
    for row in (other_library.library.pk, 0, 10**30):
        with nothing_configured(), pytest.raises(RowNotFound):
            save_library(actor=actor, at=NOON, facts=facts, library_id=row)
    with nothing_configured(), pytest.raises(NotAllowed):
        save_library(actor=library.staff("user_administrator"), at=NOON, facts=facts)
