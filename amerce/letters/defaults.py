"""The built-in words of each kind of letter, from the files beside this one: ``default_words/<language>/<folder>/``.

Why files by language and not gettext: a letter is translated as a whole, by whoever writes letters, and an
institution that changes one starts from plain sentences.
"""

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from amerce.letters.kinds import KINDS, LetterKind

LANGUAGE = "en"
"""The one that there always is."""
_FOLDER = Path(__file__).parent / "default_words"
BUILT_IN_LANGUAGES = tuple(sorted(each.name for each in _FOLDER.iterdir() if each.is_dir()))


@dataclass(frozen=True, kw_only=True)
class Words:
    """The templates of a letter: ``html`` is the part between the institution's head and foot."""

    subject: str
    html: str
    text: str
    sms: str

    @classmethod
    def of(cls, row: Any) -> "Words":
        return cls(subject=row.subject, html=row.html, text=row.text, sms=row.sms)

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@lru_cache(maxsize=64)
def built_in(kind: str, language: str = LANGUAGE) -> Words:
    """In ``language``; in English if there are none in it."""
    known = language if language in BUILT_IN_LANGUAGES else LANGUAGE
    folder = _FOLDER / known / KINDS[LetterKind(kind)].folder
    names = {"subject": "subject.txt", "html": "letter.html", "text": "letter.txt", "sms": "sms.txt"}
    return Words(**{part: (folder / name).read_text(encoding="utf-8").strip() for part, name in names.items()})


@lru_cache(maxsize=4)
def layout(name: str) -> str:
    """What stands around a letter, for ``email``, its ``email_text``, or ``print``."""
    return next(_FOLDER.glob(f"{name}.*")).read_text(encoding="utf-8")
