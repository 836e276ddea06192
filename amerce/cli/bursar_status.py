"""What ``amerce bursar`` does besides running jobs: taking a file to be imported, and telling how runs stand."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.utils import timezone
from django.utils.translation import gettext as _

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.bursar import uploads
from amerce.bursar.errors import FileTooLarge
from amerce.bursar.job_profile import find_profile
from amerce.bursar.reconciliation import imports_of, reconciliation
from amerce.cli.institution import the_institution
from amerce.cli.refusal import Refusal
from amerce.jobs.job import JobRefused
from amerce.money.format import format_plain

_PIECE = 1 << 18
_RUNS_TOLD = 10


def keep_upload(path: str, institution_code: str | None) -> str:
    """Copy the file to where imports take uploads from; what it is called there. Raises ``Refusal``."""
    actor = system_actor(the_institution(institution_code).pk, "command line", Privilege.FEE_EXPORT)
    try:
        with Path(path).open("rb") as file:
            size = Path(path).stat().st_size
            name = Path(path).name
            return uploads.keep_upload(actor=actor, at=timezone.now(), name=name, size=size, pieces=_pieces(file))
    except OSError as error:
        raise Refusal(_("%(path)s cannot be read: %(error)s.") % {"path": path, "error": error.strerror}) from error
    except FileTooLarge as error:
        said = {"path": path, "limit": error.limit >> 20}
        raise Refusal(_("%(path)s is larger than %(limit)s megabytes.") % said) from error


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def remove_upload(name: str, institution_code: str | None) -> None:
    """Remove the copy again that no import took."""
    uploads.drop_upload(the_institution(institution_code).pk, name)


def print_status(code: str, institution_code: str | None) -> None:
    """The profile's newest runs, each with how far it came, then its newest imports. Raises ``Refusal``."""
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
        began = row.run.started_at.astimezone(institution.zone)
        print(f"{row.run.number} {began:%Y-%m-%d %H:%M} {row.run.state} fees={row.ledger_count} {said}")
    for file in imports_of(actor, profile)[:_RUNS_TOLD]:
        paid = format_plain(file.standing_minor, institution.currency)
        said = f"{file.state} lines={file.line_count} booked={file.standing_count} paid={paid} {file.file_name}"
        print(f"import {file.pk} {file.started_at.astimezone(institution.zone):%Y-%m-%d %H:%M} {said}")
