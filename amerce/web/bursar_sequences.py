"""Configuration > Bursar Transaction ID: the sequences from which exported fees get their numbers (row C4)."""

from dataclasses import asdict

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.inputs.stamp import stamp_of
from amerce.institutions.bursar_sequences import CHANGED, SequenceFacts, get_bursar_sequence, skipped_numbers
from amerce.institutions.bursar_sequences import bursar_sequences as all_sequences
from amerce.institutions.delete_bursar_sequence import delete_bursar_sequence
from amerce.institutions.save_bursar_sequence import save_bursar_sequence
from amerce.web.bursar_sequence_forms import Example, ExampleForm, SequenceForm, example_of, number_words
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_row

SKIPPED_SHOWN = 100


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
    changes = changes_for(request, form, CHANGED, words=number_words(), row=sequence.pk) if sequence else []
    context = {"form": form, "sequence": sequence, "example": example_of(sequence, form), "changes": changes}
    return show(request, "bursar_sequence", context, status=422 if form.errors else 200)


@require_safe
@configuration_page(Privilege.CHARGES_CONFIGURE)
def bursar_sequence_example(request: StaffRequest, sequence_id: int | None = None) -> HttpResponse:
    """The next id as the fields would have it, while they are typed."""
    sequence = get_bursar_sequence(request.actor, sequence_id) if sequence_id is not None else None
    stands = asdict(SequenceFacts.of(sequence)) if sequence else {}
    form = ExampleForm({**stands, **request.GET.dict()})
    return show(request, "_sequence_example", {"example": example_of(sequence, form)})


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
