"""One letter as it was sent, and what a person does with it (row B12)."""

import functools
from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.inputs.errors import Refused, RowNotFound
from amerce.letters.again import print_instead, send_again, settle
from amerce.letters.alma_xml import notification_xml
from amerce.letters.message import html_of, text_of
from amerce.letters.models import Letter
from amerce.letters.pdf import PdfNotInstalled, can_make_pdf, page_of, pdf_of
from amerce.letters.queries import get_letter
from amerce.web.letter_wording import COLOURS, REFUSALS, letter_state, meaning
from amerce.web.next_page import next_page
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

PER_PAGE = 25
ONLY_ITSELF = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
"""What a letter may do in its frame: show itself. No script, no form, nothing from anywhere."""
_ACTIONS: dict[str, tuple[Callable[..., Letter], Any]] = {
    "again": (send_again, gettext_lazy("The letter is sent again, as it was.")),
    "print": (print_instead, gettext_lazy("The letter waits to be printed.")),
    "done": (settle, gettext_lazy("The letter is off the list.")),
}


def _letter_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of one letter, ``view(request, letter)``; one that is not there is not found, in a sentence."""

    @functools.wraps(view)
    def page(request: StaffRequest, letter_id: int) -> HttpResponse:
        try:
            return view(request, get_letter(request.actor, letter_id))
        except RowNotFound:
            return refusal(request, _("There is no such letter."), title=_("Not found"), status=404)

    return page


def shown(letter: Letter) -> dict[str, Any]:
    """A letter as lists draw it."""
    return {
        "letter": letter,
        "state": letter_state(letter),
        "colour": COLOURS[Letter.State(letter.state)],
        "meaning": meaning(letter),
    }


@require_safe
@csp_update({"frame-src": ["'self'"]})
@_letter_page
def letter(request: StaffRequest, letter: Letter) -> HttpResponse:
    context = {**shown(letter), "back": next_page(request), "can_pdf": can_make_pdf()}
    return render(request, "web/letters/letter.html", context)


@require_safe
@xframe_options_sameorigin
@_letter_page
def letter_body(request: StaffRequest, letter: Letter) -> HttpResponse:
    """What was sent, alone in its frame; ``?part=text`` for the text of an e-mail."""
    body = bytes(letter.body)
    if letter.erased_at is not None:
        return in_frame(
            _("What this letter said was erased with the loan it named or the patron it went to."), "text/plain"
        )
    if letter.channel == Letter.Channel.SMS:
        return in_frame(body.decode(), "text/plain")
    if letter.channel == Letter.Channel.PRINT:
        return in_frame(body.decode(), "text/html")
    if request.GET.get("part") == "text":
        return in_frame(text_of(body), "text/plain")
    return in_frame(html_of(body), "text/html")


def in_frame(content: str, kind: str) -> HttpResponse:
    """``content`` as a page that can do nothing."""
    response = HttpResponse(content, content_type=f"{kind}; charset=utf-8")
    response["Content-Security-Policy"] = ONLY_ITSELF
    return response


@require_safe
@_letter_page
def letter_file(request: StaffRequest, letter: Letter) -> HttpResponse:
    """The letter as a file, exactly as it was sent; ``?as=pdf`` for one to print."""
    if request.GET.get("as") == "pdf":
        try:
            pdf = pdf_of([page_of(letter)]) if letter.pdf is None else bytes(letter.pdf)
            return download(pdf, f"letter-{letter.pk}.pdf", "application/pdf")
        except PdfNotInstalled:
            return refusal(request, str(NO_PDF), title=_("No PDF"), status=501)
    name, kind = {
        Letter.Channel.EMAIL: ("eml", "message/rfc822"),
        Letter.Channel.SMS: ("txt", "text/plain; charset=utf-8"),
        Letter.Channel.PRINT: ("html", "application/octet-stream"),
    }[Letter.Channel(letter.channel)]
    return download(bytes(letter.body), f"letter-{letter.pk}.{name}", kind)


@require_safe
@_letter_page
def letter_xml(request: StaffRequest, letter: Letter) -> HttpResponse:
    """Its data as Alma's ``notification_data``."""
    return download(notification_xml(letter, request.institution), f"letter-{letter.pk}.xml", "application/xml")


def download(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(
        content,
        headers={
            "Content-Type": kind,
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_POST
def letter_action(request: StaffRequest, letter_id: int) -> HttpResponse:
    """POST ``do``: ``again``, ``print`` or ``done``."""
    require(request.actor, Privilege.LETTER_SEND)
    back = next_page(request) or reverse("letters")
    command, said = _ACTIONS.get(request.POST.get("do", ""), (None, ""))
    if command is None:
        return refusal(request, _("Choose what to do with the letter."), title=_("Nothing chosen"), status=422)
    try:
        command(actor=request.actor, at=timezone.now(), letter_id=letter_id)
    except RowNotFound:
        return refusal(request, _("There is no such letter."), title=_("Not found"), status=404)
    except Refused as refused:
        messages.warning(request, REFUSALS[type(refused)])
    else:
        messages.success(request, said)
    return redirect(back)


NO_PDF = gettext_lazy("PDF files need amerce[pdf], which is not installed here. The page to print is offered instead.")
