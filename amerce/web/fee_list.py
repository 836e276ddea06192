"""The list of a patron's fines and fees: its filter, its columns, its sums (rows B1, B2).

Why the filter stands in the URL: a list can be bookmarked, sent to a colleague and come back to after a payment.
"""

from dataclasses import dataclass
from typing import Any

import django_filters
import django_tables2 as tables
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.charges.models import Fee
from amerce.charges.queries import fees_of, filtered_balances, matching, types_to_filter_by
from amerce.charges.states import Verb
from amerce.patrons.models import Patron
from amerce.web.fee_actions import offered
from amerce.web.forms import AmerceForm
from amerce.web.request import StaffRequest

PER_PAGE = 25
SEARCH_LIMIT = 200
ALL = "all"
_STATUSES = [
    (Fee.Status.ACTIVE.value, gettext_lazy("Active")),
    (Fee.Status.INDISPUTE.value, gettext_lazy("In Dispute")),
    (Fee.Status.EXPORTED.value, gettext_lazy("Transferred")),
    (Fee.Status.CLOSED.value, gettext_lazy("Closed")),
    (ALL, gettext_lazy("All")),
]


class FeeFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Status (Active unless asked otherwise), type, and a search by title or transaction id."""

    status = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"), choices=_STATUSES, empty_label=None, method="by_status"
    )
    type = django_filters.ChoiceFilter(
        label=gettext_lazy("Fine/Fee type"), empty_label=gettext_lazy("All"), field_name="type__code"
    )
    q = django_filters.CharFilter(
        label=gettext_lazy("Search by title or transaction id"), max_length=SEARCH_LIMIT, method="by_text"
    )

    class Meta:
        model = Fee
        fields: list[str] = []
        form = AmerceForm

    def by_status(self, fees: QuerySet[Fee], _name: str, status: str) -> QuerySet[Fee]:
        return fees if status == ALL else fees.filter(status=status)

    def by_text(self, fees: QuerySet[Fee], _name: str, text: str) -> QuerySet[Fee]:
        return matching(fees, text)


class FeeTable(tables.Table):  # type: ignore[misc]
    """The columns of row B2: their names, their order and how they sort. The cells are in ``_list.html``."""

    select = tables.Column(verbose_name=gettext_lazy("Select"), empty_values=(), orderable=False)
    type = tables.Column(accessor="type__label", verbose_name=gettext_lazy("Type"))
    title = tables.Column(verbose_name=gettext_lazy("Title"))
    status = tables.Column(verbose_name=gettext_lazy("Status"), order_by=("status", "closed_as"))
    status_at = tables.Column(verbose_name=gettext_lazy("Status date"))
    original_minor = tables.Column(verbose_name=gettext_lazy("Original amount"), attrs={"th": {"class": "amount"}})
    remaining_minor = tables.Column(verbose_name=gettext_lazy("Remaining balance"), attrs={"th": {"class": "amount"}})
    owner = tables.Column(accessor="owner__name", verbose_name=gettext_lazy("Owner"))
    barcode = tables.Column(verbose_name=gettext_lazy("Barcode"))
    comment = tables.Column(accessor="note__text", verbose_name=gettext_lazy("Comment"))
    created_at = tables.Column(verbose_name=gettext_lazy("Created"))
    bursar_transaction_id = tables.Column(verbose_name=gettext_lazy("Bursar transaction id"))
    actions = tables.Column(verbose_name=gettext_lazy("Actions"), empty_values=(), orderable=False)

    class Meta:
        order_by_field = "sort"
        attrs = {"class": "fees"}
        template_name = "web/fees/_list.html"

    def __init__(
        self, request: StaffRequest, fees: QuerySet[Fee], *, is_filtered: bool = False, **options: Any
    ) -> None:
        self.request = request
        self.is_filtered = is_filtered
        super().__init__(fees.select_related("bound_to__type"), order_by=_sort(request), **options)
        # Rows that are equal in the column keep one order, or a page would show one twice and another never.
        ordered = self.data.data
        self.data.data = ordered.order_by(*ordered.query.order_by, "-pk")

    def before_render(self, request: StaffRequest) -> None:
        """Rows know which verbs are offered, so that the template asks nothing; a column without a word is left out."""
        fees = [row.record for row in self.paginated_rows]
        for fee in fees:
            fee.offered = {verb.value for verb in offered(request.actor, fee)}
            fee.selectable = not fee.offered.isdisjoint({Verb.PAY, Verb.WAIVE})
            fee.history_url = reverse("fee-history", args=[fee.patron_id, fee.pk])
        self.has_selectable = any(fee.selectable for fee in fees)
        if not any(fee.note_id for fee in fees):
            self.columns.hide("comment")
        if not any(fee.bursar_transaction_id for fee in fees):
            self.columns.hide("bursar_transaction_id")
        self.labels = {column.name: column.header for column in self.columns}
        self.shown = dict.fromkeys(self.labels, True)


@dataclass(frozen=True)
class FeeList:
    """``ignored`` names the parts of the URL that mean nothing and were left out."""

    filter: FeeFilter
    table: FeeTable
    filtered_minor: int
    filtered_disputed_minor: int
    ignored: list[str | Promise]


def fee_list(request: StaffRequest, patron: Patron) -> FeeList:
    """The list as the URL asks for it. Four queries, however many fees there are."""
    chosen, ignored = _filter(request, patron)
    table = FeeTable(request, chosen.qs, is_filtered=_is_filtered(chosen), empty_text=_empty_text(chosen))
    if request.GET.get("sort") and not table.order_by:
        ignored.append(_("the sort order"))
    ignored += _paginate(table, request.GET.get("page", "1"))
    table.before_render(request)
    active, disputed = filtered_balances(chosen.qs)
    return FeeList(chosen, table, active, disputed, ignored)


def desk_fees(request: StaffRequest, patron: Patron) -> dict[str, Any]:
    """The tab Fines and Fees of Patron Services: what can be paid now."""
    fees = fees_of(request.actor, patron.pk).filter(status=Fee.Status.ACTIVE)
    hidden = ("status_at", "barcode", "comment", "bursar_transaction_id")
    table = FeeTable(request, fees, exclude=hidden)
    _paginate(table, request.GET.get("page", "1"))
    table.before_render(request)
    return {"table": table}


def open_fees(actor: Actor, patron: Patron) -> int:
    """How many fees are not closed: what the tab is marked with (row B14)."""
    return fees_of(actor, patron.pk).exclude(status=Fee.Status.CLOSED).count()


def payable_fees(actor: Actor, patron: Patron) -> int:
    """How many fees and credits are active."""
    return fees_of(actor, patron.pk).filter(status=Fee.Status.ACTIVE).count()


def _filter(request: StaffRequest, patron: Patron) -> tuple[FeeFilter, list[str | Promise]]:
    asked = request.GET.copy()
    types = list(types_to_filter_by(request.actor, patron.pk).values_list("code", "label"))
    chosen = _bound(request, patron, asked, types)
    ignored = [chosen.form.fields[name].label for name in chosen.form.errors]
    if ignored:
        for name in list(chosen.form.errors):
            asked.pop(name, None)
        chosen = _bound(request, patron, asked, types)
        chosen.form.is_valid()
    return chosen, ignored


def _bound(request: StaffRequest, patron: Patron, asked: QueryDict, types: list[tuple[str, str]]) -> FeeFilter:
    if not asked.get("status"):
        asked["status"] = Fee.Status.ACTIVE.value
    chosen = FeeFilter(asked, fees_of(request.actor, patron.pk))
    chosen.filters["type"].extra["choices"] = types
    chosen.form.is_valid()
    return chosen


def _is_filtered(chosen: FeeFilter) -> bool:
    """Whether anything else than all fees is asked for."""
    values = chosen.form.cleaned_data
    return values.get("status") != ALL or bool(values.get("type") or values.get("q"))


def _empty_text(chosen: FeeFilter) -> str:
    values = chosen.form.cleaned_data
    unfiltered = {ALL: _("No fines or fees yet"), Fee.Status.ACTIVE.value: _("No active fines or fees")}
    if values.get("type") or values.get("q"):
        return _("No fines or fees match")
    return unfiltered.get(values["status"], _("No fines or fees match"))


def _sort(request: StaffRequest) -> str:
    return request.GET.get("sort", "")


def _paginate(table: FeeTable, page: str) -> list[str | Promise]:
    try:
        table.paginate(page=page, per_page=PER_PAGE)
    except (PageNotAnInteger, EmptyPage):
        table.paginate(page=1, per_page=PER_PAGE)
        return [_("the page number")]
    return []
