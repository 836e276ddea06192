"""The API key of the sample library, for whoever tries the REST interface."""

from datetime import datetime

from amerce.access.actors import system_actor
from amerce.access.api_keys import MadeKey, create_api_key
from amerce.access.privileges import Privilege
from amerce.access.scopes import ALL
from amerce.inputs.errors import NameTaken
from amerce.institutions.models import Institution
from amerce.provision.demo.places import CODE

_NAME = "Demo"
_CALLS_PER_SECOND = 1000


def make_demo_api_key(*, at: datetime) -> str:
    """A key with every scope. Where one was made before and lost, another with a number behind its name."""
    institution = Institution.objects.get(code=CODE)
    actor = system_actor(institution.pk, "sample", Privilege.API_KEY_EDIT)
    number = 1
    while True:
        name = _NAME if number == 1 else f"{_NAME} {number}"
        try:
            made: MadeKey = create_api_key(
                actor=actor, at=at, name=name, scopes=[ALL], calls_per_second=_CALLS_PER_SECOND
            )
        except NameTaken:
            number += 1
        else:
            return made.key
