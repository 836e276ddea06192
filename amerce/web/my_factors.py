"""My Sign-In > the second factor: an authenticator app, security keys, recovery codes."""

import base64
import json

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from amerce.access.second_factor import (
    KEYS_LIMIT,
    NAME_LIMIT,
    CodeWrong,
    FactorNeeded,
    TooManyKeys,
    add_key,
    make_recovery_codes,
    new_secret,
    remove_factor,
    set_up_app,
)
from amerce.inputs.errors import Refused, RowNotFound
from amerce.web.forms import AmerceForm
from amerce.web.my_sign_in import duty_done, signed_in_lately
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest
from amerce.web.second_step import key_answer
from amerce.web.sign_in_adapter import SECOND_FACTOR

_APP_KEY = "second_factor_app"
"""The key in the session of the secret of an app that is being set up."""
_NO_KEY = (ValidationError, ValueError, TypeError, KeyError, AttributeError)


class AppForm(AmerceForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("The six digits that the app shows now."),
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "autofocus": True}
        ),
    )


class KeyForm(AmerceForm):
    name = forms.CharField(
        label=gettext_lazy("Name of the key"),
        max_length=NAME_LIMIT,
        help_text=gettext_lazy("So that you know it again, such as “blue key” or “this computer”."),
    )


@never_cache
@sensitive_variables("secret")
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_lately
def my_app(request: StaffRequest) -> HttpResponse:
    secret = request.session.setdefault(_APP_KEY, new_secret())
    form = AppForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            codes = set_up_app(actor=request.actor, at=timezone.now(), secret=secret, code=form.cleaned_data["code"])
        except CodeWrong:
            form.add_error(
                "code", _("The code is not the one that the app shows now. Is the clock of the telephone right?")
            )
        else:
            del request.session[_APP_KEY]
            return _added(request, codes, _("The app is set up. From now on you are asked for its code."))
    adapter = get_adapter()
    url = adapter.build_totp_url(request.user, secret)
    picture = base64.b64encode(adapter.build_totp_svg(url).encode()).decode()
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {"form": form, "picture": f"data:image/svg+xml;base64,{picture}", "secret": groups}
    return render(request, "web/my_sign_in/app.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_lately
def my_new_key(request: StaffRequest) -> HttpResponse:
    form = KeyForm(request.POST or None)
    error = ""
    if form.is_bound and form.is_valid():
        try:
            answer = key_answer(request)
            webauthn.parse_registration_response(answer)
            webauthn.complete_registration(answer)
            codes = add_key(actor=request.actor, at=timezone.now(), name=form.cleaned_data["name"], credential=answer)
        except TooManyKeys:
            error = _("There are %(limit)s keys already. Remove one first.") % {"limit": KEYS_LIMIT}
        except Refused as refused:
            _field, error = policy_refusal(refused, request.institution)
        except _NO_KEY:
            error = _("The key was not added. Try again, and touch it when it blinks.")
        else:
            return _added(request, codes, _("The key is added. From now on you are asked for it."))
    options = json.dumps(webauthn.begin_registration(request.user, False))
    context = {"form": form, "error": error, "key_options": options}
    return render(request, "web/my_sign_in/key.html", context, status=422 if error or form.errors else 200)


@require_POST
@signed_in_lately
def remove_my_factor(request: StaffRequest, factor_id: int) -> HttpResponse:
    try:
        remove_factor(actor=request.actor, at=timezone.now(), factor_id=factor_id)
    except FactorNeeded:
        messages.warning(
            request, _("One of your roles demands a second factor. Add another before you remove this one.")
        )
    except RowNotFound:
        messages.info(request, _("It had been removed before."))
    else:
        messages.success(request, _("Removed."))
    return redirect("my-sign-in")


@never_cache
@require_POST
@signed_in_lately
def my_recovery_codes(request: StaffRequest) -> HttpResponse:
    try:
        codes = make_recovery_codes(actor=request.actor, at=timezone.now())
    except RowNotFound:
        messages.info(request, _("Set up an app or a key first. Recovery codes stand in for it."))
        return redirect("my-sign-in")
    return _show_codes(request, codes)


def _added(request: StaffRequest, codes: list[str], sentence: str) -> HttpResponse:
    duty_done(request, SECOND_FACTOR)
    messages.success(request, sentence)
    return _show_codes(request, codes) if codes else redirect("my-sign-in")


def _show_codes(request: StaffRequest, codes: list[str]) -> HttpResponse:
    """They are shown in answer to what made them, and never again."""
    return render(request, "web/my_sign_in/codes.html", {"codes": codes})
