"""Configuration > Circulation Desks: where people work in each library (row C6)."""

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
from amerce.institutions.models import Desk
from amerce.institutions.queries import desks as all_desks
from amerce.institutions.rows import own_row
from amerce.institutions.save_desk import CHANGED, DeskFacts, save_desk
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.place_form import CodeAndName
from amerce.web.policy_forms import CHOOSE
from amerce.web.request import StaffRequest
from amerce.web.rows import RowsPage, ShownRow, show_rows
from amerce.web.saving import tell_row

_MAY = Privilege.INSTITUTION_CONFIGURE


class DeskForm(CodeAndName):
    library_id = forms.TypedChoiceField(label=gettext_lazy("Library"), coerce=int, error_messages=CHOOSE)
    is_active = forms.BooleanField(
        label=gettext_lazy("Open"),
        required=False,
        help_text=gettext_lazy("Nobody can choose a closed desk as their location. History keeps its name."),
    )
    field_order = ("library_id", "code", "name")

    def __init__(self, request: StaffRequest, facts: DeskFacts | None) -> None:
        super().__init__(request, facts, ("code", "library_id"))
        self.choose_library(request)


@require_safe
@configuration_page(_MAY)
def desks(request: StaffRequest) -> HttpResponse:
    page = RowsPage(
        gettext_lazy("Circulation Desks"),
        gettext_lazy("Where people work: every loan and every payment carries its desk."),
        gettext_lazy("Without a desk people work in a library “not at desk”."),
        _MAY,
        (gettext_lazy("Library"),),
        (reverse("desk-new"), _("Add a circulation desk")),
    )
    rows = [
        ShownRow(
            reverse("desk", args=[each.pk]),
            each.name,
            each.code,
            each.is_active and each.library.is_active,
            each.updated_by,
            each.updated_at,
            [each.library.name],
        )
        for each in all_desks(request.actor.institution_id)
    ]
    return show_rows(request, page, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(_MAY)
def edit_desk(request: StaffRequest, desk_id: int | None = None) -> HttpResponse:
    require_for(request.actor, _MAY, EVERYWHERE)
    desk = own_row(Desk, request.actor, desk_id)
    form = DeskForm(request, DeskFacts.of(desk) if desk else None)
    if form.is_sent() and form.attempt(save_desk, facts=DeskFacts(**form.cleaned_data), desk_id=desk_id):
        name, is_changed = form.cleaned_data["name"], form.answer.is_changed
        tell_row(request, name, is_new=desk_id is None, is_changed=is_changed)
        return redirect("desks")
    context = {
        "form": form,
        "heading": desk.name if desk else _("Add a circulation desk"),
        "back": (reverse("desks"), _("Circulation Desks")),
        "changes": changes_for(request, form, CHANGED, row=desk.pk) if desk else [],
    }
    return show(request, "row", context, status=422 if form.errors else 200)
