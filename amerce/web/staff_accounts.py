"""Configuration > Staff Accounts: who can sign in, with which roles, and where these hold (row F2)."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.attempts import locked_until
from amerce.access.can import require_for
from amerce.access.create_account import NAME_LIMIT, create_account
from amerce.access.edit_account import CHANGED, AccountFacts, edit_account
from amerce.access.privileges import Privilege
from amerce.access.queries import get_account, names_by_login, staff_accounts
from amerce.access.roles import roles_of
from amerce.access.second_factor import factors_of
from amerce.access.set_password import set_password, suggested_password
from amerce.web.account_roles import held_roles, words_of_changes
from amerce.web.account_tab import show_tab
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.paging import page_asked
from amerce.web.policy_forms import REQUIRED, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import tell_saved

PER_PAGE = 50
_AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class NewAccountForm(PolicyForm):
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=NAME_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("What they sign in with. It cannot be changed later."),
        widget=forms.TextInput(dict(_AS_TYPED)),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LIMIT,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Temporary password"),
        strip=False,
        error_messages=REQUIRED,
        help_text=gettext_lazy("Tell it to them. At the first sign-in they choose their own."),
        widget=forms.TextInput({**_AS_TYPED, "class": "form-control code"}),
    )


class PasswordForm(PolicyForm):
    password = forms.CharField(
        label=gettext_lazy("Temporary password"),
        strip=False,
        error_messages=REQUIRED,
        help_text=gettext_lazy("Tell it to them. At the next sign-in they choose their own."),
        widget=forms.TextInput({**_AS_TYPED, "class": "form-control code"}),
    )


class AccountForm(PolicyForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LIMIT,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Can sign in"),
        required=False,
        help_text=gettext_lazy("Without the tick they are signed out at once. What they did stays with their name."),
    )


@require_safe
@configuration_page(Privilege.ACCOUNT_EDIT)
def accounts(request: StaffRequest) -> HttpResponse:
    typed, role = request.GET.get("q", "").strip()[:NAME_LIMIT], request.GET.get("role", "")
    found = page_asked(request, staff_accounts(request.actor, typed, role), PER_PAGE)
    roles = roles_of(request.institution.pk)
    rows = [(each, held_roles(each, roles)) for each in found.object_list]
    context = {
        "page": found,
        "rows": rows,
        "names": names_by_login(request.institution.pk, (each.updated_by for each in found.object_list)),
        "typed": typed,
        "chosen_role": role,
        "roles": roles.values(),
    }
    return show(request, "accounts", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ACCOUNT_EDIT)
def new_account(request: StaffRequest) -> HttpResponse:
    require_for(request.actor, Privilege.ACCOUNT_CREATE, EVERYWHERE)
    form = NewAccountForm(request, initial={"password": suggested_password()})
    if form.is_sent():
        try:
            is_made = form.attempt(create_account, must_change_password=True, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("password", error)
        else:
            if is_made:
                messages.success(request, _("Added. Without a role they may do nothing."))
                return redirect("staff-account-roles", form.answer.pk)
    return show(request, "account_new", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ACCOUNT_EDIT)
def account(request: StaffRequest, account_id: int) -> HttpResponse:
    found = get_account(request.actor, account_id)
    stands = AccountFacts.of(found)
    form = AccountForm(request, initial={"name": stands.name, "is_active": stands.is_active}, stands=stands)
    if form.is_sent() and form.attempt(edit_account, account_id=found.pk, facts=AccountFacts(**form.cleaned_data)):
        done = _("Saved: %(name)s.") % {"name": form.cleaned_data["name"]}
        tell_saved(request, done, is_changed=form.answer)
        return redirect("staff-account", found.pk)
    context = {
        "form": form,
        "locked_until": locked_until(found, timezone.now()),
        "has_factors": bool(factors_of(found)),
        "changes": changes_for(request, form, CHANGED, words=words_of_changes(request), row=found.pk),
    }
    return show_tab(request, "account", found, context, status=422 if form.errors else 200)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.ACCOUNT_EDIT)
def password(request: StaffRequest, account_id: int) -> HttpResponse:
    found = get_account(request.actor, account_id)
    form = PasswordForm(request, initial={"password": suggested_password()})
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data["password"]
        try:
            set_password(actor=request.actor, at=timezone.now(), account_id=found.pk, password=typed)
        except ValidationError as error:
            form.add_error("password", error)
        else:
            messages.success(request, _("The temporary password of %(name)s holds now.") % {"name": found.name})
            return redirect("staff-account", found.pk)
    return show(request, "account_password", {"form": form, "account": found}, status=422 if form.errors else 200)
