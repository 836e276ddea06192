"""Reading items, loans and requests. Each query names the institution it reads (rows A4, B4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.assess import ItemFacts
from amerce.circulation.errors import ItemNotFound, LoanNotFound, RequestNotFound
from amerce.circulation.models import Item, Loan, LoanNote, Request
from amerce.inputs.checks import can_be_stored
from amerce.patrons.models import Patron

_TITLE_LIMIT = 500
"""No title is longer, and SQLite refuses to look for much longer ones."""


def item_facts(actor: Actor, barcode: str) -> ItemFacts:
    """What a fee keeps of the item with ``barcode``. Raises ``ItemNotFound``, ``NotAllowed``."""
    require(actor, Privilege.PATRON_VIEW)
    wanted = barcode.strip()
    items = Item.objects.filter(institution_id=actor.institution_id, barcode=wanted)
    item = items.first() if can_be_stored(wanted) else None
    if item is None:
        raise ItemNotFound(barcode)
    return facts_of(item)


def facts_of(item: Item) -> ItemFacts:
    """What a fee keeps of ``item``."""
    return ItemFacts(item.pk, item.title, item.barcode)


def loans_of(actor: Actor, patron_id: int) -> QuerySet[Loan]:
    """What the patron has out, with item and library, soonest due first."""
    return _loans(actor, patron_id).filter(returned_at=None, closed_at=None).order_by("due_at", "pk")


def loans_of_session(actor: Actor, patron_id: int, since: datetime) -> QuerySet[Loan]:
    """What was lent to the patron from ``since`` on and is still out, newest first: "Loans of this session"."""
    return loans_of(actor, patron_id).filter(loaned_at__gte=since).order_by("-loaned_at", "-pk")


def returns_of(actor: Actor, patron_id: int, since: datetime | None = None) -> QuerySet[Loan]:
    """What the patron brought back, from ``since`` on if given, with item and library, newest first."""
    returned = _loans(actor, patron_id).filter(returned_at__isnull=False)
    if since is not None:
        returned = returned.filter(returned_at__gte=since)
    return returned.order_by("-returned_at", "-pk")


def requests_of(actor: Actor, patron_id: int) -> QuerySet[Request]:
    """What the patron waits for, with item and pickup library, oldest first."""
    require(actor, Privilege.PATRON_VIEW)
    open_requests = Request.objects.filter(institution_id=actor.institution_id, patron_id=patron_id, closed_at=None)
    return open_requests.select_related("item", "pickup").order_by("placed_at", "pk")


def get_loan(actor: Actor, patron_id: int, loan_id: int) -> Loan:
    """One loan of the patron, with item, library and patron, whether out or returned. Raises ``LoanNotFound``."""
    loan = _loans(actor, patron_id).filter(pk=loan_id).first()
    if loan is None:
        raise LoanNotFound(loan_id)
    return loan


def notes_of(actor: Actor, loan: Loan) -> QuerySet[LoanNote]:
    """What was written on ``loan``, newest first."""
    require(actor, Privilege.PATRON_VIEW)
    return LoanNote.objects.filter(institution_id=actor.institution_id, loan=loan).order_by("-created_at", "-pk")


def get_request(actor: Actor, patron_id: int, request_id: int) -> Request:
    """One open request of the patron, with item and pickup library. Raises ``RequestNotFound``."""
    waiting = requests_of(actor, patron_id).filter(pk=request_id).first()
    if waiting is None:
        raise RequestNotFound(request_id)
    return waiting


def titles_of_loans(actor: Actor, patron_id: int, loan_ids: Iterable[int]) -> dict[int, str]:
    """Loan id to title, for those of the patron, whether out or returned; an anonymous loan is nobody's."""
    return dict(_loans(actor, patron_id).filter(pk__in=loan_ids).values_list("pk", "item__title"))


def titles_of_requests(actor: Actor, patron_id: int, request_ids: Iterable[int]) -> dict[int, str]:
    """Request id to title, for those of the patron, whether open or closed."""
    require(actor, Privilege.PATRON_VIEW)
    found = Request.objects.filter(institution_id=actor.institution_id, patron_id=patron_id, pk__in=request_ids)
    return dict(found.values_list("pk", "item__title"))


def find_items(actor: Actor, text: str, limit: int) -> list[Item]:
    """The item whose barcode ``text`` is, else those whose title contains it, by title; at most ``limit``.

    Each comes with its library and says in ``is_lent`` whether it is out. At most two queries.
    """
    require(actor, Privilege.PATRON_VIEW)
    lent = Exists(Loan.objects.filter(item=OuterRef("pk"), returned_at=None, closed_at=None))
    items = Item.objects.filter(institution_id=actor.institution_id).select_related("library").annotate(is_lent=lent)
    text = text.strip()
    if not text or len(text) > _TITLE_LIMIT or not can_be_stored(text):
        return []
    return list(items.filter(barcode=text)) or list(items.filter(title__icontains=text).order_by("title", "pk")[:limit])


def is_overdue(loan: Loan, at: datetime) -> bool:
    """Whether ``loan`` is out and its due moment has passed by ``at``."""
    return loan.is_out and loan.due_at < at


@dataclass(frozen=True)
class Held:
    """How many loans out (and how many of them overdue), returns and open requests a patron has."""

    loans: int
    overdue: int
    returns: int
    requests: int


def held_by(actor: Actor, patron_id: int, *, at: datetime, returns_since: datetime) -> Held:
    """What the tabs of the patron's record hold (row B14). ``returns_since`` is where the list of returns begins.

    One query, whatever there is; zeros for a patron of another institution.
    """
    require(actor, Privilege.PATRON_VIEW)
    patron = Patron.objects.filter(institution_id=actor.institution_id, pk=patron_id)
    out = Q(returned_at=None, closed_at=None)
    counts = patron.values_list(
        _count(Loan, out), _count(Loan, out & Q(due_at__lt=at)), _count(Loan, Q(returned_at__gte=returns_since)),
        _count(Request, Q(closed_at=None)),
    ).first()  # fmt: skip
    return Held(*(counts or (0, 0, 0, 0)))


def _loans(actor: Actor, patron_id: int) -> QuerySet[Loan]:
    require(actor, Privilege.PATRON_VIEW)
    loans = Loan.objects.filter(institution_id=actor.institution_id, patron_id=patron_id)
    noted = Exists(LoanNote.objects.filter(loan=OuterRef("pk")))
    return loans.select_related("item", "library", "patron").annotate(has_notes=noted)


def _count(model: type[Model], condition: Q) -> Coalesce:
    """The number of the patron's rows of ``model``, as a column of the patron."""
    rows = model._default_manager.filter(condition, institution_id=OuterRef("institution_id"), patron_id=OuterRef("pk"))
    counted = rows.order_by().values("patron_id").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
