"""Reading the configuration of circulation. Each query names the institution it reads."""

from django.db.models import QuerySet

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.models import CalendarException, OpeningHours, TermsOfUse
from amerce.circulation.opening import Opening, openings
from amerce.circulation.terms import in_order, terms_table
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.institutions.models import CodeEntry


def all_terms(actor: Actor) -> list[TermsOfUse]:
    """The terms of use with group and library, the most general first."""
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    rows = TermsOfUse.objects.filter(institution_id=actor.institution_id)
    return list(in_order(rows.select_related("group", "library")))


def get_terms(actor: Actor, terms_id: int) -> TermsOfUse:
    """One of the terms of use, with its notices. Raises ``RowNotFound``."""
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    rows = TermsOfUse.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([terms_id]))
    found = rows.select_related("group", "library").prefetch_related("notices").first()
    if found is None:
        raise RowNotFound(terms_id)
    return found


def which_terms(actor: Actor, *, group_id: int | None, item_policy: str, library_id: int) -> list[TermsOfUse]:
    """All terms that match such a loan, the one that holds first; empty when none does."""
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    return terms_table(actor.institution_id).matching(group_id=group_id, item_policy=item_policy, library_id=library_id)


def item_policies(actor: Actor) -> QuerySet[CodeEntry]:
    """The code table of item policies, also those that cannot be chosen any more."""
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    table = CodeEntry.Table.ITEM_POLICY
    return CodeEntry.objects.filter(institution_id=actor.institution_id, table=table).order_by("position", "label")


def hours_of(actor: Actor, library_id: int) -> QuerySet[OpeningHours]:
    """All opening hours of a library, those that hold longest ago first."""
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    hours = OpeningHours.objects.filter(institution_id=actor.institution_id, library_id=library_id)
    return hours.order_by("valid_from", "weekday", "opens")


def closures_of(actor: Actor, library_id: int) -> QuerySet[CalendarException]:
    """The closings of a library, those of every library among them, the latest first."""
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    mine = CalendarException.objects.filter(institution_id=actor.institution_id)
    found = mine.filter(library_id=library_id) | mine.filter(library=None)
    return found.select_related("library").order_by("-first_on", "-pk")


def get_closure(actor: Actor, closure_id: int) -> CalendarException:
    """One closing. Raises ``RowNotFound``."""
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    mine = CalendarException.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([closure_id]))
    found = mine.select_related("library").first()
    if found is None:
        raise RowNotFound(closure_id)
    return found


def get_item_policy(actor: Actor, entry_id: int) -> CodeEntry:
    """One item policy. Raises ``RowNotFound``."""
    found = item_policies(actor).filter(pk__in=possible_ids([entry_id])).first()
    if found is None:
        raise RowNotFound(entry_id)
    return found


def opening_of(actor: Actor, library_id: int) -> Opening:
    """When a library is open. Two queries."""
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    return openings(actor.institution_id, [library_id])[library_id]
