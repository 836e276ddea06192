"""The first page: where you work, and the way to the desk."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amerce.web.request import StaffRequest


@require_safe
def home(request: StaffRequest) -> HttpResponse:
    return render(request, "web/home.html")
