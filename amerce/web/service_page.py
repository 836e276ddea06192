"""What the pages of Patron Services besides its tabs have in common: a dialog or a page, and the way back.

Why not ``account_page``: those lead back to the fees; these to the loans, returns and requests of the open record.
"""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from amerce.circulation.errors import LoanNotFound, RequestNotFound
from amerce.circulation.queries import get_loan
from amerce.patrons.models import Patron
from amerce.web.loan_wording import refusal_of
from amerce.web.next_page import next_page
from amerce.web.patron_context import patron_context
from amerce.web.record_page import record_page
from amerce.web.request import StaffRequest
from amerce.web.tabs import SERVICES_TABS

Rest = ParamSpec("Rest")


def service_page(
    view: Callable[Concatenate[StaffRequest, Patron, Rest], HttpResponse],
) -> Callable[Concatenate[StaffRequest, int, Rest], HttpResponse]:
    """``with_open_patron``; a loan or request that is not this patron's is not found."""

    return record_page(view, refusal_of, LoanNotFound, RequestNotFound)


def loan_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A ``service_page`` about one loan of the patron: ``view(request, patron, loan)``, ``loan_id`` in the URL."""

    @service_page  # type: ignore[arg-type]
    @functools.wraps(view)
    def page(request: StaffRequest, patron: Patron, loan_id: int, **more: Any) -> HttpResponse:
        return view(request, patron, get_loan(request.actor, patron.pk, loan_id), **more)

    return page


def show(
    request: StaffRequest,
    patron: Patron,
    body: str,
    *,
    title: str,
    context: dict[str, Any],
    tab: str = "loans",
    status: int = 200,
) -> HttpResponse:
    """The template ``body`` in the dialog from which htmx asked, else as a page under ``tab``. ``title`` heads it."""
    context = {**context, "patron": patron, "body": body, "title": title, "back": way_back(request, patron, tab)}
    if request.htmx and request.htmx.target == "dialog":
        return render(request, "web/account/dialog.html", context | {"dialog": "dialog"}, status=status)
    context = patron_context(request, patron, SERVICES_TABS, tab) | context
    return render(request, "web/patron/service_page.html", context, status=status)


def way_back(request: StaffRequest, patron: Patron, tab: str = "loans") -> str:
    """Where the page was opened from, if that is a page of ours; else the tab with everything in it."""
    return next_page(request) or f"{reverse('patron-record', args=[patron.pk])}?tab={tab}&display=all"
