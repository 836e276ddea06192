"""Signing in and out."""

from dataclasses import dataclass

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from amerce.access.actors import Actor
from amerce.access.models import Account
from amerce.events.record import record
from amerce.web.forms import AmerceForm
from amerce.web.next_page import next_page
from amerce.web.open_record import COOKIE
from amerce.web.request import StaffRequest


class SignInForm(AmerceForm):
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("home")
    form = SignInForm(request.POST or None)
    going_to = next_page(request)
    if form.is_valid():
        account = authenticate(request, **form.cleaned_data)
        if account is not None:
            return _welcome(request, account, going_to)
        _record_refusal(form.cleaned_data["username"])
        form.add_error(None, _("The user name or the password is not right."))
    _focus(form)
    status = 422 if form.is_bound else 200
    return render(request, "web/sign_in.html", {"form": form, "next": going_to}, status=status)


@require_POST
def sign_out(request: StaffRequest) -> HttpResponse:
    record("session.signed_out", actor=request.actor, at=timezone.now(), data={})
    logout(request)
    response = redirect("sign-in")
    response.delete_cookie(COOKIE)
    return response


def _welcome(request: HttpRequest, account: Account, going_to: str) -> HttpResponse:
    login(request, account)
    at = timezone.now()
    record("session.signed_in", actor=Actor(account.pk, account.institution_id, account.username), at=at, data={})
    query = {"next": going_to} if going_to else {}
    response = redirect("location")
    response["Location"] += f"?{urlencode(query)}" if query else ""
    return response


@dataclass(frozen=True)
class _Stranger:
    """Whoever tried. What was typed is not kept: people type passwords into the wrong field."""

    account_id: int | None = None
    institution_id: int | None = None
    name: str = ""
    library_id: int | None = None
    desk_id: int | None = None


def _record_refusal(username: str) -> None:
    account = Account.objects.filter(username=username.strip().casefold()).first()
    who = _Stranger(account.pk, account.institution_id, account.username) if account else _Stranger()
    record("session.refused", actor=who, at=timezone.now(), data={})


def _focus(form: SignInForm) -> None:
    """The hand goes on where it is needed: to the password when the name is there already."""
    named = form.is_bound and form["username"].value() and not form.has_error("username")
    form.fields["password" if named else "username"].widget.attrs["autofocus"] = True
