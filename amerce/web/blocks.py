"""The tab Blocks of User Details: setting a block by hand, and lifting it (row C7)."""

import functools
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.patrons.blocks import DESCRIPTION_LIMIT, NOTE_LIMIT, BlockFacts, lift_block, set_block
from amerce.patrons.errors import RowNotFound
from amerce.patrons.models import Patron, PatronBlock
from amerce.web.open_record import with_open_patron
from amerce.web.record_form import DayField, RecordForm, RemovalForm, done, show_form
from amerce.web.refusals import refusal
from amerce.web.request import StaffRequest
from amerce.web.wording import refusal_of


class BlockForm(RecordForm):
    description = forms.CharField(
        label=gettext_lazy("Block description"),
        max_length=DESCRIPTION_LIMIT,
        help_text=gettext_lazy("What the desk reads when the record is opened."),
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
        error_messages={"required": gettext_lazy("Write why the patron is blocked.")},
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Block type"),
        choices=[
            (PatronBlock.Type.GENERAL, gettext_lazy("General")),
            (PatronBlock.Type.LOAN, gettext_lazy("Loan")),
        ],
        help_text=gettext_lazy("General: no checkout, renewal or request. Loan: no checkout or renewal."),
        error_messages={
            "required": gettext_lazy("Choose a type from the list."),
            "invalid_choice": gettext_lazy("Choose a type from the list."),
        },
    )
    expires_on = DayField(
        label=gettext_lazy("Expires"), help_text=gettext_lazy("The last day of the block. Empty: until it is lifted.")
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=NOTE_LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 2, "autocomplete": "off"}),
    )

    def facts(self) -> BlockFacts:
        return BlockFacts(**{name: value for name, value in self.cleaned_data.items() if name != "record_seq"})


def _block_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of the open record for those who may set blocks; one that is not the patron's is not found."""

    @with_open_patron  # type: ignore[arg-type]
    @functools.wraps(view)
    def page(request: StaffRequest, patron: Patron, **which: Any) -> HttpResponse:
        require(request.actor, Privilege.BLOCK_SET)
        try:
            return view(request, patron, **which)
        except RowNotFound as error:
            sentence = refusal_of(error, request.institution).sentence
            return refusal(request, sentence, title=_("Not found"), status=404)

    return page


@require_http_methods(["GET", "HEAD", "POST"])
@_block_page
def new_block(request: StaffRequest, patron: Patron) -> HttpResponse:
    form = BlockForm(request, patron)
    back = reverse("patron-blocks", args=[patron.pk])
    if form.is_bound and form.is_valid():
        outcome = form.attempt(set_block, at=timezone.now(), facts=form.facts())
        if outcome:
            return done(request, outcome, _("The patron is blocked."), back)
    return show_form(request, form, "web/people/_block_form.html", title=_("Add block"), tab="blocks", back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@_block_page
def block_lifting(request: StaffRequest, patron: Patron, block_id: int) -> HttpResponse:
    block = patron.blocks.filter(pk=block_id).first()
    if block is None:
        raise RowNotFound
    form = RemovalForm(request, patron)
    back = reverse("patron-blocks", args=[patron.pk])
    if form.is_bound and form.is_valid():
        outcome = form.attempt(lift_block, at=timezone.now(), block_id=block_id)
        if outcome:
            return done(request, outcome, _("The block is lifted."), back)
    body = "web/people/_lift_form.html"
    return show_form(request, form, body, title=_("Lift block"), tab="blocks", back=back, block=block)
