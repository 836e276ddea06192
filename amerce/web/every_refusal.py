"""The sentence for whatever a command refuses: those of a patron's money, of bulk waiving, of the rules.

Why one: a program may call any command, and its refusal is told in the words of the page.
"""

from collections.abc import Callable

from amerce.institutions.models import Institution
from amerce.web.bulk_wording import bulk_refusal
from amerce.web.policy_wording import policy_refusal
from amerce.web.wording import refusal_of


def _of_money(error: Exception, institution: Institution) -> tuple[str, str]:
    found = refusal_of(error, institution)
    return found.field, found.sentence


_TABLES: tuple[Callable[[Exception, Institution], tuple[str, str]], ...] = (_of_money, bulk_refusal, policy_refusal)


def sentence_of(error: Exception, institution: Institution) -> str:
    """Raises ``KeyError`` for an error that no table of words knows."""
    for table in _TABLES:
        try:
            return table(error, institution)[1]
        except KeyError:
            continue
    raise KeyError(type(error))
