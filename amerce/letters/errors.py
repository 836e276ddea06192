"""Why a command on letters refuses: one class per reason. Words are made at the edge."""

from amerce.inputs.errors import Refused


class LetterOnItsWay(Refused):
    """It is being sent by itself, or will be soon."""


class LetterErased(Refused):
    """What it said was erased when the loan it named was anonymised, or the patron it went to deleted."""


class LetterKindOff(Refused):
    """Letters of this kind are not written."""


class NoAddress(Refused):
    """The patron has no address by this channel."""


class WordsBroken(Refused):
    """Words cannot be made into a letter: ``reason`` at ``line`` of the part that is ``field``."""

    def __init__(self, field: str, line: int, reason: str) -> None:
        super().__init__(f"{field}:{line}: {reason}")
        self.field = field
        self.line = line
        self.reason = reason


class WordsMissing(Refused):
    """The part ``field`` of a letter says nothing."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is empty")
        self.field = field


class GatewayNotTaken(Refused):
    """The address of the SMS gateway is neither https nor one that the installation allows."""

    field = "sms_url"
