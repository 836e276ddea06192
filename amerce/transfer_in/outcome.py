"""What an import answers and how it refuses, whatever the source."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _


class ImportRefused(Exception):
    """Nothing was loaded. The text is one sentence for the person who asked."""


class BadRow(ImportRefused):
    """A row that cannot be taken: in which file, on which line, in which column, and why."""

    def __init__(self, file: str, line: int, column: str, reason: str) -> None:
        where = {"file": file, "line": line, "column": column, "reason": reason}
        super().__init__(_("%(file)s, line %(line)s, column %(column)s: %(reason)s.") % where)
        self.file, self.line, self.column, self.reason = file, line, column, reason


@dataclass
class FileCounts:
    """What became of the rows of one file.

    ``differing`` are there already with other values and stay as they are: an import never overwrites what was
    changed here. ``cleaned_lines`` names the first of the ``cleaned`` rows from which characters that cannot be seen
    were taken. ``updated`` are records of people that came from the same source before. ``skipped_lines`` names
    the first of the rows without any value.
    """

    file: str
    made: int = 0
    updated: int = 0
    unchanged: int = 0
    differing: int = 0
    skipped: int = 0
    cleaned: int = 0
    skipped_lines: list[int] = field(default_factory=list)
    cleaned_lines: list[int] = field(default_factory=list)


@dataclass
class Loaded:
    """What an import did, or with ``is_dry_run`` what it would do."""

    institution_code: str
    is_dry_run: bool
    new_groups: list[str] = field(default_factory=list)
    files: list[FileCounts] = field(default_factory=list)

    @property
    def made(self) -> int:
        return sum(each.made for each in self.files)

    @property
    def updated(self) -> int:
        return sum(each.updated for each in self.files)
