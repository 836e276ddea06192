"""Why a command on bursar profiles and runs refuses: one class per reason. Words are made at the edge."""

from datetime import datetime

from amerce.inputs.checks import without_unseen
from amerce.inputs.errors import Refused

_DETAIL_LIMIT = 1000
"""A host key's; what a server says of a failure is as long as it likes."""


class BursarError(Refused):
    """Any refusal of this package."""


class ProfileHasRuns(BursarError):
    """A profile that exported or imported stays, since history names it; switch it off instead."""


class ProfileAwaited(BursarError):
    """A run that has not ended, or a schedule, names the profile, and would find none."""


class CodeInUse(BursarError):
    """Runs, schedules and files name a profile by its code, so that it stays once there are any."""

    field = "code"


class FolderUnsafe(BursarError):
    """A folder is named by plain words below the folder of bursar files."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} leaves the folder of bursar files")
        self.field = field


class FolderTakesOwnFiles(BursarError):
    """Files of payments would be looked for where exports are put, and an export be booked as if all of it were paid.

    ``profile`` is the other one that does so; empty when it is the same.
    """

    field = "import_folder"

    def __init__(self, profile: str = "") -> None:
        super().__init__(profile)
        self.profile = profile


class HostKeyMalformed(BursarError):
    """The pinned host key is no line like ``ssh-ed25519 AAAA…``."""

    field = "host_key"


class KeyMalformed(BursarError):
    """What was given is no private key without a passphrase."""

    field = "secret"


class RunStateForbids(BursarError):
    """The run has come too far, or not far enough, for this."""

    def __init__(self, number: int, state: str) -> None:
        super().__init__(f"run {number} is {state}")
        self.number = number
        self.state = state


class ImportStateForbids(BursarError):
    """Only what was booked is undone, once, and while nothing of it is being booked."""

    def __init__(self, file_name: str, state: str) -> None:
        super().__init__(f"import of {file_name} is {state}")
        self.file_name = file_name
        self.state = state


class LineNeedsNobody(BursarError):
    """Only a line that could not be booked, of a file that was not undone, is ticked off."""

    def __init__(self, outcome: str) -> None:
        super().__init__(f"the line is {outcome}")
        self.outcome = outcome


class TickedOffBefore(BursarError):
    """``by`` ticked the line off already, with another note."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(f"{by} ticked it off")
        self.by = by
        self.at = at


class NotBookable(BursarError):
    """The file was not checked, or what it was checked to be keeps it from being booked."""

    def __init__(self, file_name: str) -> None:
        super().__init__(f"{file_name} cannot be booked")
        self.file_name = file_name


class WholeExport(BursarError):
    """The file is that of export ``number`` itself, and nobody has said that all of it was paid."""

    field = "whole"

    def __init__(self, number: int) -> None:
        super().__init__(f"the file of export {number}")
        self.number = number


class FileGone(BursarError):
    """The file of a run is not there any more, and cannot be made again to the same bytes."""


class FileTooLarge(BursarError):
    """A file that is larger than any file of payments is."""

    field = "file"

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit} bytes")
        self.limit = limit


class NotReached(Exception):
    """The place of delivery refused or was not there. ``code`` says how, ``detail`` in its own words."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = without_unseen(detail)[:_DETAIL_LIMIT]
