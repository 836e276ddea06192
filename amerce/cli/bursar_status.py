"""What ``amerce bursar`` does besides running jobs: taking a file to be imported, and telling how runs stand."""

import shutil
from pathlib import Path

from django.utils.translation import gettext as _

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.bursar.export_job import find_profile
from amerce.bursar.import_job import drop_upload, uploaded
from amerce.bursar.reconciliation import reconciliation
from amerce.cli.institution import the_institution
from amerce.cli.refusal import Refusal
from amerce.jobs.job import JobRefused
from amerce.money.format import format_plain

_RUNS_TOLD = 10


def keep_upload(path: str, institution_code: str | None) -> str:
    """Copy the file to where imports take uploads from; what it is called there. Raises ``Refusal``."""
    place = uploaded(the_institution(institution_code).pk, Path(path).name)
    try:
        shutil.copyfile(path, place)
    except OSError as error:
        raise Refusal(_("%(path)s cannot be read: %(error)s.") % {"path": path, "error": error.strerror}) from error
    return place.name


def remove_upload(name: str, institution_code: str | None) -> None:
    """Remove the copy again that no import took."""
    drop_upload(the_institution(institution_code).pk, name)


def print_status(code: str, institution_code: str | None) -> None:
    """The profile's newest runs, each with how far it came. Raises ``Refusal``."""
    institution = the_institution(institution_code)
    try:
        profile = find_profile({"profile": code}, institution.pk)
    except JobRefused as refused:
        raise Refusal(str(refused)) from refused
    actor = system_actor(institution.pk, "command line", Privilege.BURSAR_VIEW)
    rows = reconciliation(actor, profile)[:_RUNS_TOLD]
    if not rows:
        print(_("No run of this profile yet."))
    for row in rows:
        sums = {
            "selected": row.run.selected_minor, "file": row.run.file_minor, "ledger": row.ledger_minor,
            "paid": row.paid_minor, "outstanding": row.outstanding_minor,
        }  # fmt: skip
        said = " ".join(f"{name}={format_plain(minor, institution.currency)}" for name, minor in sums.items())
        print(f"{row.run.number} {row.run.started_at:%Y-%m-%d %H:%M} {row.run.state} fees={row.ledger_count} {said}")
