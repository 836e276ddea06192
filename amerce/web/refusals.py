"""Answers that refuse, in one plain sentence: a page, or for htmx a notice beside what was asked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

NOTICES = "#notices"


def refusal(request: HttpRequest, sentence: str, *, title: str, status: int) -> HttpResponse:
    """``sentence`` as the whole answer. htmx puts it into the dialog it asked from, else into the notices."""
    htmx = getattr(request, "htmx", None)
    in_dialog = htmx is not None and htmx.target == "dialog"
    template = "web/_refusal_dialog.html" if in_dialog else "web/_refusal.html" if htmx else "web/refusal.html"
    response = render(request, template, {"sentence": sentence, "refusal_title": title}, status=status)
    if htmx and not in_dialog:
        response["HX-Retarget"] = NOTICES
        response["HX-Reswap"] = "innerHTML"
    return response


def not_allowed(request: HttpRequest) -> HttpResponse:
    sentence = _("Your roles do not allow this at the location where you work now.")
    return refusal(request, sentence, title=_("Not allowed"), status=403)


def patron_not_found(request: HttpRequest) -> HttpResponse:
    return refusal(request, _("There is no such patron record."), title=_("Not found"), status=404)


def busy(request: HttpRequest) -> HttpResponse:
    """Somebody else writes for long, an import say: the transaction never began, and the form's key is still good."""
    sentence = _("The database is busy, so nothing was done. Send it again in a moment.")
    return refusal(request, sentence, title=_("Busy"), status=503)
