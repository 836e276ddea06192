"""One letter from its words and facts: subject, HTML, text, SMS, or the page to print."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from amerce.inputs.checks import without_unseen
from amerce.letters.defaults import Words, layout
from amerce.letters.language import Dress, compiled, frozen, rendered
from amerce.letters.models import Letter

SUBJECT_LIMIT, SMS_LIMIT = 200, 459
"""Three parts of an SMS."""
_EMPTY_LINES = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \t]+\n")


@dataclass(frozen=True)
class Rendered:
    """What a channel needs is there: an e-mail has ``html`` and ``text``, a print ``html``, an SMS ``text``."""

    subject: str
    html: str = ""
    text: str = ""


def render(words: Words, dress: Dress, facts: Mapping[str, Any], channel: str) -> Rendered:
    """``facts`` in ``words`` for ``channel``. Raises whatever a template goes wrong with."""
    known = frozen(facts)
    subject = one_line(rendered(compiled(dress, words.subject), known, escapes=False))[:SUBJECT_LIMIT]
    if channel == Letter.Channel.SMS:
        text = one_line(rendered(compiled(dress, words.sms), known, escapes=False))
        return Rendered(subject, text=text if len(text) <= SMS_LIMIT else f"{text[: SMS_LIMIT - 1]}…")
    body = SafeString(rendered(compiled(dress, words.html), known, escapes=True))
    around = {**known, "subject": subject, "body": body}
    if channel == Letter.Channel.PRINT:
        return Rendered(subject, html=rendered(compiled(dress, layout("print")), around, escapes=True))
    plain = rendered(compiled(dress, words.text), known, escapes=False).strip()
    around_text = {**known, "body": plain}
    return Rendered(
        subject,
        html=rendered(compiled(dress, layout("email")), around, escapes=True),
        text=tidy(rendered(compiled(dress, layout("plain")), around_text, escapes=False)),
    )


def tidy(text: str) -> str:
    """Without the empty lines that tags leave, and without what cannot be seen."""
    return without_unseen(_EMPTY_LINES.sub("\n\n", _TRAILING.sub("\n", text))).strip() + "\n"


def one_line(text: str) -> str:
    """On one line: what a subject is, so that no header begins within one."""
    return without_unseen(" ".join(text.split()))
