"""Who administers one library configures that one, and nothing that holds in others."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest

from amerce.access.actors import Actor, actor_for
from amerce.access.can import NotAllowed
from amerce.access.models import RoleAssignment
from amerce.circulation.add_closure import add_closure
from amerce.circulation.block_rules import RuleFacts, save_rule
from amerce.circulation.change_settings import change_settings, settings_of
from amerce.circulation.delete_terms import delete_terms
from amerce.circulation.models import CalendarException, OpeningHours, TermsOfUse
from amerce.circulation.remove_closure import remove_closure
from amerce.circulation.save_item_policy import add_item_policy
from amerce.circulation.save_terms import save_terms
from amerce.circulation.set_opening_hours import set_opening_hours
from amerce.institutions.models import Library as LibraryRow
from tests.circulation.configuring import ADMINISTRATOR, administrator, facts, nothing_configured
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
WEEK = {0: [(time(9), time(17))]}


@pytest.fixture
def scoped(library: Library) -> Actor:
    account = library.new_account("scoped")
    RoleAssignment.objects.create(
        institution=library.institution, account=account, role=ADMINISTRATOR, library=library.library
    )
    return actor_for(account, library.place)


@pytest.fixture
def branch(library: Library) -> LibraryRow:
    return LibraryRow.objects.create(institution=library.institution, code="BRANCH", name="Branch")


def close(actor: Actor, library_id: int | None) -> int:
    added = add_closure(actor=actor, at=NOON, library_id=library_id, first_on=TODAY, last_on=TODAY, reason="Storm")
    return added.closure_id


Attempt = Callable[[Actor, Library, LibraryRow], object]
ELSEWHERE: dict[str, Attempt] = {
    "settings": lambda me, here, there: change_settings(
        actor=me, at=NOON, settings=settings_of(here.institution).__class__(
            accrues_nightly=True, close_paid_lost_loan=False, overdue_at_lost_loan=True, returns_kept_days=1,
            anonymise_after_days=1,
        ),
    ),
    "item policy": lambda me, here, there: add_item_policy(actor=me, at=NOON, code="X", label="X"),
    "block rule": lambda me, here, there: save_rule(actor=me, at=NOON, facts=RuleFacts(amount_minor=1)),
    "hours": lambda me, here, there: set_opening_hours(
        actor=me, at=NOON, library_id=there.pk, valid_from=TODAY, week=WEEK
    ),
    "closing there": lambda me, here, there: close(me, there.pk),
    "closing everywhere": lambda me, here, there: close(me, None),
    "terms there": lambda me, here, there: save_terms(actor=me, at=NOON, facts=facts(library_id=there.pk)),
    "terms everywhere": lambda me, here, there: save_terms(
        actor=me, at=NOON, facts=facts(group_id=here.patron.group_id)
    ),
    "terms of all, taken over": lambda me, here, there: save_terms(
        actor=me, at=NOON, facts=facts(library_id=here.library.pk), terms_id=_everybodys(here).pk
    ),
    "deletion": lambda me, here, there: delete_terms(actor=me, at=NOON, terms_id=_everybodys(here).pk),
}  # fmt: skip


def _everybodys(library: Library) -> TermsOfUse:
    return TermsOfUse.objects.get(institution=library.institution, library=None)


@pytest.mark.parametrize("attempt", ELSEWHERE.values(), ids=list(ELSEWHERE))
def test_what_holds_elsewhere_is_refused(library: Library, branch: LibraryRow, scoped: Actor, attempt: Attempt) -> None:
    with nothing_configured(), pytest.raises(NotAllowed):
        attempt(scoped, library, branch)


def test_what_holds_here_alone_is_taken(library: Library, scoped: Actor) -> None:
    here = library.library.pk

    set_opening_hours(actor=scoped, at=NOON, library_id=here, valid_from=TODAY, week=WEEK)
    remove_closure(actor=scoped, at=NOON, closure_id=close(scoped, here))
    made = save_terms(actor=scoped, at=NOON, facts=facts(library_id=here))
    delete_terms(actor=scoped, at=NOON + timedelta(days=1), terms_id=made.terms_id)

    assert OpeningHours.objects.get().library_id == here
    assert CalendarException.objects.get().removed_by == "scoped"


@pytest.mark.parametrize("where", ["there", "everywhere"])
def test_a_closing_of_others_is_not_removed(library: Library, branch: LibraryRow, scoped: Actor, where: str) -> None:
    closing = close(administrator(library), branch.pk if where == "there" else None)

    with nothing_configured(), pytest.raises(NotAllowed):
        remove_closure(actor=scoped, at=NOON, closure_id=closing)
