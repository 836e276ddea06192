"""The base of every form that changes a patron's account: its key, the state it was made at, and its refusals.

Why a key and a ``seq`` in each: the same form sent twice acts once, and a form made before the account changed
is refused and told what changed (row G2).
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.charges.errors import FeeNotFound, KeyConflict, StaleAccount, TransferNotFound
from amerce.charges.outcome import Outcome
from amerce.charges.queries import balances, changes_since
from amerce.inputs.errors import Refused
from amerce.institutions.models import Institution
from amerce.money.amount import AmountError, parse_amount
from amerce.patrons.models import Patron
from amerce.web.forms import AmerceForm
from amerce.web.request import StaffRequest
from amerce.web.wording import WHOLE_FORM, refusal_of

CHANGES_SHOWN = 10
_ID_DIGITS = 18
NO_ID = 0
"""The id that no row has, so that it is not found."""


class AmountField(forms.CharField):
    """An amount as it is typed, cleaned into minor units; None for nothing in a field that may be empty."""

    institution: Institution

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "form-control amount-field"}
        super().__init__(**{"widget": forms.TextInput(attrs), **options})

    def clean(self, value: Any) -> int | None:
        typed = str(value or "")
        if not self.required and not typed.strip():
            return None
        try:
            return parse_amount(typed, self.institution.currency, ceiling_minor=self.institution.amount_ceiling_minor)
        except AmountError as error:
            raise ValidationError(refusal_of(error, self.institution).sentence) from None


class AccountForm(AmerceForm):
    """``changes`` lists what happened to the account since the page was made, after a refusal because of it."""

    form_key = forms.CharField(widget=forms.HiddenInput, max_length=100)
    seq = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**_ID_DIGITS)
    next = forms.CharField(widget=forms.HiddenInput, required=False)
    comment = forms.CharField(
        label=gettext_lazy("Comment"), required=False, widget=forms.Textarea({"rows": 2, "autocomplete": "off"})
    )

    def __init__(self, request: StaffRequest, patron: Patron, *, initial: dict[str, Any] | None = None) -> None:
        self.request, self.patron = request, patron
        self.changes: Sequence[Any] = ()
        data = request.POST.copy() if request.method == "POST" else None
        fresh = {"form_key": uuid4().hex, "next": request.GET.get("next", "")}
        super().__init__(data, initial={**fresh, **(initial or {})})
        if data is None and "seq" not in self.initial:
            self.initial["seq"] = balances(request.actor, patron.pk).seq
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.institution = request.institution

    def is_valid(self) -> bool:
        valid = super().is_valid()
        if "form_key" in self.errors or "seq" in self.errors:
            for hidden in ("form_key", "seq"):
                self.errors.pop(hidden, None)
            self._renew()
            self.add_error(None, _("This form came incomplete, so nothing was done. Check it and send it again."))
        return valid

    def attempt(self, command: Callable[..., Outcome], **inputs: Any) -> Outcome | None:
        """What ``command`` answers; None after a refusal, which then stands at its field, all values kept.

        An unknown fee or transaction is not a mistake in a form and is raised on.
        """
        try:
            return command(**inputs, form_key=self.cleaned_data["form_key"], expected_seq=self.cleaned_data["seq"])
        except (FeeNotFound, TransferNotFound):
            raise
        except Refused as error:
            self.refuse(error)
            return None

    def refuse(self, error: Exception) -> None:
        """Put the sentence for ``error`` where it belongs."""
        stale = isinstance(error, StaleAccount) or (isinstance(error, KeyConflict) and error.scope == "form")
        if stale:
            since = self.cleaned_data["seq"]
            self.changes = list(changes_since(self.request.actor, self.patron.pk, since)[:CHANGES_SHOWN])
            self._renew()
        refused = refusal_of(error, self.request.institution)
        field = self.field_of_fee(refused.fee_id) or refused.field
        self.add_error(field if field != WHOLE_FORM and field in self.fields else None, refused.sentence)

    def field_of_fee(self, fee_id: int | None) -> str:
        """The field in which a sentence about one fee belongs; forms with a row for each fee say so."""
        return ""

    def _renew(self) -> None:
        self.data["form_key"] = uuid4().hex  # type: ignore[index]
        self.data["seq"] = str(balances(self.request.actor, self.patron.pk).seq)  # type: ignore[index]


def ids_of(values: Sequence[str]) -> list[int]:
    """The ids among ``values`` in order, without repetition.

    What is no id becomes ``NO_ID``: left out, one fee less would be paid than was asked for, and nobody told.
    """
    return list(dict.fromkeys(int(each) if _is_id(each) else NO_ID for each in values))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS
