"""Undo of an import: what it would take back, why it is asked for, and how far it is (row D5)."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.actors import EVERYWHERE
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar.models import BursarImport
from amerce.bursar.reconciliation import get_import
from amerce.bursar.undo_import import REASON_LIMIT, begin_undo_import, is_import_undoable, last_undo, would_undo
from amerce.jobs.models import JobRun
from amerce.web.bursar_page import bursar_page
from amerce.web.job_progress import Progress, progress_of
from amerce.web.job_wording import title_of
from amerce.web.policy_forms import PolicyForm
from amerce.web.request import StaffRequest


class UndoForm(PolicyForm):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Stands on each transaction that takes a payment back."),
        max_length=REASON_LIMIT,
        widget=forms.Textarea({"rows": 2, "autocomplete": "off", "autofocus": True}),
        error_messages={"required": gettext_lazy("Say why: another term's file, a test, a wrong sum.")},
    )


@dataclass(frozen=True)
class UndoShown:
    """The job that undoes an import, as it is drawn."""

    run: JobRun
    title: str
    progress: Progress

    @classmethod
    def of(cls, file: BursarImport) -> "UndoShown | None":
        run = last_undo(file)
        return cls(run, title_of(run.name, run), progress_of(run, timezone.now())) if run else None


@require_http_methods(["GET", "HEAD", "POST"])
@bursar_page
def undo_import(request: StaffRequest, import_id: int) -> HttpResponse:
    """Asks first, with the figures as they are now."""
    require_for(request.actor, Privilege.FEE_EXPORT, EVERYWHERE)
    file = get_import(request.actor, import_id)
    form = UndoForm(request, initial={"reason": file.undo_reason})
    if form.is_sent() and form.attempt(begin_undo_import, import_id=import_id, **form.cleaned_data):
        if form.answer.replayed:
            messages.info(request, _("The undo of this import was started before."))
        return redirect("bursar-file-of-payments", import_id)
    can_undo = is_import_undoable(file)
    would = would_undo(request.actor, file) if can_undo else None
    context = {"file": file, "form": form, "would": would, "can_undo": can_undo}
    return render(request, "web/bursar/undo_import.html", context, status=422 if form.errors else 200)
