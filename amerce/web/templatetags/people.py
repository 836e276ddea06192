"""Words of patron records, for templates: ``{% load people %}``."""

from collections.abc import Mapping

from django import template

from amerce.web.browser_wording import browser_in_words
from amerce.web.people_wording import CONTACT_KINDS

register = template.Library()


@register.filter
def label_in(code: str, labels: Mapping[str, str]) -> str:
    """The label of a code; the code itself for one that no table has."""
    return labels.get(code, code)


register.filter(browser_in_words)


@register.filter
def contact_kind(kind: str) -> str:
    """What a contact of this kind is called."""
    return next((str(label) for each, label in CONTACT_KINDS.items() if each == kind), kind)
