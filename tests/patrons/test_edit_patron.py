from dataclasses import replace
from datetime import date

import pytest

from amerce.access.can import NotAllowed
from amerce.patrons import errors
from amerce.patrons.details import Details
from amerce.patrons.edit_patron import edit_patron
from amerce.patrons.models import Patron, UserGroup
from amerce.patrons.queries import PatronNotFound, find_by_identifier, find_by_name
from tests.patrons.people import external, last_event, manager, no_record_written
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def details_of(patron: Patron) -> Details:
    return Details(
        patron.primary_id,
        patron.first_name,
        patron.middle_name,
        patron.last_name,
        patron.group_id,
        patron.status,
        patron.expires_on,
        patron.preferred_language,
    )


def edit(library: Library, patron: Patron, **changes):  # type: ignore[no-untyped-def]
    return edit_patron(
        actor=manager(library),
        at=NOON,
        patron_id=patron.pk,
        expected_seq=patron.seq,
        details=replace(details_of(patron), **changes),
    )


def test_names_and_ids_change_and_the_patron_is_found_by_the_new_ones_only(library: Library) -> None:
    outcome = edit(library, library.patron, primary_id="jroe", last_name="Roé")

    assert (outcome.seq, outcome.changed) == (1, True)
    assert find_by_identifier(library.operator, "JROE") == find_by_name(library.manager, "roe") == [library.patron]
    assert find_by_identifier(library.operator, "jdoe") == find_by_name(library.manager, "doe") == []


def test_the_event_tells_which_fields_changed_and_only_codes_and_days_of_them(library: Library) -> None:
    group = UserGroup.objects.get(institution=library.institution, code="58")

    edit(library, library.patron, first_name="Janet", group_id=group.pk, expires_on=date(2027, 8, 31))

    assert (last_event().name, last_event().patron_id) == ("patron.edited", library.patron.pk)
    assert last_event().data == {
        "seq": 1,
        "changed": ["first_name", "group", "expires_on"],
        "before": {"group": "22", "expires_on": None},
        "after": {"group": "58", "expires_on": "2027-08-31"},
    }


def test_the_same_again_changes_nothing(library: Library) -> None:
    actor_is_there = manager(library)
    assert actor_is_there

    with no_record_written():
        assert not edit(library, library.patron).changed


def test_a_form_that_is_out_of_date_is_refused(library: Library) -> None:
    edit(library, library.patron, first_name="Janet")

    with no_record_written(), pytest.raises(errors.RecordChanged) as refused:
        edit(library, library.patron, last_name="Roe")  # still at seq 0

    assert (refused.value.expected_seq, refused.value.seq) == (0, 1)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("primary_id", {"primary_id": "other"}),
        ("first_name", {"first_name": "X"}),
        ("middle_name", {"middle_name": "X"}),
        ("last_name", {"last_name": "X"}),
        ("group", {"group_id": None}),
        ("expires_on", {"expires_on": date(2030, 1, 1)}),
    ],
)
def test_what_the_source_of_an_external_record_keeps_is_protected(  # type: ignore[no-untyped-def]
    library: Library, field: str, change
) -> None:
    patron = external(library)
    manager(library)

    with no_record_written(), pytest.raises(errors.FieldProtected) as refused:
        edit(library, patron, **change)

    assert (refused.value.field, refused.value.source_system) == (field, "SIS")


def test_status_and_language_of_an_external_record_are_set_by_hand(library: Library) -> None:
    patron = external(library)

    edit(library, patron, status="inactive", preferred_language="fr")

    patron.refresh_from_db()
    assert (patron.status, patron.preferred_language, patron.kind) == ("inactive", "fr", "external")


def test_an_id_that_is_taken_in_any_case_is_refused(library: Library) -> None:
    library.new_patron("Holder")
    manager(library)

    with no_record_written(), pytest.raises(errors.IdTaken):
        edit(library, library.patron, primary_id="HOLDER")


def test_a_patron_of_another_institution_is_not_found(library: Library, other_library: Library) -> None:
    manager(library)

    with no_record_written(), pytest.raises(PatronNotFound):
        edit(library, other_library.patron, first_name="X")


def test_the_desk_manager_may_not(library: Library) -> None:
    actor = library.manager

    with no_record_written(), pytest.raises(NotAllowed):
        edit_patron(
            actor=actor, at=NOON, patron_id=library.patron.pk, expected_seq=0, details=details_of(library.patron)
        )
