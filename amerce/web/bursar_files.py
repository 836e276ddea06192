"""Files of payments: all of them, one line by line, what could not be booked, and the file as it came (row D5)."""

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can_for
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.bursar.import_files import kept_file
from amerce.bursar.models import UNMATCHED, BursarProfile
from amerce.bursar.profiles import get_profile
from amerce.bursar.reconciliation import get_import, imports_of, payments_of, ticked_payments, unmatched_payments
from amerce.bursar.sentences import rejected
from amerce.bursar.undo_import import is_import_undoable
from amerce.web.bursar_lines import OF_FILE, narrowed, outcome_in_words
from amerce.web.bursar_page import bursar_page
from amerce.web.bursar_undo_import import UndoShown
from amerce.web.bursar_wording import STATE_COLOURS
from amerce.web.job_wording import who_started
from amerce.web.log_page import number_asked
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest

PER_PAGE = 50
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
    """One file, line by line; ``?lines=`` is one of ``OF_FILE``."""
    file = get_import(request.actor, import_id)
    found, choices, chosen = narrowed(payments_of(request.actor, file), OF_FILE, request.GET.get("lines", ""))
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
        "sentence": rejected(file.reason, file.reason_data) if file.state == "rejected" else "",
        "unmatched_count": payments_of(request.actor, file).filter(UNMATCHED).count() if file.problem_count else 0,
        "colour": STATE_COLOURS.get(file.state, "quiet"),
        "may_run": may_run,
        "can_undo": may_run and is_import_undoable(file),
        "undo": undo,
        "undone_by": names.get(file.undone_by, file.undone_by),
        "is_kept": kept_file(file).exists(),
    }
    response = render(request, "web/bursar/import.html", context)
    if request.htmx and (undo is None or undo.run.has_ended):
        response["HX-Refresh"] = "true"  # once: the state above and the lines below are others now
    return response


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
