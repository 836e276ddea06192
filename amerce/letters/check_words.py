"""Whether a letter can be made of words that somebody typed, and which line is wrong if not (row C6).

Why with the facts of an example: what is only wrong once it is filled in shows itself to who typed it, not to a patron.
"""

import re
from datetime import datetime
from typing import Any

from django.template import TemplateSyntaxError

from amerce.inputs.checks import can_be_seen
from amerce.inputs.errors import TextMalformed, TextTooLong
from amerce.letters.defaults import Words
from amerce.letters.errors import WordsBroken, WordsMissing
from amerce.letters.house import House
from amerce.letters.language import SOURCE_LIMIT, UNKNOWN_BEGIN, UNKNOWN_END, LetterTooLong, compiled, frozen, rendered
from amerce.letters.samples import sample

SUBJECT_LIMIT = 300
_UNKNOWN = re.compile(f"{UNKNOWN_BEGIN}(.*?){UNKNOWN_END}")
_A_DAY = datetime.fromisoformat("2026-03-02T12:00:00+00:00")


def check_words(house: House, kind: str, language: str, words: Words) -> None:
    """Raise ``WordsMissing``, ``TextTooLong``, ``TextMalformed`` or ``WordsBroken`` unless a letter can be made of
    ``words`` by every channel and they name nothing that is not there.
    """
    facts = frozen({**house.facts(_A_DAY), "language": language, **sample(kind)})
    for part, text in words.as_dict().items():
        if not text.strip():
            raise WordsMissing(part)
        limit = SUBJECT_LIMIT if part == "subject" else SOURCE_LIMIT
        if len(text) > limit:
            raise TextTooLong(part, limit)
        if not can_be_seen(text):
            raise TextMalformed(part)
        _check_part(house, language, part, text, facts)


def _check_part(house: House, language: str, part: str, text: str, facts: Any) -> None:
    try:
        template = compiled(house.dress(language), text, is_checking=True)
        said = rendered(template, facts, escapes=part == "html")
    except TemplateSyntaxError as error:
        raise WordsBroken(part, _line_of(error), str(error)) from error
    except LetterTooLong as error:
        raise WordsBroken(part, 1, "it becomes too long") from error
    except Exception as error:
        raise WordsBroken(part, _line_of(error), str(error) or type(error).__name__) from error
    unknown = _UNKNOWN.search(said)
    if unknown:
        raise WordsBroken(part, _line_with(text, unknown[1]), f"there is no “{unknown[1]}” in this letter")


def _line_of(error: Exception) -> int:
    token = getattr(error, "token", None) or getattr(getattr(error, "_culprit_node", None), "token", None)
    return int(getattr(token, "lineno", None) or 1)


def _line_with(text: str, name: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if name in line), 1)
