"""The sentence for what a command refuses: the same that a page shows."""

from django.conf import settings
from django.utils.module_loading import import_string

from amerce.institutions.models import Institution


def sentence_for(error: Exception, institution: Institution) -> str | None:
    """None for an error that no table of words knows. The table is a page's; only ``config`` knows both."""
    try:
        return str(import_string(settings.AMERCE_REFUSALS)(error, institution))
    except KeyError:
        return None
