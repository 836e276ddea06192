"""Configuration > Letters > one of them: its words in one language, and back to the built-in ones (row C6)."""

from dataclasses import dataclass
from typing import Any

from babel import Locale
from csp.decorators import csp_update
from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.privileges import Privilege
from amerce.inputs.errors import Refused, RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.letters.check_words import SUBJECT_LIMIT, check_words
from amerce.letters.configure import WORDS_CHANGED, restore_words, save_words, words_of
from amerce.letters.defaults import BUILT_IN_LANGUAGES, Words, built_in
from amerce.letters.house import House, house_of
from amerce.letters.kinds import KINDS, LetterKind
from amerce.letters.language import FILTER_NAMES, SOURCE_LIMIT, TAG_NAMES
from amerce.letters.samples import sample
from amerce.web.change_history import changes_for, differences
from amerce.web.configuration import configuration_page, show
from amerce.web.letter_kinds import offered_kind
from amerce.web.policy_forms import PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_saved

_AREA = {"autocomplete": "off", "spellcheck": "false", "class": "form-control"}


def _area(label: Any, help_text: Any = "", **attributes: Any) -> forms.CharField:
    widget = forms.Textarea({**_AREA, "rows": 12, **attributes})
    return forms.CharField(label=label, help_text=help_text, max_length=SOURCE_LIMIT, required=False, widget=widget)


class LetterWordsForm(PolicyForm):
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=SUBJECT_LIMIT,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    html = _area(
        gettext_lazy("HTML"),
        gettext_lazy("For e-mail and print. The name and address of the institution stand around it."),
    )
    text = _area(gettext_lazy("Text"), gettext_lazy("For mail programs that show no HTML."))
    sms = _area(gettext_lazy("SMS"), rows=2, **{"class": "form-control letter-short"})

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
class Which:
    """A letter in one language."""

    kind: LetterKind
    language: str

    @classmethod
    def of(cls, kind: str, language: str) -> "Which":
        """Raises ``RowNotFound`` for a letter that there is not."""
        if not (language.isascii() and language.isalpha() and len(language) == 2):  # noqa: PLR2004
            raise RowNotFound(kind)
        return cls(offered_kind(kind), language.lower())

    @property
    def args(self) -> list[str]:
        return [self.kind.value, self.language]


@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"frame-src": ["'self'"]})
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_words(request: StaffRequest, letter: str, language: str) -> HttpResponse:
    which = Which.of(letter, language)
    house = house_of(request.institution.pk)
    stands, _is_own = words_of(house, which.kind, which.language)
    form = LetterWordsForm(request, initial=stands.as_dict(), stands=stands)
    if form.is_sent() and form.attempt(save_words, kind=which.kind, language=which.language, words=form.words()):
        tell_saved(request, _("Saved. Letters are written so from now on."), is_changed=form.answer)
        return redirect("letter-words", *which.args)
    return words_page(request, which, house, form, status=422 if form.errors else 200)


def words_page(
    request: StaffRequest, which: Which, house: House, form: LetterWordsForm, *, status: int, **more: str
) -> HttpResponse:
    context = {
        "form": form,
        "which": which,
        "when": KINDS[which.kind].when,
        "is_own": (which.kind, which.language) in house.own_words,
        "has_built_in": which.language in BUILT_IN_LANGUAGES,
        "is_staff": KINDS[which.kind].is_staff,
        "languages": _languages(request, house, which),
        "names": sorted(_names(sample(which.kind))),
        "tags": ", ".join(TAG_NAMES),
        "filters": ", ".join(FILTER_NAMES),
        "changes": changes_for(request, form, WORDS_CHANGED, kind=which.kind.value, language=which.language),
        **more,
    }
    return show(request, "letter_words", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.LETTER_CONFIGURE)
def letter_restore(request: StaffRequest, letter: str, language: str) -> HttpResponse:
    which = Which.of(letter, language)
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
    default = built_in(which.kind, which.language)
    shown = differences(form, stands.as_dict(), default.as_dict(), request.institution)
    context = {"which": which, "error": error, "stamp": stamp_of(stands), "differences": shown}
    return show(request, "letter_restore", context, status=422 if error else 200)


@dataclass(frozen=True)
class Language:
    """One in which the letter can have words. ``words`` says which it has."""

    code: str
    name: str
    words: str


def _languages(request: StaffRequest, house: House, which: Which) -> list[Language]:
    """The languages that patrons may prefer, with the institution's and the one that is shown."""
    locale = request.institution.locale
    codes = active_codes(request.institution.pk, CodeEntry.Table.LANGUAGE).values_list("code", flat=True)
    known = {each.lower()[:2] for each in codes} | {which.language, house.language, *BUILT_IN_LANGUAGES}
    names = Locale.parse(locale).languages
    return sorted(
        (Language(each, str(names.get(each, each)), _kind_of_words(house, which.kind, each)) for each in known),
        key=lambda each: each.name,
    )


def _kind_of_words(house: House, kind: LetterKind, language: str) -> str:
    if (kind, language) in house.own_words:
        return _("own")
    return _("built-in") if language in BUILT_IN_LANGUAGES else _("none")


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
