"""Why what was typed is refused, whatever it was typed for: one class per reason. Words are made at the edge."""


class Refused(Exception):
    """A command refused and has changed nothing. ``field`` is the input it belongs to, empty for the whole."""

    field = ""


class RowNotFound(Refused):
    """There is no such row in this institution."""


class NameMissing(Refused):
    """A name, a code or a reason is needed; ``field`` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is missing")
        self.field = field


class NameTaken(Refused):
    """Another one has ``name`` already."""

    def __init__(self, field: str, name: str) -> None:
        super().__init__(f"{name} is taken")
        self.field = field
        self.name = name


class NumberOutOfRange(Refused):
    """``field`` has to be from ``low`` to ``high``."""

    def __init__(self, field: str, low: int, high: int) -> None:
        super().__init__(f"{field} is not within {low} and {high}")
        self.field = field
        self.low = low
        self.high = high


class ChoiceUnknown(Refused):
    """``field`` names something that is not there."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is unknown")
        self.field = field


class TextTooLong(Refused):
    """A text that was typed has more than ``limit`` characters; ``field`` names it."""

    def __init__(self, field: str, limit: int) -> None:
        super().__init__(f"{field} is longer than {limit}")
        self.field = field
        self.limit = limit


class TextMalformed(Refused):
    """A text holds characters that show nothing, or that turn the words after it round; ``field`` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} holds what cannot be seen")
        self.field = field


class OutOfDate(Refused):
    """Somebody changed what the command would change since its page was made."""
