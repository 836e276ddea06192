"""Who may load, and where to."""

import pytest

from amerce.access.actors import system_actor
from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.events.models import Event
from tests.transfer_in.csv.loading import COMMAND_LINE, load, row_counts
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_nobody_loads_without_the_privilege(folder, library: Library, is_dry_run: bool) -> None:  # type: ignore[no-untyped-def]
    for actor in (library.manager, system_actor(library.institution.pk, "job", Privilege.JOB_RUN)):
        before = row_counts()
        with pytest.raises(NotAllowed) as refused:
            load(folder, institution_code=library.institution.code, is_dry_run=is_dry_run, actor=actor)
        assert (refused.value.privilege, row_counts()) == (Privilege.DATA_IMPORT, before)


@pytest.mark.parametrize("is_dry_run", [True, False])
@pytest.mark.parametrize("code", ["ELSE", "NEW"])
def test_nobody_loads_into_another_institution_nor_makes_one(  # type: ignore[no-untyped-def]
    folder, library: Library, code: str, is_dry_run: bool
) -> None:
    Library.new("ELSE")
    administrator = library.staff("general_system_administrator")
    before = row_counts()

    with pytest.raises(NotAllowed):
        load(folder, institution_code=code, is_dry_run=is_dry_run, actor=administrator)

    assert row_counts() == before


def test_the_event_names_who_loaded_and_is_of_the_institution(folder, library: Library) -> None:  # type: ignore[no-untyped-def]
    administrator = library.staff("general_system_administrator")
    load(folder, institution_code=library.institution.code, actor=administrator)
    load(folder, institution_code="NEW", actor=COMMAND_LINE)

    events = Event.objects.filter(name="data.imported").order_by("pk")
    assert list(events.values_list("actor_name", "institution__code")) == [
        (administrator.name, library.institution.code),
        ("import csv", "NEW"),
    ]
