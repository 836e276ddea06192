"""What was changed in a row of the configuration: when, by whom, and each field before and after, in its form's words.

Why from the form: it knows the label of every field and what its values are called, so that a change reads as the
page does.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from amerce.access.queries import account_names
from amerce.events.models import Event
from amerce.events.queries import changes_of
from amerce.institutions.models import Institution
from amerce.money.format import format_amount
from amerce.web.policy_forms import ChargeField, PercentField, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.templatetags.amerce import number, percent

LIMIT = 50

Word = tuple[str | Promise, Callable[[Any], str]]
"""The label of a fact that is not a field of the form, and what makes words of its value."""


@dataclass(frozen=True)
class FieldChange:
    """``before`` is None for what was added, ``after`` for what was removed, both for what an event does not keep."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Change:
    at: datetime
    by: str
    what: str
    fields: list[FieldChange]


def changes_for(
    request: StaffRequest,
    form: PolicyForm,
    name: str,
    *,
    words: Mapping[str, Word] | None = None,
    only: Container[str] | None = None,
    **which: Any,
) -> list[Change]:
    """The newest changes that are events called ``name`` and say ``which`` (``row=7``), at most ``LIMIT``.

    ``only`` names the facts that this page shows of a row that several share; a change of none of them is left out.
    The template includes ``web/configuration/_changes.html`` with them as ``changes``. Two queries.
    """
    told = changes_of(request.actor.institution_id, name, **which)
    if only is None:
        events = list(told[:LIMIT])
    else:
        events = list(islice((each for each in told.iterator() if _cut(each, only)), LIMIT))
    names = account_names(request.actor.institution_id, {each.actor_id for each in events if each.actor_id})
    return [
        Change(
            each.at,
            names.get(each.actor_id or 0, each.actor_name),
            _what(each),
            differences(form, each.data["before"], each.data["after"], request.institution, words=words)
            + _not_kept(each, form, request.institution, words or {}),
        )
        for each in events
    ]


def _cut(event: Event, only: Container[str]) -> bool:
    """Leave of the event's facts those that are shown, and say whether one of them changed."""
    for side in ("before", "after"):
        event.data[side] = {key: value for key, value in event.data[side].items() if key in only}
    return bool(event.data["before"] != event.data["after"])


def _what(event: Event) -> str:
    if event.data.get("is_restored"):
        return _("Restored to the default")
    if event.data["before"] is None:
        return _("Added")
    return _("Removed") if event.data["after"] is None else _("Changed")


def _not_kept(event: Event, form: PolicyForm, institution: Institution, words: Mapping[str, Word]) -> list[FieldChange]:
    """The fields that the event says changed without keeping what stood there, a person's name say."""
    kept = {**(event.data["before"] or {}), **(event.data["after"] or {})}
    names = [each for each in event.data.get("fields", []) if each not in kept]
    return [FieldChange(str((words.get(each) or _word(form, each, institution))[0]), None, None) for each in names]


def differences(
    form: PolicyForm,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    institution: Institution,
    *,
    words: Mapping[str, Word] | None = None,
) -> list[FieldChange]:
    """Each fact that is not the same after as before, None being a row that is not there, in the words of ``form``."""
    named = list({**(before or {}), **(after or {})})
    if before is not None and after is not None:
        named = [each for each in named if before.get(each) != after.get(each)]
    changes = []
    for name in named:
        label, in_words = (words or {}).get(name) or _word(form, name, institution)
        old = None if before is None else in_words(before.get(name))
        new = None if after is None else in_words(after.get(name))
        changes.append(FieldChange(str(label), old, new))
    return changes


def _word(form: PolicyForm, name: str, institution: Institution) -> Word:
    field = form.fields.get(form.FIELDS.get(name, name))
    if field is None:
        return name, lambda value: "" if value is None else str(value)
    return field.label or name, lambda value: value_in_words(field, value, institution)


def value_in_words(field: forms.Field, value: Any, institution: Institution) -> str:
    """A value as a command has it, in the words of the field that it was typed into."""
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ChoiceField):
        labels = {str(code): str(label) for code, label in cast(Iterable[tuple[Any, Any]], field.choices)}
        chosen = value if isinstance(value, list) else ["" if value is None else value]
        return ", ".join(labels.get(str(each), str(each)) for each in chosen) or _("empty")
    if value is None or value == "":
        return _("empty")
    if isinstance(field, ChargeField):
        return format_amount(value, institution.currency, institution.locale)
    if isinstance(field, PercentField):
        return percent(value, institution)
    return number(value, institution) if isinstance(value, int) else str(value)
