"""Signing in and out."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib.auth import authenticate, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from amerce.access.attempts import LOCKED, SignInFailed, SignInLocked, settle_sign_in
from amerce.access.models import Account
from amerce.access.providers import active_providers
from amerce.events.record import record
from amerce.web.forms import AmerceForm
from amerce.web.next_page import next_page
from amerce.web.open_record import COOKIE
from amerce.web.request import StaffRequest


class SignInForm(AmerceForm):
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
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
        try:
            account = _account_of(request, **form.cleaned_data)
        except SignInFailed as refused:
            form.add_error(None, sentence_of(refused))
        else:
            login = Login(account, redirect_url=page_after_sign_in(going_to))
            response: HttpResponse = perform_password_login(request, {}, login)
            return response
    _focus(form)
    status = 422 if form.is_bound else 200
    return render(
        request, "web/sign_in.html", {"form": form, "next": going_to, "providers": active_providers()}, status=status
    )


@require_POST
def sign_out(request: StaffRequest) -> HttpResponse:
    record("session.signed_out", actor=request.actor, at=timezone.now(), data={})
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)
    response = redirect("sign-in")
    response.delete_cookie(COOKIE)
    return response


def page_after_sign_in(going_to: str) -> str:
    """Where one works is asked next, and then on to ``going_to``."""
    return f"{reverse('location')}?{urlencode({'next': going_to})}" if going_to else reverse("location")


def client_address(request: HttpRequest) -> str:
    """The address of the browser, past as many proxies as AMERCE_PROXIES says."""
    return str(get_adapter().get_client_ip(request))


def sentence_of(refused: SignInFailed) -> str:
    """The same for a name that is there and for one that is not."""
    if isinstance(refused, SignInLocked):
        minutes = int(LOCKED.total_seconds() // 60)
        return _("Too many attempts failed. Wait %(minutes)s minutes, or ask an administrator.") % {"minutes": minutes}
    return _("The user name or the password is not right.")


def _account_of(request: HttpRequest, username: str, password: str) -> Account:
    account = authenticate(request, username=username, password=password)
    found = account if isinstance(account, Account) else None
    return settle_sign_in(at=timezone.now(), username=username, address=client_address(request), account=found)


def _focus(form: SignInForm) -> None:
    """The hand goes on where it is needed: to the password when the name is there already."""
    named = form.is_bound and form["username"].value() and not form.has_error("username")
    form.fields["password" if named else "username"].widget.attrs["autofocus"] = True
