"""What the bursar's pages have in common: what is not there is not found, in a sentence."""

import functools
from collections.abc import Callable

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from amerce.access.actors import EVERYWHERE
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.inputs.errors import RowNotFound
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

View = Callable[..., HttpResponseBase]


def bursar_page(view: View) -> View:
    """A page for who may see the bursar's files, in which stand the patrons of all libraries."""

    @functools.wraps(view)
    def page(request: StaffRequest, *args: int, **kwargs: int) -> HttpResponseBase:
        require_for(request.actor, Privilege.BURSAR_VIEW, EVERYWHERE)
        try:
            return view(request, *args, **kwargs)
        except RowNotFound:
            return refusal(request, _("There is no such run, file or profile."), title=_("Not found"), status=404)

    return page
