"""The forms of a sequence of bursar transaction IDs, and what the next id would be by them (row C4)."""

from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.institutions.bursar_sequences import (
    DIGITS_LIMIT,
    NextNumber,
    SequenceFacts,
    highest,
    transaction_id,
)
from amerce.institutions.models import BursarSequence
from amerce.institutions.queries import libraries
from amerce.institutions.save_bursar_sequence import PREFIX_LIMIT
from amerce.institutions.set_next_number import REASON_LIMIT
from amerce.web.policy_forms import CHOOSE, REQUIRED, CountField, PolicyForm
from amerce.web.request import StaffRequest

_EVERY_NUMBER = (0, highest(0))


@dataclass(frozen=True)
class Example:
    """The id that a fee would get next, and how many more there are before the padding is full."""

    written: str
    room: int

    @classmethod
    def of(cls, prefix: str, padding: int, number: int) -> "Example":
        return cls(transaction_id(prefix, padding, number), highest(padding) + 1 - number)


def _start_field() -> CountField:
    return CountField(
        _EVERY_NUMBER,
        label=gettext_lazy("Sequence Start"),
        help_text=gettext_lazy("The initial number. Each export of a fee adds 1. Default: 1."),
    )


def _prefix_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Prefix"),
        max_length=PREFIX_LIMIT,
        required=False,
        help_text=gettext_lazy("Stands before the number, and is no other sequence's. Default: none."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


def _padding_field() -> CountField:
    return CountField(
        (0, DIGITS_LIMIT),
        label=gettext_lazy("Padding"),
        required=False,
        help_text=gettext_lazy("The number of digits, filled up with zeros. Default: none."),
    )


class SequenceForm(PolicyForm):
    library_id = forms.TypedChoiceField(
        label=gettext_lazy("Library"), required=False, coerce=int, empty_value=None, error_messages=CHOOSE
    )
    name = forms.CharField(
        label=gettext_lazy("Sequence Name"),
        max_length=200,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    start = _start_field()
    method = forms.ChoiceField(
        label=gettext_lazy("Method"),
        choices=[("prefix", gettext_lazy("Prefix + Sequence"))],
        disabled=True,
        required=False,
    )
    prefix = _prefix_field()  # type: ignore[assignment]  # a field of this name, not the form's own prefix
    padding = _padding_field()

    def __init__(self, request: StaffRequest, sequence: BursarSequence | None) -> None:
        stands = SequenceFacts.of(sequence) if sequence else None
        super().__init__(request, initial=asdict(stands) if stands else {"start": 1}, stands=stands)
        mine = [(each.pk, each.name) for each in libraries(request.actor.institution_id)]
        every = ("", _("All libraries without a sequence of their own"))
        self.fields["library_id"].choices = [every, *mine]  # type: ignore[attr-defined]
        if sequence and sequence.last_taken is not None:
            self.fields["start"].disabled = self.fields["prefix"].disabled = True

    def facts(self) -> SequenceFacts:
        typed = {name: self.cleaned_data[name] for name in SequenceFacts.__dataclass_fields__}
        return SequenceFacts(**{**typed, "padding": typed["padding"] or 0})


class ExampleForm(forms.Form):
    """What of a sequence an id is made of."""

    start = _start_field()
    prefix = _prefix_field()  # type: ignore[assignment]  # a field of this name, not the form's own prefix
    padding = _padding_field()


class NextNumberForm(PolicyForm):
    next_value = CountField(_EVERY_NUMBER, label=gettext_lazy("Next number"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LIMIT,
        required=False,
        help_text=gettext_lazy("Why numbers are skipped, for whoever asks later. It may be empty."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, request: StaffRequest, sequence: BursarSequence) -> None:
        stands = NextNumber.of(sequence)
        super().__init__(request, initial=asdict(stands), stands=stands)


def example_of(sequence: BursarSequence | None, form: forms.Form) -> Example | None:
    """None as long as the fields make no id."""
    typed = form.initial
    if form.is_bound:
        typed = {} if {"start", "prefix", "padding"} & set(form.errors) else form.cleaned_data
    if not typed:
        return None
    number = sequence.next_value if sequence and typed["start"] == sequence.start else typed["start"]
    example = Example.of(typed.get("prefix") or "", typed.get("padding") or 0, number)
    return example if example.room > 0 else None


def number_words() -> dict[str, Any]:
    """Numbers of a sequence are names: their digits are not grouped."""
    fields = {**SequenceForm.base_fields, **NextNumberForm.base_fields}
    return {name: (fields[name].label, str) for name in ("start", "next_value")}
