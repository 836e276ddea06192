"""Configuration > Bursar Transaction ID: the sequences from which exported fees get their numbers (row C4)."""

from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.inputs.errors import Refused
from amerce.inputs.stamp import stamp_of
from amerce.institutions.bursar_sequences import (
    CHANGED,
    DIGITS_LIMIT,
    NextNumber,
    SequenceFacts,
    get_bursar_sequence,
    highest,
    lowest,
    skipped_numbers,
    transaction_id,
)
from amerce.institutions.bursar_sequences import bursar_sequences as all_sequences
from amerce.institutions.delete_bursar_sequence import delete_bursar_sequence
from amerce.institutions.models import BursarSequence
from amerce.institutions.queries import libraries
from amerce.institutions.save_bursar_sequence import PREFIX_LIMIT, save_bursar_sequence
from amerce.institutions.set_next_number import REASON_LIMIT, check_next_number, set_next_number
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, REQUIRED, CountField, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_row

SKIPPED_SHOWN = 100
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


@require_safe
@configuration_page(Privilege.CHARGES_CONFIGURE)
def bursar_sequences(request: StaffRequest) -> HttpResponse:
    rows = [
        (sequence, Example.of(sequence.prefix, sequence.padding, sequence.next_value))
        for sequence in all_sequences(request.actor)
    ]
    skipped = list(skipped_numbers(request.actor)[: SKIPPED_SHOWN + 1])
    by = [*(sequence.updated_by for sequence, _example in rows), *(each.created_by for each in skipped)]
    context = {
        "rows": rows,
        "names": names_by_login(request.institution.pk, by),
        "skipped": skipped[:SKIPPED_SHOWN],
        "limit": SKIPPED_SHOWN if len(skipped) > SKIPPED_SHOWN else None,
    }
    return show(request, "bursar_sequences", context)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.CHARGES_CONFIGURE)
def edit_bursar_sequence(request: StaffRequest, sequence_id: int | None = None) -> HttpResponse:
    sequence = get_bursar_sequence(request.actor, sequence_id) if sequence_id is not None else None
    form = SequenceForm(request, sequence)
    if form.is_sent() and form.attempt(save_bursar_sequence, facts=form.facts(), sequence_id=sequence_id):
        name, is_changed = form.cleaned_data["name"], form.answer.is_changed
        tell_row(request, name, is_new=sequence is None, is_changed=is_changed)
        return redirect("bursar-sequences")
    changes = changes_for(request, form, CHANGED, words=_number_words(), row=sequence.pk) if sequence else []
    context = {"form": form, "sequence": sequence, "example": _example(sequence, form), "changes": changes}
    return show(request, "bursar_sequence", context, status=422 if form.errors else 200)


@require_safe
@configuration_page(Privilege.CHARGES_CONFIGURE)
def bursar_sequence_example(request: StaffRequest, sequence_id: int | None = None) -> HttpResponse:
    """The next id as the fields would have it, while they are typed."""
    sequence = get_bursar_sequence(request.actor, sequence_id) if sequence_id is not None else None
    stands = asdict(SequenceFacts.of(sequence)) if sequence else {}
    form = ExampleForm({**stands, **request.GET.dict()})
    return show(request, "_sequence_example", {"example": _example(sequence, form)})


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.CHARGES_CONFIGURE)
def set_next_value(request: StaffRequest, sequence_id: int) -> HttpResponse:
    """Set Next Number Value: asks once more before numbers are skipped."""
    sequence = get_bursar_sequence(request.actor, sequence_id)
    form = NextNumberForm(request, sequence)
    asks = None
    if form.is_sent():
        typed = form.cleaned_data
        is_confirmed = request.POST.get("confirmed") == str(typed["next_value"])
        if typed["next_value"] != sequence.next_value and not is_confirmed:
            try:
                form.require_current(NextNumber(typed["next_value"]))
                check_next_number(sequence, typed["next_value"])
                asks = _asks(sequence, typed["next_value"])
            except Refused as refused:
                form.refuse(refused)
        elif form.attempt(set_next_number, sequence_id=sequence_id, **typed):
            written = transaction_id(sequence.prefix, sequence.padding, typed["next_value"])
            messages.success(request, _("Saved. The next exported fee gets %(id)s.") % {"id": written})
            return redirect("bursar-sequences")
    context = {
        "form": form,
        "sequence": sequence,
        "example": Example.of(sequence.prefix, sequence.padding, sequence.next_value),
        "lowest": lowest(sequence),
        "asks": asks,
    }
    return show(request, "bursar_sequence_next", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.CHARGES_CONFIGURE)
def remove_bursar_sequence(request: StaffRequest, sequence_id: int) -> HttpResponse:
    sequence = get_bursar_sequence(request.actor, sequence_id)
    done = _("Deleted: %(name)s.") % {"name": sequence.name}
    error = confirmed(
        request, delete_bursar_sequence, done, sequence_id=sequence_id, expected_stamp=stamp_sent(request)
    )
    if error is None:
        return redirect("bursar-sequences")
    context = {"sequence": sequence, "error": error, "stamp": stamp_of(SequenceFacts.of(sequence))}
    return show(request, "bursar_sequence_delete", context, status=422 if error else 200)


def _example(sequence: BursarSequence | None, form: forms.Form) -> Example | None:
    """None as long as the fields make no id."""
    typed = form.initial
    if form.is_bound:
        typed = {} if {"start", "prefix", "padding"} & set(form.errors) else form.cleaned_data
    if not typed:
        return None
    number = sequence.next_value if sequence and typed["start"] == sequence.start else typed["start"]
    example = Example.of(typed.get("prefix") or "", typed.get("padding") or 0, number)
    return example if example.room > 0 else None


def _asks(sequence: BursarSequence, next_value: int) -> dict[str, Any]:
    """What would be so once the next number is set."""
    first = lowest(sequence)
    return {
        "next_value": next_value,
        "written": transaction_id(sequence.prefix, sequence.padding, next_value),
        "first": first,
        "last": next_value - 1,
        "count": next_value - first,
    }


def _number_words() -> dict[str, Any]:
    """Numbers of a sequence are names: their digits are not grouped."""
    fields = {**SequenceForm.base_fields, **NextNumberForm.base_fields}
    return {name: (fields[name].label, str) for name in ("start", "next_value")}
