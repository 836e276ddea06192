"""The form of a fines/fees notification profile, with the fields of the seed (row C3)."""

from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.charges.models import CREDIT_TYPE, FeeType
from amerce.institutions.queries import libraries, printers
from amerce.money.format import format_plain
from amerce.notices.models import NotificationProfile
from amerce.notices.profiles import INSTITUTION, ProfileFacts
from amerce.notices.save_profile import DAYS_LIMIT, DESCRIPTION_LIMIT, as_kept, mistakes
from amerce.patrons.queries import user_groups
from amerce.web.policy_forms import CHOOSE, REQUIRED, ChargeField, CountField, PolicyForm
from amerce.web.request import StaffRequest

CRITERIA = (
    "minimum_minor",
    "maximum_minor",
    "groups",
    "skips_borrowers",
    "only_active",
    "owners",
    "types",
    "created_before_days",
    "created_after_days",
)
"""The fields that say whom a profile matches."""
_AMOUNTS = ("minimum_minor", "maximum_minor", "fee_minor")


def _many(**options: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple, error_messages=CHOOSE, **options
    )


class ProfileForm(PolicyForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        error_messages=REQUIRED,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=DESCRIPTION_LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    minimum_minor = ChargeField(
        label=gettext_lazy("Minimum amount for user"),
        help_text=gettext_lazy("Notify from this total on. Above 0; for less than 1 begin with a 0: 0.45, not .45."),
    )
    maximum_minor = ChargeField(
        label=gettext_lazy("Maximum amount for user"),
        empty_minor=None,
        help_text=gettext_lazy("Notify below this total. Empty: however high it is."),
    )
    groups = _many(label=gettext_lazy("User group"))
    skips_borrowers = forms.BooleanField(
        label=gettext_lazy("Skip Patrons with Loans"),
        required=False,
        help_text=gettext_lazy("Whoever has a loan, also one that is claimed returned or lost, is left out."),
    )
    only_active = forms.BooleanField(
        label=gettext_lazy("Only Active Patrons"),
        required=False,
        help_text=gettext_lazy("Inactive users and external users whose account has expired are left out."),
    )
    owners = _many(
        label=gettext_lazy("Fines/fees owner"),
        help_text=gettext_lazy(
            "Each owner notifies by itself, and minimum and maximum are of each by itself. None ticked: every library, "
            "and not what the institution owns."
        ),
    )
    types = _many(
        label=gettext_lazy("Fines/fees type"),
        help_text=gettext_lazy("Minimum and maximum are of the sum of all ticked types. None ticked: all types."),
    )
    created_before_days = CountField(
        (0, DAYS_LIMIT),
        label=gettext_lazy("Fines/fees Created Before (days)"),
        required=False,
        help_text=gettext_lazy("Only what is owed for more than so many days. Empty: however new it is."),
    )
    created_after_days = CountField(
        (1, DAYS_LIMIT),
        label=gettext_lazy("Fines/fees Created After (days)"),
        required=False,
        help_text=gettext_lazy("Only what is owed for less than so many days. Empty: however old it is."),
    )
    creates_fee = forms.BooleanField(
        label=gettext_lazy("Create Notification Fee"),
        required=False,
        help_text=gettext_lazy("Each message charges its handling fee. The total it tells is without it."),
    )
    fee_minor = ChargeField(
        label=gettext_lazy("Notification Fee Amount"),
        empty_minor=None,
        help_text=gettext_lazy("Above 0. Charged once per message, to the owner of the fees it tells of."),
    )
    send_format = forms.ChoiceField(
        label=gettext_lazy("Letter send format"),
        choices=NotificationProfile.SendFormat.choices,
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
        initial=NotificationProfile.SendFormat.SEND.value,
        help_text=gettext_lazy(
            "An SMS goes to patrons with a number for SMS, beside the e-mail. Who has neither stands on the list of "
            "letters without an address."
        ),
    )
    printer_id = forms.TypedChoiceField(
        label=gettext_lazy("Printer"), required=False, coerce=int, empty_value=None, error_messages=CHOOSE
    )

    def __init__(
        self, request: StaffRequest, profile: NotificationProfile | None, *, like: ProfileFacts | None = None
    ) -> None:
        stands = ProfileFacts.of(profile) if profile else None
        said = stands or like
        super().__init__(request, initial=_as_typed(request, said) if said else None, stands=stands)
        self._offer(request, said)
        default = request.institution.default_user_group
        self.fields["groups"].help_text = (
            format_lazy(gettext_lazy("None ticked: the default user group, {group}."), group=default.label)
            if default
            else _("None ticked: all users, since the institution has no default user group.")
        )

    def clean(self) -> dict[str, Any]:
        """What is not shown is not looked at: an amount without its tick, a printer where nothing is printed."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if not typed.get("creates_fee"):
            self._forget("fee_minor")
        if typed.get("send_format") == NotificationProfile.SendFormat.SEND:
            self._forget("printer_id")
        return typed

    def facts(self) -> ProfileFacts:
        """What was typed; a field that was refused says nothing."""
        cleaned = self.cleaned_data
        typed = {name: cleaned[name] for name in ProfileFacts.__dataclass_fields__ if name in cleaned}
        lists = {name: tuple(sorted(typed.get(name) or ())) for name in ("groups", "owners", "types")}
        return replace(ProfileFacts(name="", minimum_minor=0), **{**typed, **lists})

    def tell_the_rest(self) -> None:
        """Of a form that was refused, say every other mistake too, at its field: the command stops at the first."""
        told = set(self.errors)
        for mistake in mistakes(self.request.institution, as_kept(self.facts())) if told - {NON_FIELD_ERRORS} else []:
            if getattr(mistake, "field", "") not in told:
                self.refuse(mistake)

    def _forget(self, name: str) -> None:
        self.errors.pop(name, None)
        self.cleaned_data[name] = None

    def _offer(self, request: StaffRequest, said: ProfileFacts | None) -> None:
        institution_id = request.actor.institution_id
        kept_types, kept_printer = (said.types, said.printer_id) if said else ((), None)
        types = FeeType.objects.filter(Q(is_enabled=True) | Q(pk__in=kept_types), institution_id=institution_id)
        offered: dict[str, list[tuple[Any, Any]]] = {
            "groups": [(each.pk, each.label) for each in user_groups(institution_id)],
            "owners": [
                (INSTITUTION, _("%(institution)s itself") % {"institution": request.institution.name}),
                *((each.pk, each.name) for each in libraries(institution_id)),
            ],
            "types": [
                (each.pk, each.label or each.code) for each in types.exclude(code=CREDIT_TYPE).order_by("position")
            ],
            "printer_id": [
                ("", _("Choose a printer")),
                *(
                    (each.pk, each.name)
                    for each in printers(institution_id)
                    if each.is_active or each.pk == kept_printer
                ),
            ],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]


def _as_typed(request: StaffRequest, facts: ProfileFacts) -> dict[str, Any]:
    typed = asdict(facts)
    for name in _AMOUNTS:
        if typed[name] is not None:
            typed[name] = format_plain(typed[name], request.institution.currency)
    return {**typed, **{name: list(typed[name]) for name in ("groups", "owners", "types")}}
