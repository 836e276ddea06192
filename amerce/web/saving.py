"""How a page of the configuration has a command do what was asked for, and says how it went.

Why here: a page that forgot one of the steps would lose a refusal, or say "Saved." of what was not changed.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _

from amerce.inputs.errors import Refused, RowNotFound
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest


def tell_saved(request: StaffRequest, done: str, *, is_changed: bool) -> None:
    """Say ``done``, or that it was so before."""
    if is_changed:
        messages.success(request, done)
    else:
        messages.info(request, _("All of this was set before. Nothing was changed."))


def tell_row(request: StaffRequest, name: str, *, is_new: bool, is_changed: bool = True) -> None:
    """Say which row was added or saved."""
    words = _("Added: %(name)s.") if is_new else _("Saved: %(name)s.")
    tell_saved(request, words % {"name": name}, is_changed=is_changed)


def confirmed(request: StaffRequest, command: Callable[..., object], done: str, **inputs: Any) -> str | None:
    """Have ``command`` do what a page asks about, once it is confirmed: None when it is done, and ``done`` is said.

    Else the sentence with which it refused, empty as long as the page only asks. Raises ``RowNotFound``.
    """
    if request.method != "POST":
        return ""
    try:
        command(actor=request.actor, at=timezone.now(), **inputs)
    except RowNotFound:
        raise
    except Refused as refused:
        return policy_refusal(refused, request.institution)[1]
    messages.success(request, done)
    return None


def stamp_sent(request: StaffRequest) -> str:
    """The stamp of a page that asks before it acts, as it came back."""
    return str(request.POST.get("stamp", ""))
