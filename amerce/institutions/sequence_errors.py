"""Why a bursar sequence refuses: one class per reason. Words are made at the edge."""

from amerce.inputs.errors import Refused


class SequenceError(Refused):
    """A change of a bursar sequence, or a number from it, is refused."""


class LibraryHasSequence(SequenceError):
    """There is a sequence for this library, or for all without one of their own, already."""

    field = "library_id"


class PrefixTaken(SequenceError):
    """The sequence ``name`` has a prefix with which two numbers could read the same."""

    field = "prefix"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has this prefix")
        self.name = name


class SequenceInUse(SequenceError):
    """Numbers were given out, so ``field`` stays as it is."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is in use")
        self.field = field


class NumberUsed(SequenceError):
    """``field`` is a number that was given out, or below one: ``last_taken`` was the highest."""

    def __init__(self, field: str, last_taken: int) -> None:
        super().__init__(f"{last_taken} was given out")
        self.field = field
        self.last_taken = last_taken


class PaddingTooSmall(SequenceError):
    """The next number, ``number``, has more digits than the padding."""

    field = "padding"

    def __init__(self, number: int) -> None:
        super().__init__(f"{number} has more digits")
        self.number = number


class SequenceFull(SequenceError):
    """``count`` ids are needed and the sequence ``name`` has ``room`` left before its numbers outgrow the padding."""

    def __init__(self, name: str, count: int, room: int) -> None:
        super().__init__(f"{name} has room for {room}, not {count}")
        self.name = name
        self.count = count
        self.room = room
