"""Files of payments: all of them, one line by line, what could not be booked, and the file as it came (row D5)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can_for
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.bursar.book_checked import book_checked
from amerce.bursar.checked import imported_as, is_bookable, kinds_of, open_booking
from amerce.bursar.import_files import kept_file
from amerce.bursar.import_params import export_of
from amerce.bursar.models import UNMATCHED, BursarImport, BursarProfile
from amerce.bursar.profiles import get_profile
from amerce.bursar.reconciliation import get_import, imports_of, payments_of, ticked_payments, unmatched_payments
from amerce.bursar.sentences import not_bookable, rejected
from amerce.bursar.undo_import import is_import_undoable
from amerce.inputs.errors import Refused, RowNotFound
from amerce.web.bursar_lines import choices_of, kind_in_words, narrowed, outcome_in_words
from amerce.web.bursar_page import bursar_page
from amerce.web.bursar_undo_import import UndoShown
from amerce.web.bursar_wording import STATE_COLOURS
from amerce.web.job_wording import who_started
from amerce.web.log_page import number_asked
from amerce.web.policy_wording import policy_refusal
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

PER_PAGE = 50
State = BursarImport.State
TICKED = "ticked"


@require_safe
@bursar_page
def bursar_files(request: StaffRequest) -> HttpResponse:
    """All files; ``?profile=`` is the number of one whose files are shown."""
    profile = _profile_asked(request)
    page = Paginator(imports_of(request.actor, profile), PER_PAGE).get_page(request.GET.get("page"))
    context = {"files": page.object_list, "files_shown": PER_PAGE, "page": page, "profile": profile}
    return render(request, "web/bursar/files.html", context)


@require_safe
@bursar_page
def bursar_unmatched(request: StaffRequest) -> HttpResponse:
    """What could not be booked of all files; ``?profile=`` as above, ``?lines=ticked`` what was ticked off."""
    profile = _profile_asked(request)
    is_ticked = request.GET.get("lines") == TICKED
    waiting, ticked = unmatched_payments(request.actor, profile), ticked_payments(request.actor, profile)
    shown, others = (ticked, waiting) if is_ticked else (waiting, ticked)
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    counts = (page.paginator.count, others.count())
    waiting_count, ticked_count = reversed(counts) if is_ticked else counts
    context = {
        "unmatched": page.object_list,
        "page": page,
        "profile": profile,
        "is_ticked": is_ticked,
        "waiting_count": waiting_count,
        "ticked_count": ticked_count,
        "names": names_by_login(request.institution.pk, [each.tick.ticked_by for each in page if is_ticked]),
        "may_run": can_for(request.actor, Privilege.FEE_EXPORT, EVERYWHERE),
    }
    return render(request, "web/bursar/unmatched.html", context)


@require_safe
@bursar_page
def bursar_import(request: StaffRequest, import_id: int) -> HttpResponse:
    """One file, line by line; ``?lines=`` is one of ``choices_of`` it."""
    return _show(request, get_import(request.actor, import_id))


@require_POST
@bursar_page
def book_checked_file(request: StaffRequest, import_id: int) -> HttpResponse:
    """``whole`` is the export whose file it is, when the clerk says that all of it was paid."""
    whole = request.POST.get("whole", "")
    try:
        queued = book_checked(actor=request.actor, at=timezone.now(), import_id=import_id, whole=whole)
    except RowNotFound:
        raise
    except Refused as refused:
        _field, sentence = policy_refusal(refused, request.institution)
        return _show(request, get_import(request.actor, import_id), error=sentence, status=422)
    if queued.replayed:
        messages.info(request, _("The file was to be booked already. It is booked once, and this is the run."))
    return redirect("job-run", queued.run.pk)


def _show(request: StaffRequest, file: BursarImport, *, error: str = "", status: int = 200) -> HttpResponse:
    kinds = choices_of(file)
    found, choices, chosen = narrowed(payments_of(request.actor, file), kinds, request.GET.get("lines", ""))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    names = names_by_login(request.institution.pk, [file.started_by, file.undone_by])
    may_run = can_for(request.actor, Privilege.FEE_EXPORT, EVERYWHERE)
    undo = UndoShown.of(file) if file.undo_asked_at else None
    context = {
        "file": file,
        "by": who_started(file.started_by, names),
        "page": page,
        "lines": [(each, *outcome_in_words(each, file)) for each in page.object_list],
        "choices": choices,
        "chosen": chosen,
        "error": error,
        "sentence": rejected(file.reason, file.reason_data) if file.state == "rejected" else "",
        "unmatched_count": _unmatched_count(request, file),
        "colour": STATE_COLOURS.get(file.state, "quiet"),
        "may_run": may_run,
        "can_undo": may_run and is_import_undoable(file),
        "undo": undo,
        "undone_by": names.get(file.undone_by, file.undone_by),
        "is_kept": kept_file(file).exists(),
        **(_check(request, file) if file.is_check else {}),
    }
    response = render(request, "web/bursar/import.html", context, status=status)
    if request.htmx and (undo is None or undo.run.has_ended):
        response["HX-Refresh"] = "true"  # once: the state above and the lines below are others now
    return response


def _unmatched_count(request: StaffRequest, file: BursarImport) -> int:
    if file.is_check or not file.problem_count:
        return file.problem_count
    return payments_of(request.actor, file).filter(UNMATCHED).count()


def _check(request: StaffRequest, file: BursarImport) -> dict[str, Any]:
    """What a check found and whether it can be booked. Four queries."""
    kinds = kinds_of(request.institution.pk, [file])
    imported, booking = imported_as(file), open_booking(file)
    is_open = booking is None and (imported is None or imported.state in (State.POSTING, State.UNDONE))
    return {
        "not_bookable": not_bookable(file.reason, file.reason_data) if file.reason else "",
        "kinds": [(kind, *kind_in_words(kind.outcome, file)) for kind in kinds],
        "imported_as": imported,
        "booking": booking,
        "export": export_of(file),
        "can_book": is_open and is_bookable(file) and can_for(request.actor, Privilege.FEE_EXPORT, EVERYWHERE),
    }


@require_safe
@bursar_page
def received_bursar_file(request: StaffRequest, import_id: int) -> HttpResponseBase:
    """The file as it came, booked or rejected."""
    file = get_import(request.actor, import_id)
    path = kept_file(file)
    if not path.exists():
        return refusal(request, _("The file is not kept here any more."), title=_("Not found"), status=404)
    return FileResponse(path.open("rb"), as_attachment=True, filename=file.file_name, content_type="application/xml")


def _profile_asked(request: StaffRequest) -> BursarProfile | None:
    number = number_asked(request, "profile")
    return get_profile(request.actor, number) if number is not None else None
