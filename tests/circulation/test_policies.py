"""Each query of the configuration shows its own institution, to who may configure it."""

import inspect
from collections.abc import Callable
from datetime import time
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation import policies
from amerce.circulation.add_closure import add_closure
from amerce.circulation.change_settings import change_settings, settings_of
from amerce.circulation.models import CalendarException, TermsOfUse
from amerce.circulation.set_opening_hours import set_opening_hours
from amerce.circulation.terms_preview import preview_terms
from amerce.inputs.errors import RowNotFound
from amerce.institutions.models import CodeEntry, Institution
from tests.circulation.configuring import administrator, facts, item_policy
from tests.circulation.lending import lend
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db

Ask = Callable[[Any, Library], Any]
ASKED: dict[Callable[..., Any], Ask] = {
    policies.all_terms: lambda me, of: policies.all_terms(me),
    policies.get_terms: lambda me, of: policies.get_terms(me, _of(TermsOfUse, of).pk),
    policies.which_terms: lambda me, of: policies.which_terms(
        me, group_id=None, item_policy="", library_id=of.library.pk
    ),
    policies.item_policies: lambda me, of: policies.item_policies(me),
    policies.get_item_policy: lambda me, of: policies.get_item_policy(
        me, CodeEntry.objects.get(institution=of.institution, table="ItemPolicy").pk
    ),
    policies.hours_of: lambda me, of: policies.hours_of(me, of.library.pk),
    policies.closures_of: lambda me, of: policies.closures_of(me, of.library.pk),
    policies.get_closure: lambda me, of: policies.get_closure(me, _of(CalendarException, of).pk),
    policies.opening_of: lambda me, of: policies.opening_of(me, of.library.pk),
    preview_terms: lambda me, of: preview_terms(me, at=NOON, facts=facts(), terms_id=_of(TermsOfUse, of).pk),
}
OF_THE_ACTOR = {
    policies.all_terms, policies.which_terms, policies.item_policies, preview_terms,
}  # fmt: skip
"""Queries that are not asked about anything of another institution."""


def _of(model: Any, library: Library) -> Any:
    return model.objects.get(institution=library.institution)


@pytest.fixture
def two(library: Library, other_library: Library) -> tuple[Library, Library]:
    for each in (library, other_library):
        actor, here = administrator(each), each.library.pk
        item_policy(each, "SHORT")
        lend(each)
        set_opening_hours(
            actor=actor, at=NOON, library_id=here, valid_from=NOON.date(), week={0: [(time(9), time(18))]}
        )
        add_closure(actor=actor, at=NOON, library_id=here, first_on=NOON.date(), last_on=NOON.date(), reason="Snow")
        kept = Institution.objects.get(pk=each.institution.pk)
        kept.accrues_nightly = not kept.accrues_nightly
        change_settings(actor=actor, at=NOON, settings=settings_of(kept))
    return library, other_library


def test_every_public_query_is_listed() -> None:
    public = {
        each
        for name, each in inspect.getmembers(policies, inspect.isfunction)
        if each.__module__ == policies.__name__ and not name.startswith("_")
    }

    assert public | {preview_terms} == set(ASKED)


@pytest.mark.parametrize("query", ASKED, ids=lambda each: each.__name__)
def test_it_is_for_who_may_configure(two: tuple[Library, Library], query: Callable[..., Any]) -> None:
    with pytest.raises(NotAllowed):
        ASKED[query](two[0].manager, two[0])


@pytest.mark.parametrize("query", ASKED, ids=lambda each: each.__name__)
def test_it_shows_what_is_there_at_home(two: tuple[Library, Library], query: Callable[..., Any]) -> None:
    for each in two:
        assert ASKED[query](administrator(each), each)


@pytest.mark.parametrize("query", ASKED.keys() - OF_THE_ACTOR, ids=lambda each: each.__name__)
def test_what_another_institution_has_is_not_there(two: tuple[Library, Library], query: Callable[..., Any]) -> None:
    for me, other in (two, two[::-1]):
        try:
            found = ASKED[query](administrator(me), other)
        except RowNotFound:
            continue
        rows = [found.hours, found.closures] if query is policies.opening_of else [list(found)]
        assert not any(rows)


def test_lists_hold_rows_of_the_institution_alone(two: tuple[Library, Library]) -> None:
    for me in two:
        actor, mine = administrator(me), me.institution.pk
        which = policies.which_terms(actor, group_id=None, item_policy="", library_id=me.library.pk)
        for rows in (policies.all_terms(actor), list(policies.item_policies(actor)), which):
            assert {each.institution_id for each in rows} == {mine}
        assert preview_terms(actor, at=NOON, facts=None, terms_id=_of(TermsOfUse, me).pk).loans == 1
