"""What the pages share that list the rows of one table of the configuration and edit one of them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can_for
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.web.configuration import show
from amerce.web.request import StaffRequest


@dataclass(frozen=True)
class ShownRow:
    """``path`` leads to where the row is edited; ``cells`` are what stands between its code and its status.

    ``actions`` are the addresses and words of what can be done to it beside editing.
    """

    path: str
    name: str
    code: str
    is_active: bool
    by: str
    at: datetime | None
    cells: list[str] = field(default_factory=list)
    actions: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class RowsPage:
    """The words of a table. ``columns`` are the labels of the cells, ``add`` the path and words of a new row."""

    title: str | Promise
    lead: str | Promise
    empty: str | Promise
    privilege: Privilege
    columns: tuple[str | Promise, ...] = ()
    add: tuple[str, str] | None = None


def show_rows(request: StaffRequest, page: RowsPage, rows: list[ShownRow], **context: Any) -> HttpResponse:
    """The table; with ``form``, whatever is to be added is typed beside it."""
    form = context.get("form")
    may_change = can_for(request.actor, page.privilege, EVERYWHERE)
    labelled = [(row, list(zip(page.columns, row.cells, strict=True))) for row in rows]
    names = names_by_login(request.institution.pk, (each.by for each in rows))
    context |= {"page": page, "rows": labelled, "names": names, "may_change": may_change}
    context["has_menus"] = may_change and any(row.actions for row in rows)
    return show(request, "rows", context, status=422 if form and form.errors else 200)
