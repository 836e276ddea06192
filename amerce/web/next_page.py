"""Where a form leads once it is done: the ``next`` it came with."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def next_page(request: HttpRequest) -> str:
    """The path in ``next``, if it is a page of ours; else nothing.

    Why only what begins with a slash: Django takes any other word for the name of a view, and finds none after the
    work was done.
    """
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_path = target.startswith("/")
    return target if is_path and url_has_allowed_host_and_scheme(target, None, request.is_secure()) else ""
