"""Where the file of an import lies among what is kept: as it was received, as plain lines, and again if rejected."""

import shutil
from pathlib import Path

from amerce.bursar.models import BursarImport
from amerce.bursar.places import kept, plain_name
from amerce.bursar.sentences import rejected

REJECTED = "rejected"
"""The folder of files of which nothing was booked, each with a text that says why."""


def place_of(run_id: int, name: str, left: int = 0) -> str:
    """Where the file ``name`` of an import lies, below what is kept of its institution.

    ``left`` is how many files of a folder the run still takes, this one among them: two whose names differ only in
    what a plain name cannot hold do not meet.
    """
    return "/".join(["imports", str(run_id), *([str(left)] if left else []), plain_name(name)])


def kept_file(file: BursarImport) -> Path:
    return kept(file.institution_id, *file.kept_as.split("/"))


def lines_file(file: BursarImport) -> Path:
    path = kept_file(file)
    return path.with_name(path.name + ".lines")


def keep_rejected(file: BursarImport) -> str:
    """Copy a file that was rejected to where such files are looked for; the sentence that lies beside it."""
    reason = rejected(file.reason, file.reason_data)
    _imports, *which, _name = file.kept_as.split("/")
    copy = kept(file.institution_id, REJECTED, "-".join([*which, plain_name(file.file_name)]))
    if kept_file(file).exists() and not copy.exists():
        shutil.copyfile(kept_file(file), copy)
    copy.with_name(copy.name + ".txt").write_text(reason + "\n")
    return reason
