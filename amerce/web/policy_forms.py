"""Fields of the configuration: a charge that may be nothing, a percentage, a number with limits."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.inputs.errors import OutOfDate, Refused, RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import Institution
from amerce.money.amount import AmountError, AmountNotPositive, parse_amount
from amerce.money.percent import parse_percent_bp
from amerce.web.forms import AmerceForm
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest
from amerce.web.wording import refusal_of

_NUMBER = {"inputmode": "numeric", "autocomplete": "off", "class": "form-control amount-field"}
_DECIMAL = {"inputmode": "decimal", "autocomplete": "off", "class": "form-control amount-field"}
REQUIRED = {"required": gettext_lazy("This cannot be empty.")}
CHOOSE = {
    "required": gettext_lazy("Choose one from the list."),
    "invalid_choice": gettext_lazy("Choose one from the list."),
}


class ChargeField(forms.CharField):
    """An amount that may be zero, cleaned into minor units. Nothing typed is ``empty_minor``.

    At most ``ceiling_minor``, without it the institution's ceiling.
    """

    institution: Institution

    def __init__(self, *, empty_minor: int | None = 0, ceiling_minor: int | None = None, **options: Any) -> None:
        self.empty_minor = empty_minor
        self.ceiling_minor = ceiling_minor
        super().__init__(**{"required": False, "widget": forms.TextInput(dict(_DECIMAL)), **options})

    def clean(self, value: Any) -> int | None:
        typed = str(value or "")
        if not typed.strip():
            return self.empty_minor
        try:
            ceiling_minor = self.ceiling_minor or self.institution.amount_ceiling_minor
            return parse_amount(typed, self.institution.currency, ceiling_minor=ceiling_minor)
        except AmountNotPositive:
            return 0
        except AmountError as error:
            raise ValidationError(refusal_of(error, self.institution).sentence) from None


class PercentField(forms.CharField):
    """A percentage, cleaned into hundredths of a percent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.TextInput(dict(_DECIMAL)), "error_messages": REQUIRED, **options})

    def clean(self, value: Any) -> int:
        try:
            return parse_percent_bp(str(super().clean(value)))
        except AmountError:
            raise ValidationError(_("Write a percentage from 0 to 100 in digits, like 87.5.")) from None


class CountField(forms.IntegerField):
    """A whole number from ``low`` to ``high``."""

    def __init__(self, limits: tuple[int, int], **options: Any) -> None:
        low, high = limits
        sentence = format_lazy(gettext_lazy("A whole number from {low} to {high}."), low=low, high=high)
        options.setdefault("widget", forms.TextInput(dict(_NUMBER)))
        options["error_messages"] = dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence)
        super().__init__(min_value=low, max_value=high, **options)


class SecretField(forms.CharField):
    """A secret that is kept sealed: it is never shown, and nothing typed leaves the one there is.

    The browser is told that it is a new one, or it would offer the password of whoever signed in.
    """

    def __init__(self, **options: Any) -> None:
        plain = {"required": False, "strip": False, "widget": forms.PasswordInput({"autocomplete": "new-password"})}
        super().__init__(**{**plain, **options})


class PolicyForm(AmerceForm):
    """A form of the configuration. ``refuse`` puts the sentence for an error of a command where it belongs.

    ``stands`` is what the command will find under its lock, None where something new is made. ``stamp`` goes out with
    the page and comes back with it; the view hands it to the command as ``expected_stamp``.
    """

    answer: Any = None
    FIELDS: dict[str, str] = {}
    """The field of the form for one of the command, where the two have not the same name."""

    def __init__(self, request: StaffRequest, *, initial: dict[str, Any] | None = None, stands: object = None) -> None:
        self.request = request
        super().__init__(request.POST if request.method == "POST" else None, initial=initial)
        self._stamp_now = None if stands is None else stamp_of(stands)
        came = stands is not None and self.is_bound
        self.stamp = request.POST.get("stamp", "") if came else self._stamp_now
        for field in self.fields.values():
            if isinstance(field, ChargeField):
                field.institution = request.institution

    def offer_defaults(self, defaults: Mapping[str, Any]) -> None:
        """Show ``defaults`` in their fields when the page is asked for with ``?defaults``: nothing is saved by that."""
        self.shows_defaults = "defaults" in self.request.GET and not self.is_bound
        if self.shows_defaults:
            self.initial.update({name: value for name, value in defaults.items() if name in self.fields})

    def is_sent(self) -> bool:
        """Whether it came back filled in as its fields want it."""
        return self.is_bound and self.is_valid()

    def attempt(self, command: Callable[..., Any], **inputs: Any) -> bool:
        """Whether ``command`` did it; what it answered is ``answer`` then. If not, its refusal stands at its field.

        A row that is not there is no mistake in a form and is raised on.
        """
        if self.stamp is not None:
            inputs["expected_stamp"] = self.stamp
        try:
            self.answer = command(actor=self.request.actor, at=timezone.now(), **inputs)
        except RowNotFound:
            raise
        except Refused as refused:
            self.refuse(refused)
            return False
        return True

    def close(self) -> None:
        """For who may look and not change."""
        for field in self.fields.values():
            field.disabled = True

    def require_current(self, said: object) -> None:
        """Raise ``OutOfDate`` where the command will, before a preview: unless ``said`` is what stands anyway."""
        if self.stamp != self._stamp_now and stamp_of(said) != self._stamp_now:
            raise OutOfDate

    def refuse(self, error: Exception) -> None:
        if isinstance(error, OutOfDate):
            self.stamp = self._stamp_now
            self.show_what_stands(self.request.institution)
        field, sentence = policy_refusal(error, self.request.institution)
        field = self.FIELDS.get(field, field)
        self.add_error(field if field in self.fields else None, sentence)
