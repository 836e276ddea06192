"""What the tables of refusals share: a maker of the sentence for each error class."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from amerce.institutions.models import Institution

Sentence = Callable[[Any, Institution], str]
"""Given the error and where it happened, what a person reads."""


def plain(sentence: Any) -> Sentence:
    """``sentence``, which was marked for translation, whatever the error holds."""
    return lambda _error, _institution: str(sentence)


def malformed(_error: Any, _institution: Institution | None) -> str:
    return _("This holds characters that cannot be seen. Type it again.")


def too_long(error: Any, _institution: Institution) -> str:
    """For an error that says its ``limit`` of characters."""
    return _("At most %(limit)s characters, please.") % {"limit": error.limit}
