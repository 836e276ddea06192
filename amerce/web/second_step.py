"""The second step of signing in: a code or a security key, for who has set one up.

Nobody is signed in until it is done: the session only knows that the password of an account was right.
"""

import json
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from amerce.access.attempts import SignInFailed, SignInLocked, settle_second_factor
from amerce.access.models import Account
from amerce.access.second_factor import KEY, factors_of, take_code
from amerce.web.forms import AmerceForm
from amerce.web.sign_in import client_address, sentence_of

_REFUSED = (ValidationError, ValueError, TypeError, KeyError, AttributeError)
"""What allauth and fido2 raise for what is no answer of a key."""


class CodeForm(AmerceForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("The six digits that your app shows now, or one of your recovery codes."),
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "autofocus": True}
        ),
    )


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    stage = request._login_stage  # type: ignore[attr-defined]
    account: Account = stage.login.user
    by_key = "credential" in request.POST
    form = CodeForm(None if by_key else request.POST or None)
    error = ""
    if by_key or form.is_valid():

        def take() -> Authenticator | None:
            return _by_key(account, request) if by_key else take_code(account, form.cleaned_data["code"])

        try:
            factor = settle_second_factor(
                at=timezone.now(), account=account, address=client_address(request), take=take
            )
        except SignInFailed as refused:
            error = _sentence(refused, by_key=by_key)
        else:
            post_authentication(request, factor)
            response: HttpResponse = stage.exit()
            return response
    has_keys = any(each.type == KEY for each in factors_of(account))
    context = {
        "form": form,
        "error": error,
        "key_options": json.dumps(webauthn.begin_authentication(account)) if has_keys else "",
    }
    return render(request, "web/second_step.html", context, status=422 if error or form.errors else 200)


@login_not_required
@require_POST
def give_up(request: HttpRequest) -> HttpResponse:
    """Back to the first step, perhaps as somebody else."""
    clear_login(request)
    return redirect("sign-in")


def key_answer(request: HttpRequest) -> dict[str, Any]:
    """What a security key answered, from the form. Raises ``ValueError`` for what is none."""
    try:
        answer = json.loads(request.POST.get("credential", ""))
    except RecursionError:
        raise ValueError("nested deeper than any answer of a key") from None
    if not isinstance(answer, dict):
        raise ValueError("not the answer of a key")
    return answer


def _by_key(account: Account, request: HttpRequest) -> Authenticator | None:
    try:
        answer = key_answer(request)
        webauthn.parse_authentication_response(answer)
        return webauthn.complete_authentication(account, answer)
    except _REFUSED:
        return None


def _sentence(refused: SignInFailed, *, by_key: bool) -> str:
    if isinstance(refused, SignInLocked):
        return sentence_of(refused)
    if by_key:
        return _("This security key was not accepted. Try again, or type a code.")
    return _("The code is not right, or it was used before. Wait for the next one.")
