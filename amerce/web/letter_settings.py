"""Configuration > Letter Settings: who sends letters, and by which SMS gateway (row C6).

Why a page of its own beside Institution Settings: they are read with every letter and with no other page.
"""

from dataclasses import asdict
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.actors import EVERYWHERE
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.letters.save_settings import (
    ADDRESS_LIMIT,
    NAME_LIMIT,
    PHONE_LIMIT,
    SETTINGS_CHANGED,
    LetterSettingsFacts,
    save_letter_settings,
    settings_of,
)
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import PolicyForm, SecretField
from amerce.web.request import StaffRequest
from amerce.web.saving import tell_saved

_PLAIN = {"autocomplete": "off"}


def _line(label: Any, help_text: Any, limit: int | None = None) -> forms.CharField:
    """One line that may be empty. Without a ``limit`` what it has to be says how long it is."""
    return forms.CharField(
        label=label, help_text=help_text, max_length=limit, required=False, widget=forms.TextInput(_PLAIN)
    )


class LetterSettingsForm(PolicyForm):
    is_on = forms.BooleanField(
        label=gettext_lazy("Write letters"),
        required=False,
        help_text=gettext_lazy("Without the tick no letter is written. Those that wait are still sent. Default: yes."),
    )
    sender_name = _line(
        gettext_lazy("Sender"),
        gettext_lazy("The name that letters come from. Default: the name of the institution."),
        NAME_LIMIT,
    )
    sender_email = _line(
        gettext_lazy("Sender's e-mail address"),
        gettext_lazy("Bounces go there; the mail server has to be allowed to send for it."),
    )
    reply_to = _line(
        gettext_lazy("Answers go to"),
        gettext_lazy("An e-mail address that somebody reads. Default: the sender's."),
    )
    staff_email = _line(
        gettext_lazy("Reports to staff go to"),
        gettext_lazy("An e-mail address that gets a report of each bursar run. Empty: none is written."),
    )
    phone = _line(gettext_lazy("Phone"), gettext_lazy("At the foot of letters."), PHONE_LIMIT)
    address = forms.CharField(
        label=gettext_lazy("Postal address"),
        max_length=ADDRESS_LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 4, **_PLAIN}),
        help_text=gettext_lazy("At the foot of letters, and above the patron's address on those that are printed."),
    )
    sms_url = _line(
        gettext_lazy("SMS gateway"),
        gettext_lazy("An https address that takes messages as JSON. Empty: none, so no short message is written."),
    )
    sms_token = SecretField(
        label=gettext_lazy("Token of the SMS gateway"),
        max_length=500,
        help_text=gettext_lazy(
            "Kept encrypted and never shown. Empty: the one that is kept stays, but not for another gateway."
        ),
    )
    has_sms_token = forms.BooleanField(
        label=gettext_lazy("A token is kept"),
        required=False,
        help_text=gettext_lazy("Take the tick out to forget it."),
    )

    def __init__(self, request: StaffRequest, facts: LetterSettingsFacts) -> None:
        super().__init__(request, initial=asdict(facts), stands=facts)
        if not facts.has_sms_token:
            self.fields["has_sms_token"].disabled = True


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def letter_settings(request: StaffRequest) -> HttpResponse:
    require_for(request.actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    form = LetterSettingsForm(request, settings_of(request.institution))
    if form.is_sent() and _is_saved(form):
        tell_saved(request, _("Saved. The settings hold from now on."), is_changed=form.answer)
        return redirect("letter-settings")
    context: dict[str, Any] = {"form": form, "changes": changes_for(request, form, SETTINGS_CHANGED)}
    return show(request, "letter_settings", context, status=422 if form.errors else 200)


def _is_saved(form: LetterSettingsForm) -> bool:
    typed = dict(form.cleaned_data)
    token = typed.pop("sms_token")
    return form.attempt(save_letter_settings, facts=LetterSettingsFacts(**typed), sms_token=token or None)
