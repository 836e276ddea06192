"""Books of the sample library: classics in the public domain, and books that nobody has written yet.

Why some are so long: titles are the longest text on most pages, and German dissertations are real.
"""

from importlib.resources import files
from typing import NamedTuple


class Title(NamedTuple):
    """A work. ``shelf`` says in which library it stands: M(ain), S(cience) or A(rts)."""

    title: str
    author: str
    year: str
    publisher: str
    language: str
    shelf: str
    call_number: str


EQUIPMENT: tuple[tuple[str, str], ...] = (
    ("Laptop, 14 inch", "M"),
    ("Laptop charger, USB-C", "M"),
    ("Noise-cancelling headphones", "M"),
    ("Graphing calculator", "S"),
    ("Lab coat, size M", "S"),
    ("Molecular model kit", "S"),
    ("Digital camera with tripod", "A"),
    ("Portable projector", "A"),
    ("Violin shoulder rest", "A"),
    ("Group study room key", "M"),
)
"""Things that are lent for three days, with the library that lends them."""


def read_titles() -> list[Title]:
    """Every row of ``titles.txt``."""
    lines = files(__package__).joinpath("titles.txt").read_text("utf-8").splitlines()
    return [Title(*line.split("|")) for line in lines if not line.startswith("#")]
