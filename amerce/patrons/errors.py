"""Why a command on a patron record refuses: one class per reason. Words are made at the edge.

A command that raises one of these has written nothing. ``field`` names what was typed wrongly, if it was that.
"""


class PersonError(Exception):
    """Any refusal of a command on a patron record."""

    field = ""


class RecordChanged(PersonError):
    """Somebody changed the record since the page was made at ``expected_seq``; now it is at ``seq``."""

    def __init__(self, expected_seq: int, seq: int) -> None:
        super().__init__(f"at {seq}, not {expected_seq}")
        self.expected_seq = expected_seq
        self.seq = seq


class FieldMissing(PersonError):
    """``field`` needs a value."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is missing")
        self.field = field


class FieldTooLong(PersonError):
    """``field`` holds more than ``limit`` characters."""

    def __init__(self, field: str, limit: int) -> None:
        super().__init__(f"{field} is longer than {limit}")
        self.field = field
        self.limit = limit


class TooManyLines(PersonError):
    """An address has more than ``limit`` lines."""

    field = "text"

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} lines")
        self.limit = limit


class FieldMalformed(PersonError):
    """``field`` holds what no text may hold, as broken scanners send it."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is malformed")
        self.field = field


class EmailMalformed(PersonError):
    """That is no e-mail address."""

    field = "text"


class CodeUnknown(PersonError):
    """``field`` has a code that its table does not offer."""

    def __init__(self, field: str) -> None:
        super().__init__(f"unknown code of {field}")
        self.field = field


class DaysReversed(PersonError):
    """It would end before it starts."""

    field = "ends_on"


class FieldProtected(PersonError):
    """``field`` of an external record is kept in ``source_system``."""

    def __init__(self, field: str, source_system: str) -> None:
        super().__init__(f"{field} is kept in {source_system}")
        self.field = field
        self.source_system = source_system


class RowProtected(PersonError):
    """The identifier or contact was loaded from ``source_system`` and is changed there."""

    def __init__(self, source_system: str) -> None:
        super().__init__(f"loaded from {source_system}")
        self.source_system = source_system


class IdTaken(PersonError):
    """Somebody of the institution has that primary id, or that identifier of that type."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is taken")
        self.field = field


class RowNotFound(PersonError):
    """This patron has no such identifier, contact, note or proxy."""


class GroupNotProxy(PersonError):
    """Only patrons of a proxy group borrow for somebody else."""


class ProxyOfSelf(PersonError):
    """Nobody is their own proxy."""


class AlreadyProxy(PersonError):
    """That patron may borrow for the other already."""
