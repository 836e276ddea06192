"""Trying words before they are saved: the live preview, on a real patron, and a test to an address (row C6).

Why by the checks of Save: what is shown here can be saved, and what is refused is refused in the same sentence.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from csp.decorators import csp_update
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from amerce.access.actors import EVERYWHERE
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.inputs.errors import Refused
from amerce.letters.configure import words_of
from amerce.letters.defaults import Words
from amerce.letters.house import house_of
from amerce.letters.models import Letter
from amerce.letters.press import NewLetter
from amerce.letters.recipients import is_email, recipients
from amerce.letters.render import render
from amerce.letters.samples import sample
from amerce.letters.write import write_letters
from amerce.patrons.queries import find_by_identifier
from amerce.web.configuration import configuration_page
from amerce.web.letter_words import LetterWordsForm, Which, words_page
from amerce.web.letters import in_frame
from amerce.web.request import StaffRequest

_ADDRESS_LIMIT = 254


@require_POST
@xframe_options_sameorigin
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_preview(request: StaffRequest, letter: str, language: str) -> HttpResponse:
    """The words that were typed as a letter to ``patron``, or to nobody real; ``part`` says which of it."""
    which = Which.of(letter, language)
    house = house_of(request.institution.pk)
    form = LetterWordsForm(request)
    if not form.is_letter(house, which.kind, which.language):
        wrong = [(form.fields[name].label, " ".join(map(str, said))) for name, said in form.errors.items()]
        return in_frame("<!DOCTYPE html>" + format_html_join("", "<p>{}: {}</p>", wrong), "text/html")
    part = request.POST.get("part", "html")
    channel = {"sms": Letter.Channel.SMS, "print": Letter.Channel.PRINT}.get(part, Letter.Channel.EMAIL)
    facts = {**house.facts(timezone.now()), **sample(which.kind), "language": which.language}
    patron = request.POST.get("patron", "").strip()[:100]
    if patron:
        found = find_by_identifier(request.actor, patron)
        if not found:
            return _said(_("No patron has the id %(typed)s.") % {"typed": patron})
        facts |= _addressed(request, found[0].pk, timezone.now())
    try:
        made = render(form.words(), house.dress(which.language), facts, channel)
    except Exception as error:
        return _said(_("This cannot become a letter: %(reason)s") % {"reason": str(error) or type(error).__name__})
    if part in ("text", "sms"):
        return in_frame(f"{made.subject}\n\n{made.text}" if part == "text" else made.text, "text/plain")
    return in_frame(made.html, "text/html")


def _said(sentence: str) -> HttpResponse:
    return in_frame(format_html("<!DOCTYPE html><p>{}</p>", sentence), "text/html")


def _addressed(request: StaffRequest, patron_id: int, now: datetime) -> dict[str, Any]:
    day = now.astimezone(request.institution.zone).date()
    return {"patron": recipients(request.institution.pk, [patron_id], day)[patron_id].facts}


@require_POST
@csp_update({"frame-src": ["'self'"]})
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_test(request: StaffRequest, letter: str, language: str) -> HttpResponse:
    """POST ``to`` and the words as typed: a letter of the kind by them, to that address, with made-up facts.

    It answers the page with all that was typed, for nothing of it is saved.
    """
    require_for(request.actor, Privilege.LETTER_CONFIGURE, EVERYWHERE)
    which = Which.of(letter, language)
    house = house_of(request.institution.pk)
    stands, _is_own = words_of(house, which.kind, which.language)
    form = LetterWordsForm(request, initial=stands.as_dict(), stands=stands)
    to = request.POST.get("to", "").strip()[:_ADDRESS_LIMIT]
    is_letter = form.is_letter(house, which.kind, which.language)
    to_error = "" if to.isascii() and is_email(to) else _("Write one e-mail address to which the test goes.")
    if is_letter and not to_error:
        _send_test(request, which, form.words(), to)
    status = 200 if is_letter and not to_error else 422
    return words_page(request, which, house, form, status=status, to=to, to_error=to_error)


def _send_test(request: StaffRequest, which: Which, words: Words, to: str) -> None:
    """Write it, and say whether."""
    test = NewLetter(
        kind=which.kind,
        patron_id=None,
        channels=(Letter.Channel.EMAIL,),
        data=sample(which.kind),
        key=f"test:{uuid4().hex}",
        to=to,
        language=which.language,
        words=words,
    )
    try:
        with transaction.atomic():
            written = write_letters(actor=request.actor, at=timezone.now(), letters=[test])
    except Refused:
        written = []
    if written:
        messages.success(request, _("A test goes to %(address)s. The words are not saved by that.") % {"address": to})
    else:
        messages.warning(request, _("Letters of this kind are turned off. Nothing was sent."))
