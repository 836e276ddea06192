"""What an import is asked for: by which profile, which file, and whether it only checks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from amerce.bursar.import_files import kept_file
from amerce.bursar.job_profile import find_profile
from amerce.bursar.models import BursarImport, BursarProfile, BursarRun
from amerce.bursar.places import plain_name
from amerce.bursar.uploads import uploaded
from amerce.inputs.checks import typed_ids
from amerce.jobs.errors import JobRefused

NAME = "bursar-import"
"""The job."""
UPLOAD, KEPT, CHECK = "upload", "kept", "check"
"""Parameters: the file that is taken instead of those in the folder, and that nothing is booked."""
_ANSWERS = {"yes": True, "no": False, "": False}


def read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    """What a run keeps of what was ``given``. Raises ``JobRefused``.

    A file that was only checked and is that of an export itself is booked by ``book_checked`` alone, which asks whether
    all of it was paid.
    """
    params = params_of_import(given, institution_id)
    if KEPT in params and CHECK not in params:
        file = BursarImport.objects.get(institution_id=institution_id, pk=params[KEPT])
        if file.is_check and (export := export_of(file)):
            raise JobRefused(
                _("This is the file of export %(number)s itself: book it on its page, where you say that all was paid.")
                % {"number": export.number},
                KEPT,
            )
    return params


def params_of_import(given: Mapping[str, str], institution_id: int) -> dict[str, Any]:
    """As ``read_params``, for who has said that all was paid."""
    profile = find_profile(given, institution_id)
    if not profile.imports:
        raise JobRefused(_("The profile “%(name)s” does not import: import is switched off.") % {"name": profile.name})
    upload, kept, answer = given.get(UPLOAD, ""), given.get(KEPT, ""), given.get(CHECK, "")
    if answer not in _ANSWERS:
        raise JobRefused(_("check is yes or no, not “%(typed)s”.") % {"typed": answer}, CHECK)
    if upload and kept:
        raise JobRefused(_("An import takes an uploaded file or a kept one, not both."), KEPT)
    if upload and not uploaded(institution_id, upload).exists():
        raise JobRefused(_("There is no uploaded file “%(name)s”.") % {"name": upload}, UPLOAD)
    params: dict[str, Any] = {"profile": profile.code}
    params |= {UPLOAD: plain_name(upload)} if upload else {}
    params |= {KEPT: _kept(kept, profile).pk} if kept else {}
    return params | ({CHECK: True} if _ANSWERS[answer] else {})


def export_of(file: BursarImport) -> BursarRun | None:
    """The export whose file this is, to the byte. One query."""
    runs = BursarRun.objects.filter(institution_id=file.institution_id, file_sha256=file.sha256)
    return runs.first() if file.sha256 else None


def _kept(number: str, profile: BursarProfile) -> BursarImport:
    file = BursarImport.objects.filter(profile=profile, pk__in=typed_ids(number)).first()
    if file is None or not kept_file(file).exists():
        raise JobRefused(_("No file of payments %(number)s of this profile is kept here.") % {"number": number}, KEPT)
    return file
