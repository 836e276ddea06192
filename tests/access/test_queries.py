"""Reading accounts: the names of people."""

import pytest

from amerce.access.queries import names_by_login
from tests.world import Library

pytestmark = pytest.mark.django_db


def test_names_are_found_by_login_as_far_as_they_are_known_and_in_one_institution_only(
    library: Library, other_library: Library
) -> None:
    library.new_account("rokafor")
    nameless = library.new_account("nameless")
    nameless.name = ""
    nameless.save()
    other_library.new_account("stranger")

    named = names_by_login(library.institution.pk, ["rokafor", "nameless", "stranger", "command line", "rokafor"])

    assert named == {"rokafor": "Rokafor"}
