"""What is wrong with a configuration file: every fault with its line, so that one look mends them all."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, order=True)
class Fault:
    """``line`` counts from 1; ``sentence`` says what to do about it."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return _("Line %(line)s: %(sentence)s") % {"line": self.line, "sentence": self.sentence}


class FileRefused(Exception):
    """The file cannot be loaded, and nothing was. ``faults`` in the order of their lines."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(each) for each in sorted(faults)))
        self.faults = sorted(faults)
