"""The form of terms of use: every field of them, in groups that can be read (row C5)."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.circulation.configuring import can_configure
from amerce.circulation.models import TermsOfUse
from amerce.circulation.policies import item_policies
from amerce.circulation.terms_facts import (
    AMOUNTS,
    NOTICE_DAYS,
    NOTICES_LIMIT,
    NUMBERS,
    Notice,
    TermsFacts,
    facts_of_terms,
)
from amerce.institutions.models import Institution
from amerce.institutions.queries import libraries
from amerce.money.format import format_plain
from amerce.money.percent import format_percent
from amerce.patrons.queries import user_groups
from amerce.web.policy_forms import CHOOSE, REQUIRED, ChargeField, CountField, PercentField, PolicyForm
from amerce.web.policy_wording import GRACE_UNITS, PER_UNITS, UNITS, WHEN_FOUND, minutes_as_typed
from amerce.web.request import StaffRequest


class LoanScopeForm(PolicyForm):
    """A user group, an item policy and a library, each of which may be any; only libraries in the reader's charge."""

    group = forms.TypedChoiceField(
        label=gettext_lazy("User group"), required=False, coerce=int, empty_value=None, error_messages=CHOOSE
    )
    item_policy = forms.ChoiceField(label=gettext_lazy("Item policy"), required=False, error_messages=CHOOSE)
    library = forms.TypedChoiceField(
        label=gettext_lazy("Library"), required=False, coerce=int, empty_value=None, error_messages=CHOOSE
    )

    def __init__(self, request: StaffRequest, *, kept_policy: str = "", **options: Any) -> None:
        super().__init__(request, **options)
        groups = [(each.pk, each.label) for each in user_groups(request.actor.institution_id)]
        policies = [(each.code, each.label) for each in _offered(request, kept_policy)]
        places: list[tuple[Any, str]] = [("", _("Any library"))] if can_configure(request.actor) else []
        for each in libraries(request.actor.institution_id):
            if can_configure(request.actor, each.pk):
                places.append((each.pk, each.name))
        self.fields["group"].choices = [("", _("Any group")), *groups]  # type: ignore[attr-defined]
        self.fields["item_policy"].choices = [("", _("Any item policy")), *policies]  # type: ignore[attr-defined]
        self.fields["library"].choices = places  # type: ignore[attr-defined]


class TermsForm(LoanScopeForm):
    FIELDS = {"grace_minutes": "grace_number", "group_id": "group", "library_id": "library"}

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, error_messages=REQUIRED)
    loan_length = CountField(NUMBERS["loan_length"], label=gettext_lazy("Loan period"))
    loan_unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=UNITS, error_messages=CHOOSE)
    renewals_limit = CountField(NUMBERS["renewals_limit"], label=gettext_lazy("Renewals"))
    overdue_rate_minor = ChargeField(label=gettext_lazy("Overdue fine"))
    overdue_unit = forms.ChoiceField(label=gettext_lazy("for each"), choices=PER_UNITS, error_messages=CHOOSE)
    grace_number = CountField(NUMBERS["grace_minutes"], label=gettext_lazy("Grace period"))
    grace_unit = forms.TypedChoiceField(
        label=gettext_lazy("Unit of grace"), choices=GRACE_UNITS, coerce=int, error_messages=CHOOSE
    )
    overdue_maximum_minor = ChargeField(
        label=gettext_lazy("Maximum overdue fine"), help_text=gettext_lazy("For one loan. 0 or empty: no maximum.")
    )
    charges_closed_time = forms.BooleanField(
        label=gettext_lazy("Time while the library is closed counts"), required=False
    )
    recall_rate_minor = ChargeField(
        label=gettext_lazy("Recalled overdue fine"),
        help_text=gettext_lazy("In place of the overdue fine, for the same unit. 0 or empty: the overdue fine."),
    )
    recall_length = CountField(NUMBERS["recall_length"], label=gettext_lazy("Days left after a recall"))
    uses_item_price = forms.BooleanField(label=gettext_lazy("The price of the item, if it has one"), required=False)
    replacement_minor = ChargeField(label=gettext_lazy("Lost item replacement fee"))
    process_fee_minor = ChargeField(label=gettext_lazy("Lost item process fee"))
    refund_ratio_bp = PercentField(
        label=gettext_lazy("Refund ratio in percent"),
        help_text=gettext_lazy("Of what was paid for the replacement, once the item is found."),
    )
    refund_window_days = CountField(
        NUMBERS["refund_window_days"],
        label=gettext_lazy("Refund within days"),
        required=False,
        help_text=gettext_lazy("From the day it became lost. Empty: whenever."),
    )
    overdue_when_found = forms.ChoiceField(
        label=gettext_lazy("Charged once it is found"), choices=WHEN_FOUND, error_messages=CHOOSE
    )
    days_to_lost = CountField(
        NUMBERS["days_to_lost"],
        label=gettext_lazy("Days overdue until lost"),
        required=False,
        help_text=gettext_lazy("Empty: never by itself."),
    )

    def __init__(self, request: StaffRequest, terms: TermsOfUse | None) -> None:
        said = facts_of_terms(terms) if terms else TermsFacts(name="")
        initial = _as_typed(said, request.institution)
        super().__init__(request, kept_policy=said.item_policy, initial=initial, stands=said if terms else None)
        for number in range(1, NOTICES_LIMIT + 1):
            self.fields[f"notice_{number}_days"] = CountField(
                NOTICE_DAYS, label=_("Notice %(number)s: days after the due day") % {"number": number}, required=False
            )
            fee = ChargeField(label=_("Notice %(number)s: fee") % {"number": number})
            fee.institution = request.institution
            self.fields[f"notice_{number}_fee"] = fee
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "form-control")

    def facts(self) -> TermsFacts:
        """What was typed, once the form is valid."""
        typed = self.cleaned_data
        same = {each: typed[each] for each in TermsFacts.__dataclass_fields__ if each in typed}
        return TermsFacts(
            **same,
            group_id=typed["group"],
            library_id=typed["library"],
            grace_minutes=typed["grace_number"] * typed["grace_unit"],
            notices=tuple(
                Notice(typed[f"notice_{number}_days"], typed[f"notice_{number}_fee"])
                for number in range(1, NOTICES_LIMIT + 1)
                if typed[f"notice_{number}_days"] is not None
            ),
        )

    def clean(self) -> dict[str, Any]:
        """Notices are filled from the first on, and a fee has its day."""
        typed = super().clean() or self.cleaned_data
        filled = True
        for number in range(1, NOTICES_LIMIT + 1):
            field = f"notice_{number}_days"
            if field in self.errors:
                continue
            is_filled = typed.get(field) is not None
            if is_filled and not filled:
                self.add_error(field, _("Fill the notices from the first one on."))
            elif not is_filled and typed.get(f"notice_{number}_fee"):
                self.add_error(field, _("Type the day for this fee as well."))
            filled = filled and is_filled
        return typed

    @property
    def notices(self) -> list[tuple[int, Any, Any]]:
        """Number, field of the days and field of the fee, for the page."""
        numbers = range(1, NOTICES_LIMIT + 1)
        return [(each, self[f"notice_{each}_days"], self[f"notice_{each}_fee"]) for each in numbers]


def _offered(request: StaffRequest, kept_policy: str) -> list[Any]:
    return [each for each in item_policies(request.actor) if each.is_active or each.code == kept_policy]


def _as_typed(facts: TermsFacts, institution: Institution) -> dict[str, Any]:
    """The values of the fields for ``facts``."""
    typed = {**facts.columns(), "group": facts.group_id, "library": facts.library_id}
    typed["grace_number"], typed["grace_unit"] = minutes_as_typed(facts.grace_minutes)
    typed["refund_ratio_bp"] = format_percent(facts.refund_ratio_bp)
    for field in AMOUNTS:
        typed[field] = format_plain(getattr(facts, field), institution.currency)
    typed |= {f"notice_{number}_{part}": None for number in range(1, NOTICES_LIMIT + 1) for part in ("days", "fee")}
    for number, notice in enumerate(facts.notices, start=1):
        typed[f"notice_{number}_days"] = notice.after_days
        typed[f"notice_{number}_fee"] = format_plain(notice.fee_minor, institution.currency) if notice.fee_minor else ""
    return typed
