"""Why a bulk waiver is refused: one class per reason. Words are made at the edge."""

from datetime import date

from amerce.inputs.errors import Refused


class NothingChosenOf(Refused):
    """No user group or no fee type was chosen; all of them is a choice of its own. ``field`` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(f"no {field} chosen")
        self.field = field


class ThresholdMissing(Refused):
    """There is no threshold, or it is not above zero."""

    field = "threshold_minor"


class DaysReversed(Refused):
    """The first day of creation is after the last."""

    field = "created_to"


class DayOutOfRange(Refused):
    """``field`` is no day on which a fee can have been created: it has to be from ``first`` to ``last``."""

    def __init__(self, field: str, first: date, last: date) -> None:
        super().__init__(f"{field} is not within {first} and {last}")
        self.field = field
        self.first = first
        self.last = last


class ListUnusable(Refused):
    """The list of ids is not there, or not all of it was read."""

    field = "id_list"


class NothingToWaive(Refused):
    """Nobody and nothing matches."""


class TotalDiffers(Refused):
    """What was typed to confirm is not what would be waived now, ``total_minor``."""

    field = "confirmed_minor"

    def __init__(self, typed_minor: int | None, total_minor: int) -> None:
        super().__init__(f"{typed_minor} is not {total_minor}")
        self.typed_minor = typed_minor
        self.total_minor = total_minor


class KeyReused(Refused):
    """The form was sent before with other contents."""


class StillRunning(Refused):
    """The run goes on, so there is nothing whole to undo."""


class FileUnreadable(Refused):
    """The file is no text, CSV or Excel file that can be read."""

    field = "file"


class FileTooLarge(Refused):
    """The file is larger than ``bytes_limit``, or has more than ``lines_limit`` lines."""

    field = "file"

    def __init__(self, bytes_limit: int, lines_limit: int) -> None:
        super().__init__(f"more than {bytes_limit} bytes or {lines_limit} lines")
        self.bytes_limit = bytes_limit
        self.lines_limit = lines_limit


class FileEmpty(Refused):
    """There is no line with anything in it."""

    field = "file"
