from dataclasses import replace

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.change_settings import change_settings, settings_of
from amerce.events.models import Event
from amerce.inputs.errors import NumberOutOfRange
from amerce.institutions.models import Institution
from tests.circulation.configuring import administrator, nothing_configured
from tests.world import NOON

pytestmark = pytest.mark.django_db


def test_settings_are_changed_with_an_event_of_before_and_after(library, other_library):
    before = settings_of(library.institution)
    after = replace(before, accrues_nightly=True, returns_kept_days=90)

    assert change_settings(actor=administrator(library), at=NOON, settings=after)

    assert settings_of(Institution.objects.get(pk=library.institution.pk)) == after
    assert settings_of(Institution.objects.get(pk=other_library.institution.pk)) == before
    changed = Event.objects.get(name="settings.changed")
    data = changed.data
    assert (data["before"]["returns_kept_days"], data["after"]["returns_kept_days"]) == (180, 90)
    assert (data["before"]["accrues_nightly"], data["after"]["accrues_nightly"]) == (False, True)
    assert (changed.actor_name, changed.at) == ("main-fulfillment_administrator", NOON)


def test_the_same_again_writes_nothing(library):
    actor = administrator(library)

    with nothing_configured():
        assert not change_settings(actor=actor, at=NOON, settings=settings_of(library.institution))


@pytest.mark.parametrize("field", ["returns_kept_days", "anonymise_after_days"])
@pytest.mark.parametrize("number", [0, 3651])
def test_days_out_of_range_are_refused(library, field, number):
    actor = administrator(library)

    with nothing_configured(), pytest.raises(NumberOutOfRange) as refused:
        change_settings(actor=actor, at=NOON, settings=replace(settings_of(library.institution), **{field: number}))

    assert refused.value.field == field


def test_who_may_not_configure_is_refused(library):
    actor = library.manager

    with nothing_configured(), pytest.raises(NotAllowed):
        change_settings(actor=actor, at=NOON, settings=replace(settings_of(library.institution), accrues_nightly=True))
