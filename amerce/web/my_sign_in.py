"""My Sign-In: one's own password, second factor, and where one is signed in."""

import functools
import time
from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amerce.access.attempts import SignInFailed, settle_sign_in
from amerce.access.change_password import PasswordSame, PasswordWrong, change_password
from amerce.access.second_factor import APP, CODES, KEY, factors_of
from amerce.access.sessions import end_session, end_sessions, sessions_of
from amerce.access.sign_in_settings import needs_second_factor
from amerce.inputs.errors import RowNotFound
from amerce.web.forms import AmerceForm
from amerce.web.next_page import next_page
from amerce.web.open_record import COOKIE
from amerce.web.request import StaffRequest
from amerce.web.sign_in import client_address, sentence_of
from amerce.web.sign_in_adapter import MUST, PASSWORD

RECENT_S = 600
"""For how long after signing in one's second factor may be changed without the password being asked again."""


class AgainForm(AmerceForm):
    current = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )


class PasswordForm(AgainForm):
    password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        help_text=gettext_lazy(
            "At least ten characters, not one that many people use, not digits alone, and not like your name."
        ),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("New password, again"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if {"password", "again"} <= typed.keys() and typed["password"] != typed["again"]:
            self.add_error("again", _("The two new passwords are not the same."))
        return typed


def signed_in_lately(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that asks for the password first unless it was shown within ``RECENT_S``."""

    @functools.wraps(view)
    def page(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        shown = [each["at"] for each in get_authentication_records(request, request.user)]
        if shown and time.time() - max(shown) < RECENT_S:
            return view(request, *args, **kwargs)
        going_to = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("my-sign-in")
        return redirect(f"{reverse('sign-in-again')}?{urlencode({'next': going_to})}")

    return page


@require_safe
def my_sign_in(request: StaffRequest) -> HttpResponse:
    factors = factors_of(request.user)
    context = {
        "has_password": request.user.has_usable_password(),
        "app": next((each for each in factors if each.type == APP), None),
        "keys": [each for each in factors if each.type == KEY],
        "codes_left": next((len(each.wrap().get_unused_codes()) for each in factors if each.type == CODES), None),
        "is_needed": needs_second_factor(request.user),
        "must": request.session.get(MUST, []),
        "sessions": sessions_of(request.actor, timezone.now()),
        "this_session": request.session.session_key,
    }
    return render(request, "web/my_sign_in/page.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def my_password(request: StaffRequest) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    if form.is_bound and form.is_valid() and _change(request, form):
        messages.success(
            request, _("Your password is changed. Wherever else you were signed in, you are not any more.")
        )
        return redirect(_next_duty(request))
    context = {"form": form, "must": PASSWORD in request.session.get(MUST, [])}
    return render(request, "web/my_sign_in/password.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_again(request: StaffRequest) -> HttpResponse:
    going_to = next_page(request) or reverse("my-sign-in")
    form = AgainForm(request.POST or None)
    if form.is_bound and form.is_valid() and _shows_password(request, form):
        record_authentication(request, request.user, method="password", reauthenticated=True)
        return redirect(going_to)
    context = {"form": form, "next": going_to, "has_password": request.user.has_usable_password()}
    return render(request, "web/my_sign_in/again.html", context, status=422 if form.errors else 200)


@require_POST
def end_my_session(request: StaffRequest, session_id: int) -> HttpResponse:
    try:
        key = end_session(actor=request.actor, at=timezone.now(), session_id=session_id)
    except RowNotFound:
        messages.info(request, _("That sign-in had ended before."))
        return redirect("my-sign-in")
    if key == request.session.session_key:
        return _leave(request)
    messages.success(request, _("Signed out there."))
    return redirect("my-sign-in")


@require_POST
def end_my_other_sessions(request: StaffRequest) -> HttpResponse:
    ended = end_sessions(actor=request.actor, at=timezone.now(), but=request.session.session_key or "")
    sentence = ngettext("Signed out in %(count)s other place.", "Signed out in %(count)s other places.", ended)
    messages.success(request, sentence % {"count": ended} if ended else _("You are signed in nowhere else."))
    return redirect("my-sign-in")


@require_POST
def sign_out_everywhere(request: StaffRequest) -> HttpResponse:
    end_sessions(actor=request.actor, at=timezone.now())
    return _leave(request)


def duty_done(request: StaffRequest, duty: str) -> None:
    """Take what was done off the list of what must be done."""
    must = request.session.get(MUST, [])
    if duty in must:
        request.session[MUST] = [each for each in must if each != duty]


def _leave(request: StaffRequest) -> HttpResponse:
    logout(request)
    response = redirect("sign-in")
    response.delete_cookie(COOKIE)
    return response


def _next_duty(request: StaffRequest) -> str:
    return reverse("my-sign-in") if request.place or request.session.get(MUST) else reverse("location")


def _shows_password(request: StaffRequest, form: AgainForm) -> bool:
    """Whether the password is that of the account; each failure counts as one of signing in."""
    account = request.user
    is_right = account.check_password(form.cleaned_data["current"])
    address = client_address(request)
    try:
        settle_sign_in(
            at=timezone.now(), username=account.username, address=address, account=account if is_right else None
        )
    except SignInFailed as refused:
        form.add_error(
            "current", _("This is not your password.") if type(refused) is SignInFailed else sentence_of(refused)
        )
        return False
    return True


def _change(request: StaffRequest, form: PasswordForm) -> bool:
    if not _shows_password(request, form):
        return False
    typed = form.cleaned_data
    try:
        account = change_password(
            actor=request.actor, at=timezone.now(), current=typed["current"], password=typed["password"]
        )
    except PasswordSame:
        form.add_error("password", _("This is the password you have. Choose another."))
    except PasswordWrong:
        form.add_error("current", _("This is not your password."))
    except ValidationError as error:
        form.add_error("password", error)
    else:
        _go_on_as(request, account)
        return True
    return False


def _go_on_as(request: StaffRequest, account: Any) -> None:
    """This session goes on with a new key; the others have ended with the old password."""
    before = request.session.session_key
    end_sessions(actor=request.actor, at=timezone.now(), but=before or "")
    update_session_auth_hash(request, account)
    request.session.save()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
    duty_done(request, PASSWORD)
