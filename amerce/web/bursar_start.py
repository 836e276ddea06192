"""Beginning an export, and an import of an uploaded file or of those that wait in the folder (rows D2, D5)."""

import hashlib
import logging

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amerce.bursar.export_job import NAME as EXPORT
from amerce.bursar.finding import run_with_file
from amerce.bursar.import_params import NAME as IMPORT
from amerce.bursar.models import BursarProfile, BursarRun
from amerce.bursar.profiles import get_profile
from amerce.bursar.uploads import drop_upload, keep_upload
from amerce.inputs.errors import Refused
from amerce.jobs.enqueue import enqueue_once
from amerce.jobs.job import JobRefused
from amerce.web.bursar_page import bursar_page
from amerce.web.job_wording import STILL_OPEN
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest

_log = logging.getLogger(__name__)


@require_http_methods(["POST"])
@bursar_page
def begin_export(request: StaffRequest, bursar_id: int) -> HttpResponse:
    return _begin(request, EXPORT, get_profile(request.actor, bursar_id))


@require_http_methods(["POST"])
@bursar_page
def begin_import(request: StaffRequest, bursar_id: int) -> HttpResponse:
    """With a file: that one; without: those that wait in the import folder. With ``check`` nothing is booked."""
    profile = get_profile(request.actor, bursar_id)
    sent: UploadedFile | None = request.FILES.get("file")
    more = {"check": "yes"} if request.POST.get("check") else {}
    if sent and not more and (export := _unconfirmed_export(request, sent)):
        return redirect(f"{reverse('bursar-of-profile', args=[bursar_id])}?whole={export.number}#import")
    if sent:
        try:
            more["upload"] = keep_upload(
                actor=request.actor, at=timezone.now(), name=sent.name or "", size=sent.size or 0, pieces=sent.chunks()
            )
        except Refused as refused:
            _field, sentence = policy_refusal(refused, request.institution)
            messages.error(request, sentence)
            return redirect("bursar-of-profile", bursar_id)
        except OSError as error:
            _log.exception("an uploaded file of payments could not be kept")
            messages.error(request, _("The file could not be kept here: %(error)s.") % {"error": error.strerror})
            return redirect("bursar-of-profile", bursar_id)
    elif request.POST.get("from") == "upload":
        messages.error(request, _("Choose a file first."))
        return redirect("bursar-of-profile", bursar_id)
    return _begin(request, IMPORT, profile, **more)


def _unconfirmed_export(request: StaffRequest, sent: UploadedFile) -> BursarRun | None:
    """The export whose file was uploaded as it was made, unless the clerk says that the whole of it was paid.

    Why asked: the two files lie side by side and are called alike, and undoing thousands of payments that nobody made
    leaves twice as many transactions on the accounts.
    """
    digest = hashlib.sha256()
    for piece in sent.chunks():
        digest.update(piece)
    export = run_with_file(request.actor, digest.hexdigest())
    return None if export is None or request.POST.get("whole") == str(export.number) else export


def _begin(request: StaffRequest, name: str, profile: BursarProfile, **more: str) -> HttpResponse:
    given = {"profile": profile.code, **more}
    try:
        queued = enqueue_once(actor=request.actor, at=timezone.now(), name=name, given=given, form_key="")
    except JobRefused as refused:
        if "upload" in more:
            drop_upload(request.institution.pk, more["upload"])
        messages.error(request, str(refused))
        return redirect("bursar-of-profile", profile.pk)
    if queued.is_open:
        messages.info(request, str(STILL_OPEN))
    return redirect("job-run", queued.run.pk)
