"""What the pages of one patron's account have in common: a page or a dialog, a refusal, a way back."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from amerce.charges.errors import FeeNotFound, TransferNotFound
from amerce.charges.queries import get_fee
from amerce.patrons.models import Patron
from amerce.web.next_page import next_page
from amerce.web.patron_context import patron_context
from amerce.web.record_page import record_page
from amerce.web.request import StaffRequest
from amerce.web.wording import refusal_of

Rest = ParamSpec("Rest")


def account_page(
    view: Callable[Concatenate[StaffRequest, Patron, Rest], HttpResponse],
) -> Callable[Concatenate[StaffRequest, int, Rest], HttpResponse]:
    """``with_open_patron``; a fee or transaction that is not this patron's is not found."""

    return record_page(view, refusal_of, FeeNotFound, TransferNotFound)


def fee_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An ``account_page`` about one fee of the patron: ``view(request, patron, fee)``, ``fee_id`` in the URL."""

    @account_page  # type: ignore[arg-type]
    @functools.wraps(view)
    def page(request: StaffRequest, patron: Patron, fee_id: int, **more: Any) -> HttpResponse:
        return view(request, patron, get_fee(request.actor, patron.pk, fee_id), **more)

    return page


def show(
    request: StaffRequest, patron: Patron, body: str, *, title: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The template ``body`` in the dialog from which htmx asked, else as a page of the record. ``title`` heads it."""
    context = {**context, "patron": patron, "body": body, "title": title, "back": way_back(request, patron)}
    if request.htmx and request.htmx.target in ("dialog", "fee-panel"):
        context |= {"dialog": request.htmx.target}
        return render(request, "web/account/dialog.html", context, status=status)
    return render(
        request, "web/account/page.html", patron_context(request, patron, chosen="fees") | context, status=status
    )


def go(request: StaffRequest, url: str) -> HttpResponse:
    """On to ``url`` as a whole page, also from a dialog."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def way_back(request: StaffRequest, patron: Patron) -> str:
    """Where the form was opened from, if that is a page of ours; else the fees of the patron."""
    return next_page(request) or reverse("patron-fees", args=[patron.pk])
