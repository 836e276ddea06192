"""What somebody likes is kept for them alone."""

import pytest

from amerce.access.actors import system_actor
from amerce.access.models import AccountPreference
from amerce.access.queries import preference
from amerce.access.set_preference import PreferenceTooLong, set_preference
from tests.world import Library

pytestmark = pytest.mark.django_db


def test_what_was_kept_last_is_read(library: Library) -> None:
    set_preference(actor=library.operator, name="loan.columns", value=["due", "author"])
    set_preference(actor=library.operator, name="loan.columns", value=["due"])

    assert preference(library.operator, "loan.columns") == ["due"]
    assert AccountPreference.objects.get().institution_id == library.institution.pk


def test_it_is_nobody_elses(library: Library, other_library: Library) -> None:
    set_preference(actor=library.operator, name="loan.columns", value=["due"])

    assert preference(library.manager, "loan.columns") is None
    assert preference(other_library.operator, "loan.columns") is None


def test_one_name_is_not_another(library: Library) -> None:
    set_preference(actor=library.operator, name="loan.columns", value=["due"])

    assert preference(library.operator, "fee.columns") is None


def test_the_system_likes_nothing(library: Library) -> None:
    actor = system_actor(library.institution.pk, "a job")

    set_preference(actor=actor, name="loan.columns", value=["due"])

    assert preference(actor, "loan.columns") is None
    assert not AccountPreference.objects.exists()


def test_a_value_has_a_limit(library: Library) -> None:
    with pytest.raises(PreferenceTooLong) as refused:
        set_preference(actor=library.operator, name="loan.columns", value=["x" * 2_000])

    assert refused.value.name == "loan.columns"
    assert not AccountPreference.objects.exists()
