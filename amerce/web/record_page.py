"""A page about something on one patron's open record: a fee, a transaction, a loan, a request.

Why one: what the address names and is not this patron's is not found, in a sentence, wherever it is asked for.
"""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol

from django.http import HttpResponse
from django.utils.translation import gettext as _

from amerce.institutions.models import Institution
from amerce.patrons.models import Patron
from amerce.web.open_record import with_open_patron
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

Rest = ParamSpec("Rest")


class Worded(Protocol):
    """A refusal in words."""

    @property
    def sentence(self) -> str: ...


def record_page(
    view: Callable[Concatenate[StaffRequest, Patron, Rest], HttpResponse],
    words: Callable[[Exception, Institution], Worded],
    *not_found: type[Exception],
) -> Callable[Concatenate[StaffRequest, int, Rest], HttpResponse]:
    """``with_open_patron``; one of ``not_found`` is answered by a page that says so."""

    @with_open_patron  # type: ignore[arg-type]
    @functools.wraps(view)
    def page(request: StaffRequest, patron: Patron, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        try:
            return view(request, patron, *args, **kwargs)
        except not_found as error:
            return refusal(request, words(error, request.institution).sentence, title=_("Not found"), status=404)

    return page
