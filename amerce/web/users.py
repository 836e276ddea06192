"""User Management: everybody of the institution, page by page, and the way to Add user (row F1)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.queries import everybody
from amerce.web.paging import page_asked
from amerce.web.request import StaffRequest

PER_PAGE = 50


@require_safe
def users(request: StaffRequest) -> HttpResponse:
    require(request.actor, Privilege.PATRON_EDIT)
    page = page_asked(request, everybody(request.actor), PER_PAGE)
    return render(request, "web/users.html", {"page": page})
