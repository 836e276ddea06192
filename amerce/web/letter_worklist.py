"""The worklist of letters that did not go, and sending all of them again that it shows in one state (rows B12, E1)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.letters.again_job import KIND, STATE, NothingToSendAgain, start_sending_again
from amerce.letters.kinds import OFFERED, LetterKind
from amerce.letters.models import Letter
from amerce.letters.queries import NEEDS_A_HAND, SENDING_AGAIN, open_runs, to_print, to_send_again, worklist
from amerce.web.letter_wording import AGAIN
from amerce.web.letters import PER_PAGE, shown
from amerce.web.monitor_jobs import run_lines
from amerce.web.paging import page_asked
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

LIVE = "again-live"
"""The part of the page that polls while letters are handed over."""


@require_safe
def letters(request: StaffRequest) -> HttpResponse:
    """``?state=`` is one of the states that need a hand, ``?kind=`` a kind of letter; what is none shows all."""
    require(request.actor, Privilege.LETTER_SEND)
    runs = open_runs(request.actor, SENDING_AGAIN)
    lines = run_lines(request, runs) if runs else []
    if request.htmx and request.htmx.target == LIVE:
        response = render(request, "web/letters/_runs_live.html", {"lines": lines, "live": LIVE})
        if not lines:
            response["HX-Refresh"] = "true"  # once: what went is off the list now
        return response
    state, kind = _asked(request, STATE, NEEDS_A_HAND), _asked(request, KIND, LetterKind)
    page = page_asked(request, worklist(request.actor, state=state, kind=kind), PER_PAGE)
    context: dict[str, Any] = {
        "page": page,
        "rows": [shown(each) for each in page],
        "to_print": to_print(request.actor).count(),
        "states": [(each, each.label) for each in NEEDS_A_HAND],
        "kinds": [(each, each.label) for each in OFFERED],
        "state": state,
        "kind": kind,
        "is_filtered": bool(state or kind),
        "again": to_send_again(request.actor, state=state, kind=kind).count() if state else 0,
        "lines": lines,
        "live": LIVE,
    }
    return render(request, "web/letters/worklist.html", context)


def _asked(request: HttpRequest, name: str, known: Any) -> str:
    typed = request.GET.get(name, "")
    return typed if typed in [str(each) for each in known] else ""


@require_http_methods(["GET", "HEAD", "POST"])
def letters_again(request: StaffRequest) -> HttpResponse:
    """GET says how many letters would go again and what that means, POST has a run do it; both of ``?state=`` and
    ``?kind=``, as the worklist has them.
    """
    require(request.actor, Privilege.LETTER_SEND)
    state, kind = _asked(request, STATE, NEEDS_A_HAND), _asked(request, KIND, LetterKind)
    if not state:
        return refusal(request, _("Choose which letters on the worklist first."), title=_("Nothing chosen"), status=422)
    back = f"{reverse('letters')}?{_query(state, kind)}"
    if request.method == "POST":
        try:
            start_sending_again(actor=request.actor, at=timezone.now(), state=state, kind=kind)
        except NothingToSendAgain:
            messages.info(request, _("No such letter is left."))
        else:
            messages.success(request, _("The letters are handed over, one after the other."))
        return redirect(back)
    held = to_send_again(request.actor, state=state, kind=kind).count()
    context = {
        "held": held,
        "meaning": AGAIN[Letter.State(state)],
        "state": Letter.State(state).label,
        "kind": LetterKind(kind).label if kind else "",
        "back": back,
    }
    return render(request, "web/letters/again.html", context)


def _query(state: str, kind: str) -> str:
    query = QueryDict(mutable=True)
    query[STATE] = state
    if kind:
        query[KIND] = kind
    return query.urlencode()
