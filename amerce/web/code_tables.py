"""Configuration > Code Tables, Reasons for Waiving, Payment Methods: the labels people choose from (rows C2, C6)."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can, require_for
from amerce.access.privileges import Privilege
from amerce.inputs.errors import ChoiceUnknown, RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.institutions.code_tables import (
    CHANGED,
    MAY_CHANGE,
    add_code,
    code_facts,
    code_table,
    default_facts,
    get_code,
    remove_code,
    restore_code,
    save_code,
)
from amerce.institutions.models import CodeEntry
from amerce.institutions.rows import CODE_LIMIT
from amerce.web.change_history import changes_for, differences
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import REQUIRED, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.rows import RowsPage, ShownRow, show_rows
from amerce.web.saving import confirmed, stamp_sent, tell_row

WORDS = {
    CodeEntry.Table.WAIVE_REASON: (
        gettext_lazy("Fine Fee Transaction Reason"),
        gettext_lazy("The reasons for waiving fines and fees, as the list at waiving offers them."),
    ),
    CodeEntry.Table.PAYMENT_METHOD: (
        gettext_lazy("Payment Methods"),
        gettext_lazy("How a patron pays, as the list at a payment and at a refund offers it."),
    ),
    CodeEntry.Table.IDENTIFIER_TYPE: (
        gettext_lazy("Identifier Types"),
        gettext_lazy("The kinds of ids by which a patron is found, beside the primary one."),
    ),
    CodeEntry.Table.EMAIL_TYPE: (gettext_lazy("E-mail Types"), gettext_lazy("What an e-mail address is used for.")),
    CodeEntry.Table.PHONE_TYPE: (gettext_lazy("Phone Types"), gettext_lazy("What a phone number is used for.")),
    CodeEntry.Table.ADDRESS_TYPE: (gettext_lazy("Address Types"), gettext_lazy("What an address is used for.")),
    CodeEntry.Table.NOTE_TYPE: (gettext_lazy("Note Types"), gettext_lazy("The kinds of notes on a patron record.")),
    CodeEntry.Table.LANGUAGE: (gettext_lazy("Languages"), gettext_lazy("The languages that patrons get letters in.")),
}
"""Table to its title and what it is for."""
_EITHER = (Privilege.PATRON_CONFIGURE, Privilege.CHARGES_CONFIGURE)
_AT = {CodeEntry.Table.WAIVE_REASON: "waive-reasons", CodeEntry.Table.PAYMENT_METHOD: "payment-methods"}
"""The tables that have a page of their own on the first page of the configuration."""


class NewCodeForm(PolicyForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=CODE_LIMIT,
        error_messages=REQUIRED,
        help_text=gettext_lazy("As files and other systems carry it. It cannot be changed later."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    label = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=200,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class CodeForm(PolicyForm):
    label = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=200,
        error_messages=REQUIRED,
        help_text=gettext_lazy("What people read, also where it was chosen before."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Active"),
        required=False,
        help_text=gettext_lazy("Otherwise it cannot be chosen. What has it keeps it."),
    )


@require_safe
@configuration_page(Privilege.PATRON_CONFIGURE)
def code_tables(request: StaffRequest) -> HttpResponse:
    tables = [
        {"path": _path(table), "title": title, "text": text, "count": len(code_table(request.actor, table))}
        for table, (title, text) in WORDS.items()
        if can(request.actor, MAY_CHANGE[table])
    ]
    return show(request, "code_tables", {"tables": tables})


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(*_EITHER)
def edit_code_table(request: StaffRequest, table: str) -> HttpResponse:
    rows = _rows(request, table)
    form = NewCodeForm(request)
    if form.is_sent() and form.attempt(add_code, table=table, **form.cleaned_data):
        tell_row(request, form.cleaned_data["label"], is_new=True)
        return redirect(_path(table))
    title, text = WORDS[CodeEntry.Table(table)]
    page = RowsPage(title, text, gettext_lazy("Nothing can be chosen until you add a row."), MAY_CHANGE[table])
    back = None if table in _AT else (reverse("code-tables"), _("Code Tables"))
    return show_rows(request, page, rows, form=form, back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(*_EITHER)
def edit_code(request: StaffRequest, table: str, row_id: int) -> HttpResponse:
    entry = _entry(request, table, row_id)
    stands = code_facts(entry)
    form = CodeForm(request, initial=stands, stands=stands)
    if form.is_sent() and form.attempt(save_code, table=table, entry_id=row_id, **form.cleaned_data):
        tell_row(request, form.cleaned_data["label"], is_new=False, is_changed=form.answer.is_changed)
        return redirect(_path(table))
    where = [table, row_id]
    context = {
        "form": form,
        "heading": entry.label,
        "code": entry.code,
        "back": (_path(table), WORDS[CodeEntry.Table(table)][0]),
        "restore_path": reverse("code-restore", args=where) if _differs(entry) else "",
        "remove_path": reverse("code-remove", args=where),
        "changes": changes_for(request, form, CHANGED, table=table, code=entry.code),
    }
    return show(request, "row", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(*_EITHER)
def restore_code_entry(request: StaffRequest, table: str, row_id: int) -> HttpResponse:
    entry = _entry(request, table, row_id)
    stands, default = code_facts(entry), default_facts(entry)
    if default is None:
        raise RowNotFound(row_id)
    done = _("Restored: %(name)s.") % {"name": default["label"]}
    error = confirmed(request, restore_code, done, table=table, entry_id=row_id, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect(_path(table))
    context = _confirmed(table, entry) | {
        "heading": _("Restore to default?"),
        "lead": _("What would change of %(name)s:") % {"name": entry.label},
        "button": _("Restore to default"),
        "error": error,
        "differences": differences(CodeForm(request, initial=stands), stands, default, request.institution),
    }
    return show(request, "row_confirm", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(*_EITHER)
def remove_code_entry(request: StaffRequest, table: str, row_id: int) -> HttpResponse:
    entry = _entry(request, table, row_id)
    done = _("Removed: %(name)s.") % {"name": entry.label}
    error = confirmed(request, remove_code, done, table=table, entry_id=row_id, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect(_path(table))
    context = _confirmed(table, entry) | {
        "heading": _("Remove %(name)s?") % {"name": entry.label},
        "lead": _("It leaves this table and every list to choose from. What has it keeps it, with this description."),
        "button": _("Remove"),
        "error": error,
        "differences": None,
    }
    return show(request, "row_confirm", context, status=422 if error else 200)


def _path(table: str) -> str:
    own = _AT.get(CodeEntry.Table(table))
    return reverse(own) if own else reverse("code-table", args=[table])


def _rows(request: StaffRequest, table: str) -> list[ShownRow]:
    try:
        entries = code_table(request.actor, table)
    except ChoiceUnknown:
        raise RowNotFound(table) from None
    return [
        ShownRow(
            reverse("code", args=[table, each.pk]),
            each.label,
            each.code,
            each.is_active,
            each.updated_by,
            each.updated_at,
            actions=_actions(each),
        )
        for each in entries
    ]


def _actions(entry: CodeEntry) -> list[tuple[str, str]]:
    where = [entry.table, entry.pk]
    remove = (reverse("code-remove", args=where), _("Remove"))
    return [(reverse("code-restore", args=where), _("Restore to default")), remove] if _differs(entry) else [remove]


def _differs(entry: CodeEntry) -> bool:
    """Whether it came with the system and does not say any more what it said then."""
    return default_facts(entry) not in (None, code_facts(entry))


def _entry(request: StaffRequest, table: str, row_id: int) -> CodeEntry:
    try:
        entry = get_code(request.actor, table, row_id)
    except ChoiceUnknown:
        raise RowNotFound(table) from None
    require_for(request.actor, MAY_CHANGE[table], EVERYWHERE)
    return entry


def _confirmed(table: str, entry: CodeEntry) -> dict[str, Any]:
    return {
        "stamp": stamp_of(code_facts(entry)),
        "back": (_path(table), WORDS[CodeEntry.Table(table)][0]),
        "cancel": _path(table),
    }
