"""Configuration > Libraries: the places that own what is lent and what is owed (row C6)."""

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
from amerce.institutions.models import Library
from amerce.institutions.queries import libraries as all_libraries
from amerce.institutions.rows import own_row
from amerce.institutions.save_library import CHANGED, LibraryFacts, save_library
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.place_form import CodeAndName
from amerce.web.request import StaffRequest
from amerce.web.rows import RowsPage, ShownRow, show_rows
from amerce.web.saving import tell_row

_MAY = Privilege.INSTITUTION_CONFIGURE


class LibraryForm(CodeAndName):
    is_active = forms.BooleanField(
        label=gettext_lazy("Open"),
        required=False,
        help_text=gettext_lazy(
            "A closed library is no location, no owner of new charges and no place to pick up. What it has stays."
        ),
    )


@require_safe
@configuration_page(_MAY)
def libraries(request: StaffRequest) -> HttpResponse:
    page = RowsPage(
        gettext_lazy("Libraries"),
        gettext_lazy("Each has its desks, its calendar and what it is owed."),
        gettext_lazy("Somebody can work at a desk once there is a library."),
        _MAY,
        add=(reverse("library-new"), _("Add a library")),
    )
    rows = [
        ShownRow(
            reverse("library", args=[each.pk]),
            each.name,
            each.code,
            each.is_active,
            each.updated_by,
            each.updated_at,
        )
        for each in all_libraries(request.actor.institution_id)
    ]
    return show_rows(request, page, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(_MAY)
def edit_library(request: StaffRequest, library_id: int | None = None) -> HttpResponse:
    require_for(request.actor, _MAY, EVERYWHERE)
    library = own_row(Library, request.actor, library_id)
    form = LibraryForm(request, LibraryFacts.of(library) if library else None)
    if form.is_sent() and form.attempt(save_library, facts=LibraryFacts(**form.cleaned_data), library_id=library_id):
        name, is_changed = form.cleaned_data["name"], form.answer.is_changed
        tell_row(request, name, is_new=library_id is None, is_changed=is_changed)
        return redirect("libraries")
    context = {
        "form": form,
        "heading": library.name if library else _("Add a library"),
        "back": (reverse("libraries"), _("Libraries")),
        "changes": changes_for(request, form, CHANGED, row=library.pk) if library else [],
    }
    return show(request, "row", context, status=422 if form.errors else 200)
