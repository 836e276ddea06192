"""Configuration > User Groups: what terms of use, blocks and notifications tell people apart by (row C6)."""

from dataclasses import asdict

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.institutions.rows import CODE_LIMIT, own_row
from amerce.patrons.models import UserGroup
from amerce.patrons.queries import user_groups as all_groups
from amerce.patrons.save_user_group import CHANGED, UserGroupFacts, save_user_group
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import REQUIRED, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.rows import RowsPage, ShownRow, show_rows
from amerce.web.saving import tell_row

_MAY = Privilege.PATRON_CONFIGURE


class UserGroupForm(PolicyForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=CODE_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("As other systems name it. It cannot be changed later."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    label = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    is_proxy = forms.BooleanField(
        label=gettext_lazy("Of people who borrow for somebody else"),
        required=False,
        help_text=gettext_lazy("Only who is in such a group can be a proxy."),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("In use"),
        required=False,
        help_text=gettext_lazy("Otherwise nobody is given it by hand any more. Who has it keeps it."),
    )

    def __init__(self, request: StaffRequest, facts: UserGroupFacts | None) -> None:
        super().__init__(request, initial=asdict(facts) if facts else {"is_active": True}, stands=facts)
        self.fields["code"].disabled = facts is not None


@require_safe
@configuration_page(_MAY)
def user_groups(request: StaffRequest) -> HttpResponse:
    page = RowsPage(
        gettext_lazy("User Groups"),
        gettext_lazy("Terms of use, balance blocks and notifications tell people apart by their group."),
        gettext_lazy("All people are treated alike until you add one."),
        _MAY,
        (gettext_lazy("Kind"),),
        (reverse("user-group-new"), _("Add a user group")),
    )
    default = request.institution.default_user_group_id
    rows = [
        ShownRow(
            reverse("user-group", args=[each.pk]),
            each.label,
            each.code,
            each.is_active,
            each.updated_by,
            each.updated_at,
            [" · ".join(_kind(each, default)) or "–"],
        )
        for each in all_groups(request.actor.institution_id)
    ]
    return show_rows(request, page, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(_MAY)
def edit_user_group(request: StaffRequest, group_id: int | None = None) -> HttpResponse:
    require_for(request.actor, _MAY, EVERYWHERE)
    group = own_row(UserGroup, request.actor, group_id)
    form = UserGroupForm(request, UserGroupFacts.of(group) if group else None)
    if form.is_sent() and form.attempt(save_user_group, facts=UserGroupFacts(**form.cleaned_data), group_id=group_id):
        name, is_changed = form.cleaned_data["label"], form.answer.is_changed
        tell_row(request, name, is_new=group_id is None, is_changed=is_changed)
        return redirect("user-groups")
    context = {
        "form": form,
        "heading": group.label if group else _("Add a user group"),
        "back": (reverse("user-groups"), _("User Groups")),
        "changes": changes_for(request, form, CHANGED, row=group.pk) if group else [],
    }
    return show(request, "row", context, status=422 if form.errors else 200)


def _kind(group: UserGroup, default_id: int | None) -> list[str]:
    kinds = [_("default")] if group.pk == default_id else []
    return [*kinds, _("proxies")] if group.is_proxy else kinds
