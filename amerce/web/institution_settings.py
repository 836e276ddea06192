"""Configuration > Institution Settings: its name, place, money and default user group (rows B5, C6)."""

from dataclasses import asdict
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import get_currency_name, get_currency_precision, list_currencies
from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.actors import EVERYWHERE
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.institutions.change_institution import (
    CEILING_LIMIT_MINOR,
    CHANGED,
    InstitutionFacts,
    change_institution,
    has_money,
)
from amerce.institutions.defaults import default_settings
from amerce.institutions.models import Institution
from amerce.money.format import format_plain
from amerce.patrons.queries import user_groups
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, REQUIRED, ChargeField, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.saving import tell_saved

_LOCALES = (
    "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "en_AU", "en_CA", "en_GB", "en_IE", "en_IN", "en_NZ", "en_US",
    "en_ZA", "es_ES", "es_MX", "fi_FI", "fr_BE", "fr_CA", "fr_CH", "fr_FR", "hu_HU", "it_CH", "it_IT", "ja_JP",
    "ko_KR", "nb_NO", "nl_BE", "nl_NL", "pl_PL", "pt_BR", "pt_PT", "sv_SE", "tr_TR", "zh_CN", "zh_TW",
)  # fmt: skip
"""What the page offers; the configuration as a file may name any other."""
_OVERPAYMENT = [
    (Institution.Overpayment.REFUSE.value, gettext_lazy("Refuse it")),
    (Institution.Overpayment.KEEP_AS_CREDIT.value, gettext_lazy("Keep it as a credit")),
]
_ORDER = [
    (Institution.PayAllOrder.OLDEST.value, gettext_lazy("Oldest fee first")),
    (Institution.PayAllOrder.SMALLEST.value, gettext_lazy("Smallest fee first")),
    (Institution.PayAllOrder.LARGEST.value, gettext_lazy("Largest fee first")),
]


class InstitutionForm(PolicyForm):
    name = forms.CharField(
        label=gettext_lazy("Name of the institution"),
        max_length=200,
        error_messages=REQUIRED,
        help_text=gettext_lazy("As pages, receipts and letters show it."),
    )
    locale = forms.ChoiceField(
        label=gettext_lazy("Language and country"),
        error_messages=CHOOSE,
        help_text=gettext_lazy("How dates, numbers and money are written. Default: English (United States)."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        error_messages=CHOOSE,
        help_text=gettext_lazy("When a day begins and ends: for due days, fines and closings. Default: UTC."),
    )
    currency_code = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        error_messages=CHOOSE,
        help_text=gettext_lazy("Fixed once anything was charged or paid."),
    )
    overpayment = forms.ChoiceField(
        label=gettext_lazy("Overpayment"),
        choices=_OVERPAYMENT,
        error_messages=CHOOSE,
        help_text=gettext_lazy("What is done with what a patron pays above the sum owed. Default: refuse it."),
    )
    pay_all_order = forms.ChoiceField(
        label=gettext_lazy("Order of payment"),
        choices=_ORDER,
        error_messages=CHOOSE,
        help_text=gettext_lazy(
            "Which fee is settled first by a payment of all or of several. Default: oldest fee first."
        ),
    )
    amount_ceiling_minor = ChargeField(
        ceiling_minor=CEILING_LIMIT_MINOR,
        label=gettext_lazy("Highest amount"),
        help_text=gettext_lazy(
            "No single amount above this is taken, so that a barcode scanned into the amount field is refused. "
            "Default: 100,000."
        ),
    )
    external_ids_are_keys = forms.BooleanField(
        label=gettext_lazy("An external transaction ID pays once"),
        required=False,
        help_text=gettext_lazy(
            "A payment of the same fee with an ID that was seen before is the same payment sent again, and answers the "
            "first result. Default: ticked. Untick it only if a payment system gives the same number twice."
        ),
    )
    default_user_group_id = forms.TypedChoiceField(
        label=gettext_lazy("Default user group"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages=CHOOSE,
        help_text=gettext_lazy("Given to people who are loaded without one, and meant where none is chosen."),
    )

    def __init__(self, request: StaffRequest, facts: InstitutionFacts) -> None:
        institution = request.institution
        typed: dict[str, Any] = {
            **asdict(facts),
            "amount_ceiling_minor": format_plain(facts.amount_ceiling_minor, institution.currency),
        }
        super().__init__(request, initial=typed, stands=facts)
        groups = [
            (each.pk, each.label)
            for each in user_groups(institution.pk)
            if each.is_active or each.pk == facts.default_user_group_id
        ]
        choices = {
            "locale": _locales(facts.locale),
            "time_zone": [(each, each.replace("_", " ")) for each in sorted({*available_timezones(), facts.time_zone})],
            "currency_code": _currencies(facts.currency_code, institution.locale),
            "default_user_group_id": [("", _("none")), *groups],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        defaults = default_settings(institution)
        ceiling = format_plain(defaults["amount_ceiling_minor"], institution.currency)
        self.offer_defaults({**defaults, "amount_ceiling_minor": ceiling})
        self.fields["currency_code"].disabled = has_money(institution.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def institution_settings(request: StaffRequest) -> HttpResponse:
    require_for(request.actor, Privilege.INSTITUTION_CONFIGURE, EVERYWHERE)
    form = InstitutionForm(request, InstitutionFacts.of(request.institution))
    if form.is_sent() and form.attempt(change_institution, facts=InstitutionFacts(**form.cleaned_data)):
        tell_saved(request, _("Saved. The settings hold from now on."), is_changed=form.answer)
        return redirect("institution-settings")
    context = {"form": form, "changes": changes_for(request, form, CHANGED)}
    return show(request, "institution_settings", context, status=422 if form.errors else 200)


@lru_cache
def _locales(now: str) -> list[tuple[str, str]]:
    """Each by its own name: Deutsch (Deutschland)."""
    names = {each: str(Locale.parse(each).display_name or each) for each in {*_LOCALES, now}}
    return sorted(names.items(), key=lambda each: each[1].casefold())


@lru_cache
def _currencies(now: str, locale: str) -> list[tuple[str, str]]:
    """Those with as many decimals as the one of ``now``, whose amounts are written down already."""
    precision = get_currency_precision(now)
    codes = sorted(each for each in list_currencies(locale) | {now} if get_currency_precision(each) == precision)
    return [(each, f"{each} – {get_currency_name(each, locale=locale)}") for each in codes]
