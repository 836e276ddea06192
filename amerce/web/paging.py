"""The page of a long list that an address asks for, as ``c-pager`` leads through it.

Why the first or last one for a number that is none: an old link still shows something.
"""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest


def page_asked(request: HttpRequest, rows: Any, per_page: int) -> Page[Any]:
    """``?page=`` of ``rows``."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))
