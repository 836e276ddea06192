"""Bursar profiles in the configuration file: dumped, loaded, dumped the same, and never with a secret."""

import pytest

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.bursar.models import BursarProfile
from amerce.config_file.dump import dump
from amerce.config_file.load import load
from amerce.config_file.part import Act
from amerce.config_file.parts.all import PARTS
from tests.bursar.desk import Clerk
from tests.charges.acts import Desk
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db


def test_a_profile_comes_back_as_it_was_without_its_secret(library: Library) -> None:
    clerk = Clerk(library, Desk(library))
    clerk.profile(
        secret="harbour-lantern", secret_name="sis-upload", min_amount_minor=500, fee_types=("OTHER",), rows="both"
    )
    act = Act(system_actor(library.institution.pk, "command line", *Privilege), NOON, library.institution)
    text = dump(library.institution, NOON, PARTS)
    assert "harbour-lantern" not in text and "sis-upload" in text and "min_amount: 5.00" in text

    load(act, text.replace("min_amount: 5.00", "min_amount: 7.50"), PARTS)
    assert BursarProfile.objects.get().min_amount_minor == 750
    load(act, text, PARTS)
    assert dump(library.institution, NOON, PARTS) == text
    assert BursarProfile.objects.get().sealed_secret
