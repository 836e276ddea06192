"""Words of the account pages, for templates: ``{% load account %}``."""

from django import template

from amerce.web.wording import KINDS

register = template.Library()


@register.filter
def transaction_kind(kind: str) -> str:
    """What a transaction of this kind is called."""
    return str(KINDS.get(kind, kind))
