"""What the pages of the configuration have in common: who may open one, and where its template is."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from amerce.access.can import NotAllowed, can
from amerce.access.privileges import Privilege
from amerce.inputs.errors import RowNotFound
from amerce.web.policy_wording import policy_refusal
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest


def configuration_page(*privileges: Privilege) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page for who holds one of ``privileges``. What is not there is not found, in a sentence."""

    def for_holders(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def page(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(can(request.actor, each) for each in privileges):
                raise NotAllowed(request.actor, privileges[0])
            try:
                return view(request, *args, **kwargs)
            except RowNotFound as error:
                _field, sentence = policy_refusal(error, request.institution)
                return refusal(request, sentence, title=_("Not found"), status=404)

        return page

    return for_holders


def show(request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The template ``web/configuration/<template>.html``."""
    return render(request, f"web/configuration/{template}.html", context, status=status)
