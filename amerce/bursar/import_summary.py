"""The last line of an import or of a check, for the command line and for who lists jobs.

Why sums of each kind: who checks a file before it is booked decides by them.
"""

from collections.abc import Sequence

from amerce.bursar.check_stages import BOOKABLE
from amerce.bursar.checked import kinds_of
from amerce.bursar.import_figures import figures_of, files_of
from amerce.bursar.import_params import CHECK
from amerce.bursar.models import BursarImport
from amerce.bursar.sentences import not_bookable, rejected
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain

State = BursarImport.State


def summary_of(run: JobRun) -> str:
    """A line of figures, and one for each file that was rejected, or would not be booked."""
    files = list(files_of(run))
    if CHECK in run.params:
        refused = [(each, not_bookable(each.reason, each.reason_data)) for each in files if each.reason]
        said = _checked(run, files)
    else:
        bad = [each for each in files if each.state == State.REJECTED]
        refused = [(each, rejected(each.reason, each.reason_data)) for each in bad]
        said = _imported(run)
    return "\n".join([said, *(f"{file.file_name}: {sentence}" for file, sentence in refused)])


def _imported(run: JobRun) -> str:
    figures = figures_of(run)
    total = format_plain(figures.applied_minor, run.institution.currency)
    repeated = sum(state == State.REPEATED for _name, state in figures.files)
    said = f"files={len(figures.files)} booked={figures.booked_count} total={total}"
    return said + (f" repeated={repeated}" if repeated else "")


def _checked(run: JobRun, files: Sequence[BursarImport]) -> str:
    """Of what would be booked the sum that would be applied, of each other kind the sum in the file."""

    def plain(minor: int) -> str:
        return format_plain(minor, run.institution.currency)

    said = {
        "checked": str(len(files)),
        "lines": str(sum(each.line_count for each in files)),
        "sum": plain(sum(each.line_minor for each in files)),
        "bookable": str(sum(each.posted_count for each in files)),
        "bookable_total": plain(sum(each.applied_minor for each in files)),
    }
    for kind in kinds_of(run.institution_id, files):
        if kind.outcome not in BOOKABLE:
            said[kind.outcome] = str(kind.count)
            said |= {f"{kind.outcome}_sum": plain(kind.total_minor)} if kind.total_minor is not None else {}
    return " ".join(f"{name}={value}" for name, value in said.items())
