"""A PDF of the pages of letters, by WeasyPrint, which is an extra (``amerce[pdf]``).

Why nothing is fetched: the words of a letter are typed by people, and an address in them would be asked by this
process, or name a file of this machine.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from amerce.letters.message import html_of
from amerce.letters.models import Letter


class PdfNotInstalled(Exception):
    """WeasyPrint, or what it stands on, is not there."""


def can_make_pdf() -> bool:
    """Whether the extra is installed."""
    return find_spec("weasyprint") is not None


def pdf_of(pages: Sequence[str]) -> bytes:
    """One file of all ``pages``, HTML, each begun on a new sheet. Raises ``PdfNotInstalled``."""
    try:
        from weasyprint import HTML
        from weasyprint.text.fonts import FontConfiguration
    except (ImportError, OSError) as error:
        raise PdfNotInstalled from error
    fonts = FontConfiguration()  # read once: it takes as long as a page
    documents = [HTML(string=each, url_fetcher=_fetch_nothing).render(font_config=fonts) for each in pages]
    made: bytes = documents[0].copy([page for each in documents for page in each.pages]).write_pdf()
    return made


def page_of(letter: Letter) -> str:
    """What is printed of a letter: the page of a print, the HTML of an e-mail, the text of an SMS."""
    if letter.channel == Letter.Channel.EMAIL:
        return html_of(bytes(letter.body))
    return bytes(letter.body).decode()


def _fetch_nothing(url: str, *_args: Any, **_options: Any) -> Any:
    raise ValueError(f"nothing is fetched for a letter: {url}")
