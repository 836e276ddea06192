import pytest
from django.db import IntegrityError, transaction

from amerce.patrons.models import NameToken, Patron, PatronIdentifier
from amerce.patrons.register import register
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_a_patron_is_written_with_everything_by_which_they_are_found(library: Library) -> None:
    patron = register(
        institution_id=library.institution.pk,
        at=NOON,
        primary_id="B000123",
        first_name="Élodie",
        last_name="Moreau-Kant",
        identifiers={"BARCODE": "21234000111"},
    )

    assert (patron.primary_folded, patron.created_at, patron.status) == ("b000123", NOON, "active")
    assert list(NameToken.objects.filter(patron=patron).values_list("token", flat=True)) == ["elodie", "kant", "moreau"]
    assert PatronIdentifier.objects.get(patron=patron).folded == "21234000111"


@pytest.mark.parametrize(("primary_id", "identifiers"), [("JDOE", {}), ("new", {"BARCODE": "ab12"})])
def test_an_id_that_is_taken_in_any_case_is_refused_and_leaves_nothing(
    library: Library, primary_id: str, identifiers: dict[str, str]
) -> None:
    library.new_patron("holder", identifiers={"BARCODE": "AB12"})
    before = Patron.objects.count(), PatronIdentifier.objects.count(), NameToken.objects.count()

    with pytest.raises(IntegrityError), transaction.atomic():
        register(
            institution_id=library.institution.pk,
            at=NOON,
            primary_id=primary_id,
            first_name="New",
            identifiers=identifiers,
        )

    assert (Patron.objects.count(), PatronIdentifier.objects.count(), NameToken.objects.count()) == before


def test_the_same_id_can_be_somebodys_in_each_institution(library: Library, other_library: Library) -> None:
    assert library.patron.primary_id == other_library.patron.primary_id == "jdoe"
