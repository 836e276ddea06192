"""Words and kinds of the pages of jobs, for templates: ``{% load jobs %}``."""

from datetime import timedelta

from django import forms, template
from django.forms.boundfield import BoundField

from amerce.web import job_wording

register = template.Library()


@register.filter
def length_of_time(length: timedelta) -> str:
    """``5 minutes``."""
    return job_wording.length_of_time(length)


@register.filter
def who(name: str) -> str:
    """``Export to Bursar`` for what the job did."""
    return job_wording.who_in_words(name)


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether a field is a box with its words beside it."""
    return isinstance(field.field, forms.BooleanField)
