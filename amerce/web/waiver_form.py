"""The form of a waiver: a row with an amount for each fee, one reason (rows B6, B7)."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.charges.errors import MoreThanOwed, NothingOwed
from amerce.charges.models import Fee
from amerce.charges.queries import bound_unused_minor
from amerce.charges.waive import check_waivable
from amerce.inputs.errors import Refused
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.money.format import format_plain
from amerce.patrons.models import Patron
from amerce.web.account_form import AccountForm, AmountField
from amerce.web.request import StaffRequest
from amerce.web.wording import refusal_of


@dataclass(frozen=True)
class Row:
    """One fee of the form. ``field`` is None for one that cannot be waived, and ``sentence`` says why."""

    fee: Fee
    open_minor: int
    field: Any
    sentence: str = ""


class WaiverForm(AccountForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("Waiving reason"),
        error_messages={
            "required": gettext_lazy("Choose a reason for waiving."),
            "invalid_choice": gettext_lazy("Choose a reason for waiving."),
        },
    )

    def __init__(self, request: StaffRequest, patron: Patron, fees: list[Fee]) -> None:
        super().__init__(request, patron)
        self.fees = fees
        bound = bound_unused_minor(request.actor, patron.pk, [each.pk for each in fees])
        self.open_minor = {each.pk: each.remaining_minor - bound.get(each.pk, 0) for each in fees}
        self.refused = {each.pk: sentence for each in fees if (sentence := self._why_not(each))}
        for fee in fees:
            # A form that is sent is judged by the command alone, row by row.
            if self.is_bound or fee.pk not in self.refused:
                self._add_amount(fee)
        reasons = active_codes(request.actor.institution_id, CodeEntry.Table.WAIVE_REASON)
        self.fields["reason"].choices = [("", ""), *reasons.values_list("code", "label")]  # type: ignore[attr-defined]

    @property
    def rows(self) -> list[Row]:
        def field(fee: Fee) -> Any:
            name = self.field_of_fee(fee.pk)
            return self[name] if name in self.fields else None

        return [Row(each, self.open_minor[each.pk], field(each), self.refused.get(each.pk, "")) for each in self.fees]

    def amounts(self) -> dict[int, int | None]:
        return {each.pk: self.cleaned_data[self.field_of_fee(each.pk)] for each in self.fees}

    def field_of_fee(self, fee_id: int | None) -> str:
        return f"amount_{fee_id}" if fee_id else ""

    def was_sent_before(self) -> bool:
        """Whether only the rows are refused: after a double click the first one has waived them, and the command
        knows. Their amounts are taken as they were typed."""
        if not set(self.errors) <= {self.field_of_fee(each.pk) for each in self.fees}:
            return False
        for fee in self.fees:
            name = self.field_of_fee(fee.pk)
            if name not in self.cleaned_data:
                try:
                    self.cleaned_data[name] = self.fields[name].clean(self.data.get(name))
                except forms.ValidationError:
                    return False
        return True

    def focus(self) -> None:
        """The cursor stands where there is something to do: at the reason when that alone was refused."""
        amounts = [name for each in self.fees if (name := self.field_of_fee(each.pk)) in self.fields]
        refused = [name for name in (*amounts, "reason") if name in self.errors]
        name = next(iter(refused or amounts), "reason")
        self.fields[name].widget.attrs["autofocus"] = True

    def clean(self) -> None:
        for fee in self.fees:
            amount = self.cleaned_data.get(self.field_of_fee(fee.pk))
            if fee.pk in self.refused:
                self.add_error(self.field_of_fee(fee.pk), self.refused[fee.pk])
            elif amount is not None and amount > self.open_minor[fee.pk]:
                too_much = MoreThanOwed(amount, self.open_minor[fee.pk])
                self.add_error(self.field_of_fee(fee.pk), refusal_of(too_much, self.request.institution).sentence)

    def _add_amount(self, fee: Fee) -> None:
        name = self.field_of_fee(fee.pk)
        field = AmountField(label=_("Fee amount"))
        field.institution = self.request.institution
        field.widget.attrs["class"] = "form-control amount-field"
        self.fields[name] = field
        self.initial[name] = format_plain(max(self.open_minor[fee.pk], 0), self.request.institution.currency)

    def _why_not(self, fee: Fee) -> str:
        try:
            check_waivable(fee)
            if self.open_minor[fee.pk] <= 0:
                raise NothingOwed
        except Refused as error:
            return refusal_of(error, self.request.institution).sentence
        return ""
