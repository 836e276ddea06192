"""Configuration > Letters: which are written, and their words, with a live preview on a real patron (row C6)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from babel import Locale
from csp.decorators import csp_update
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.inputs.errors import Refused, RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.letters.check_words import SUBJECT_LIMIT, check_words
from amerce.letters.configure import (
    WORDS_CHANGED,
    restore_words,
    save_words,
    switch_kind,
    words_of,
)
from amerce.letters.defaults import Words, built_in
from amerce.letters.house import House, house_of
from amerce.letters.kinds import KINDS, LetterKind
from amerce.letters.language import FILTER_NAMES, SOURCE_LIMIT, TAG_NAMES
from amerce.letters.models import Letter, LetterSwitch, LetterTemplate
from amerce.letters.press import NewLetter
from amerce.letters.recipients import is_email, recipients
from amerce.letters.render import render
from amerce.letters.samples import sample
from amerce.letters.write import write_letters
from amerce.patrons.queries import find_by_identifier
from amerce.web.change_history import changes_for, differences
from amerce.web.configuration import configuration_page, show
from amerce.web.letters import in_frame
from amerce.web.policy_forms import PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_saved

_AREA = {"autocomplete": "off", "spellcheck": "false", "class": "form-control", "rows": 12}
_ADDRESS_LIMIT = 254
_SHORT = {**_AREA, "rows": 2, "class": "form-control letter-short"}


class LetterWordsForm(PolicyForm):
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=SUBJECT_LIMIT,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    html = forms.CharField(
        label=gettext_lazy("HTML"),
        required=False,
        max_length=SOURCE_LIMIT,
        widget=forms.Textarea(_AREA),
        help_text=gettext_lazy("For e-mail and print. The name and address of the institution stand around it."),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        max_length=SOURCE_LIMIT,
        widget=forms.Textarea(_AREA),
        help_text=gettext_lazy("For mail programs that show no HTML."),
    )
    sms = forms.CharField(
        label=gettext_lazy("SMS"), required=False, max_length=SOURCE_LIMIT, widget=forms.Textarea(_SHORT)
    )

    def words(self) -> Words:
        return Words(**{part: text.replace("\r\n", "\n") for part, text in self.cleaned_data.items()})

    def is_letter(self, house: House, kind: str, language: str) -> bool:
        """Whether a letter can be made of what was typed; if not, Save's own sentences stand at the fields."""
        if self.is_sent():
            try:
                check_words(house, kind, language, self.words())
            except Refused as refused:
                self.refuse(refused)
        return not self.errors


@dataclass(frozen=True)
class _Which:
    kind: LetterKind
    language: str

    @classmethod
    def of(cls, kind: str, language: str) -> "_Which":
        """Raises ``RowNotFound`` for a letter that there is not."""
        if kind not in LetterKind.values or not (language.isascii() and language.isalpha() and len(language) == 2):  # noqa: PLR2004
            raise RowNotFound(kind)
        return cls(LetterKind(kind), language.lower())

    @property
    def args(self) -> list[str]:
        return [self.kind.value, self.language]


@require_safe
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_kinds(request: StaffRequest) -> HttpResponse:
    house = house_of(request.institution.pk)
    own: dict[str, list[LetterTemplate]] = {}
    for each in LetterTemplate.objects.filter(institution=request.institution).order_by("language"):
        own.setdefault(each.kind, []).append(each)
    switches = {each.kind: each for each in LetterSwitch.objects.filter(institution=request.institution)}
    rows = [_row(house, kind, own.get(kind, []), switches.get(kind)) for kind in LetterKind]
    names = names_by_login(request.institution.pk, (each["by"] for each in rows if each["by"]))
    return show(request, "letters", {"rows": rows, "names": names, "is_on": house.settings.is_on})


def _row(house: House, kind: LetterKind, own: list[LetterTemplate], switch: LetterSwitch | None) -> dict[str, Any]:
    changes = [(each.updated_at, each.updated_by) for each in own]
    if switch is not None:
        changes.append((switch.updated_at, switch.updated_by))
    changed = [(at, by) for at, by in changes if at is not None]
    at, by = max(changed) if changed else (None, "")
    return {
        "kind": kind,
        "when": KINDS[kind].when,
        "is_staff": KINDS[kind].is_staff,
        "is_on": house.switches.get(kind, KINDS[kind].starts_on),
        "language": house.language,
        "own": own,
        "at": at,
        "by": by,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"frame-src": ["'self'"]})
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_words(request: StaffRequest, letter: str, language: str) -> HttpResponse:
    which = _Which.of(letter, language)
    house = house_of(request.institution.pk)
    stands, is_own = words_of(house, which.kind, which.language)
    form = LetterWordsForm(request, initial=stands.as_dict(), stands=stands)
    if form.is_sent() and form.attempt(save_words, kind=which.kind, language=which.language, words=form.words()):
        tell_saved(request, _("Saved. Letters are written so from now on."), is_changed=form.answer)
        return redirect("letter-words", *which.args)
    return _page(request, which, house, form, is_own=is_own, status=422 if form.errors else 200)


def _page(
    request: StaffRequest, which: _Which, house: House, form: LetterWordsForm, *, is_own: bool, status: int, **more: str
) -> HttpResponse:
    context = {
        "form": form,
        "which": which,
        "when": KINDS[which.kind].when,
        "is_own": is_own,
        "is_staff": KINDS[which.kind].is_staff,
        "languages": _languages(request, which.language),
        "names": sorted(_names(sample(which.kind))),
        "tags": ", ".join(TAG_NAMES),
        "filters": ", ".join(FILTER_NAMES),
        "changes": changes_for(request, form, WORDS_CHANGED, kind=which.kind.value, language=which.language),
        **more,
    }
    return show(request, "letter_words", context, status=status)


@require_POST
@xframe_options_sameorigin
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_preview(request: StaffRequest, letter: str, language: str) -> HttpResponse:
    """The words that were typed as a letter to ``patron``, or to nobody real; ``part`` says which of it."""
    which = _Which.of(letter, language)
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


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_restore(request: StaffRequest, letter: str, language: str) -> HttpResponse:
    which = _Which.of(letter, language)
    stands, _is_own = words_of(house_of(request.institution.pk), which.kind, which.language)
    error = confirmed(
        request,
        restore_words,
        _("The built-in words hold again."),
        kind=which.kind,
        language=which.language,
        expected_stamp=stamp_sent(request),
    )
    if error is None:
        return redirect("letter-words", *which.args)
    form = LetterWordsForm(request)
    shown = differences(form, stands.as_dict(), built_in(which.kind).as_dict(), request.institution)
    context = {"which": which, "error": error, "stamp": stamp_of(stands), "differences": shown}
    return show(request, "letter_restore", context, status=422 if error else 200)


@require_POST
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_switch(request: StaffRequest, letter: str) -> HttpResponse:
    """POST ``on`` turns the kind on, without it off."""
    which = _Which.of(letter, "en")
    is_on = "on" in request.POST
    is_new = switch_kind(actor=request.actor, at=timezone.now(), kind=which.kind, is_on=is_on)
    words = _("%(letter)s is written from now on.") if is_on else _("%(letter)s is not written any more.")
    tell_saved(request, words % {"letter": which.kind.label}, is_changed=is_new)
    return redirect("letter-kinds")


@require_POST
@csp_update({"frame-src": ["'self'"]})
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_test(request: StaffRequest, letter: str, language: str) -> HttpResponse:
    """POST ``to`` and the words as typed: a letter of the kind by them, to that address, with made-up facts.

    It answers the page with all that was typed, for nothing of it is saved.
    """
    require_for(request.actor, Privilege.LETTER_CONFIGURE, EVERYWHERE)
    which = _Which.of(letter, language)
    house = house_of(request.institution.pk)
    stands, is_own = words_of(house, which.kind, which.language)
    form = LetterWordsForm(request, initial=stands.as_dict(), stands=stands)
    to = request.POST.get("to", "").strip()[:_ADDRESS_LIMIT]
    is_letter = form.is_letter(house, which.kind, which.language)
    to_error = "" if to.isascii() and is_email(to) else _("Write one e-mail address to which the test goes.")
    if is_letter and not to_error:
        _send_test(request, which, form.words(), to)
    status = 200 if is_letter and not to_error else 422
    return _page(request, which, house, form, is_own=is_own, status=status, to=to, to_error=to_error)


def _send_test(request: StaffRequest, which: _Which, words: Words, to: str) -> None:
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


def _languages(request: StaffRequest, chosen: str) -> list[tuple[str, str]]:
    """The languages that patrons may prefer, with the institution's and the one that is shown."""
    locale = request.institution.locale
    codes = active_codes(request.institution.pk, CodeEntry.Table.LANGUAGE).values_list("code", flat=True)
    known = {each.lower()[:2] for each in codes} | {chosen, locale.partition("_")[0], "en"}
    names = Locale.parse(locale).languages
    return sorted((each, str(names.get(each, each))) for each in known)


def _names(facts: dict[str, Any], above: str = "") -> set[str]:
    """What a template may name, from the example: ``patron.name``, ``fees: title``."""
    found = set()
    for name, value in facts.items():
        path = f"{above}{name}"
        if isinstance(value, dict):
            found |= _names(value, f"{path}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found.add(path)
            found |= {f"{path} › {each}" for each in value[0] if not isinstance(value[0][each], list)}
        else:
            found.add(path)
    return found
