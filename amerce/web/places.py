"""Configuration > Libraries, Circulation Desks, Printers: where people work and letters are printed (row C6)."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.institutions.models import Desk, Library, Printer
from amerce.institutions.queries import desks as all_desks
from amerce.institutions.queries import libraries as all_libraries
from amerce.institutions.queries import printers as all_printers
from amerce.institutions.rows import CODE_LIMIT, own_row
from amerce.institutions.save_desk import CHANGED as DESK_CHANGED
from amerce.institutions.save_desk import DeskFacts, save_desk
from amerce.institutions.save_library import CHANGED as LIBRARY_CHANGED
from amerce.institutions.save_library import LibraryFacts, save_library
from amerce.institutions.save_printer import CHANGED as PRINTER_CHANGED
from amerce.institutions.save_printer import EMAIL_LIMIT, PrinterFacts, save_printer
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, REQUIRED, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.rows import RowsPage, ShownRow, is_saved, show_rows

_MAY = Privilege.INSTITUTION_CONFIGURE
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class CodeAndName(PolicyForm):
    """What all of these have; the code is closed once it is there, since other systems name it."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=CODE_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("As other systems name it. It cannot be changed later."),
        widget=forms.TextInput(_PLAIN),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, request: StaffRequest, facts: Any, closed: tuple[str, ...] = ("code",)) -> None:
        super().__init__(request, initial=asdict(facts) if facts else {"is_active": True}, stands=facts)
        if facts:
            for name in closed:
                self.fields[name].disabled = True

    def choose_library(self, request: StaffRequest, *first: tuple[str, str]) -> None:
        places = [(each.pk, each.name) for each in all_libraries(request.actor.institution_id)]
        self.fields["library_id"].choices = [*first, *places]  # type: ignore[attr-defined]


class LibraryForm(CodeAndName):
    is_active = forms.BooleanField(
        label=gettext_lazy("Open"),
        required=False,
        help_text=gettext_lazy(
            "A closed library is no location, no owner of new charges and no place to pick up. What it has stays."
        ),
    )


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


class PrinterForm(CodeAndName):
    library_id = forms.TypedChoiceField(
        label=gettext_lazy("Library"), required=False, coerce=int, empty_value=None, error_messages=CHOOSE
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address of the printer"),
        max_length=EMAIL_LIMIT,
        required=False,
        help_text=gettext_lazy("What is printed is sent there."),
        widget=forms.TextInput({**_PLAIN, "inputmode": "email"}),
    )
    queue = forms.CharField(
        label=gettext_lazy("Or its queue on the server"),
        max_length=200,
        required=False,
        widget=forms.TextInput(_PLAIN),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("In use"),
        required=False,
        help_text=gettext_lazy("Otherwise nobody can choose it; profiles that name it keep it."),
    )

    def __init__(self, request: StaffRequest, facts: PrinterFacts | None) -> None:
        super().__init__(request, facts)
        self.choose_library(request, ("", _("Every library")))


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
    if is_saved(
        request,
        form,
        lambda: save_library(
            actor=request.actor,
            at=timezone.now(),
            facts=LibraryFacts(**form.cleaned_data),
            library_id=library_id,
            expected_stamp=form.stamp,
        ),
    ):
        return redirect("libraries")
    context = {
        "form": form,
        "heading": library.name if library else _("Add a library"),
        "back": (reverse("libraries"), _("Libraries")),
        "changes": changes_for(request, form, LIBRARY_CHANGED, row=library.pk) if library else [],
    }
    return show(request, "row", context, status=422 if form.errors else 200)


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
    if is_saved(
        request,
        form,
        lambda: save_desk(
            actor=request.actor,
            at=timezone.now(),
            facts=DeskFacts(**form.cleaned_data),
            desk_id=desk_id,
            expected_stamp=form.stamp,
        ),
    ):
        return redirect("desks")
    context = {
        "form": form,
        "heading": desk.name if desk else _("Add a circulation desk"),
        "back": (reverse("desks"), _("Circulation Desks")),
        "changes": changes_for(request, form, DESK_CHANGED, row=desk.pk) if desk else [],
    }
    return show(request, "row", context, status=422 if form.errors else 200)


@require_safe
@configuration_page(_MAY)
def printers(request: StaffRequest) -> HttpResponse:
    page = RowsPage(
        gettext_lazy("Printers"),
        gettext_lazy("Where letters are printed that are not sent."),
        gettext_lazy("Letters can be printed once there is a printer."),
        _MAY,
        (gettext_lazy("Library"), gettext_lazy("Reached at")),
        (reverse("printer-new"), _("Add a printer")),
    )
    rows = [
        ShownRow(
            reverse("printer", args=[each.pk]),
            each.name,
            each.code,
            each.is_active,
            each.updated_by,
            each.updated_at,
            [each.library.name if each.library else _("Every library"), each.email or each.queue],
        )
        for each in all_printers(request.actor.institution_id)
    ]
    return show_rows(request, page, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(_MAY)
def edit_printer(request: StaffRequest, printer_id: int | None = None) -> HttpResponse:
    require_for(request.actor, _MAY, EVERYWHERE)
    printer = own_row(Printer, request.actor, printer_id)
    form = PrinterForm(request, PrinterFacts.of(printer) if printer else None)
    if is_saved(
        request,
        form,
        lambda: save_printer(
            actor=request.actor,
            at=timezone.now(),
            facts=PrinterFacts(**form.cleaned_data),
            printer_id=printer_id,
            expected_stamp=form.stamp,
        ),
    ):
        return redirect("printers")
    context = {
        "form": form,
        "heading": printer.name if printer else _("Add a printer"),
        "back": (reverse("printers"), _("Printers")),
        "changes": changes_for(request, form, PRINTER_CHANGED, row=printer.pk) if printer else [],
    }
    return show(request, "row", context, status=422 if form.errors else 200)
