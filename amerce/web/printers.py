"""Configuration > Printers: where letters are printed that are not sent (row C6)."""

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
from amerce.institutions.models import Printer
from amerce.institutions.queries import printers as all_printers
from amerce.institutions.rows import own_row
from amerce.institutions.save_printer import CHANGED, EMAIL_LIMIT, PrinterFacts, save_printer
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.place_form import CodeAndName
from amerce.web.policy_forms import CHOOSE
from amerce.web.request import StaffRequest
from amerce.web.rows import RowsPage, ShownRow, show_rows
from amerce.web.saving import tell_row

_MAY = Privilege.INSTITUTION_CONFIGURE
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


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
    if form.is_sent() and form.attempt(save_printer, facts=PrinterFacts(**form.cleaned_data), printer_id=printer_id):
        name, is_changed = form.cleaned_data["name"], form.answer.is_changed
        tell_row(request, name, is_new=printer_id is None, is_changed=is_changed)
        return redirect("printers")
    context = {
        "form": form,
        "heading": printer.name if printer else _("Add a printer"),
        "back": (reverse("printers"), _("Printers")),
        "changes": changes_for(request, form, CHANGED, row=printer.pk) if printer else [],
    }
    return show(request, "row", context, status=422 if form.errors else 200)
