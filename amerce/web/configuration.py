"""Configuration: the page that leads to every other one of it, and what they have in common."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amerce.access.actors import Actor
from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.inputs.errors import RowNotFound
from amerce.web.policy_wording import policy_refusal
from amerce.web.refusals import not_allowed, refusal
from amerce.web.request import StaffRequest


@dataclass(frozen=True)
class Door:
    """A page of the configuration, as the first page shows it to who holds ``privilege``."""

    url_name: str
    title: str | Promise
    text: str | Promise
    privilege: Privilege = Privilege.FULFILLMENT_CONFIGURE


DOORS = (
    Door(
        "terms-of-use",
        gettext_lazy("Terms of Use"),
        gettext_lazy("How long a loan is and what lateness, a recall and a loss cost: by group, item policy, library."),
    ),
    Door(
        "item-policies",
        gettext_lazy("Item Policies"),
        gettext_lazy("The kinds of items that terms of use tell apart, such as short loan or equipment."),
    ),
    Door(
        "calendar",
        gettext_lazy("Calendar"),
        gettext_lazy("When each library is open. Where the terms say so, no fine grows while it is closed."),
    ),
    Door(
        "block-rules",
        gettext_lazy("Balance Blocks"),
        gettext_lazy("From which debt on a patron cannot check out, renew or request."),
    ),
    Door(
        "fee-types",
        gettext_lazy("Fines/Fees Behavior"),
        gettext_lazy("What patrons can be charged for: who owns it, whether it is waived or added by hand, its VAT."),
        Privilege.CHARGES_CONFIGURE,
    ),
    Door(
        "bursar-sequences",
        gettext_lazy("Bursar Transaction ID"),
        gettext_lazy("How exported fees are numbered for the bursar, and which numbers were skipped."),
        Privilege.CHARGES_CONFIGURE,
    ),
    Door(
        "fulfillment-settings",
        gettext_lazy("Fulfillment Settings"),
        gettext_lazy("Nightly fines and paid lost loans."),
    ),
    Door(
        "history-privacy",
        gettext_lazy("History and Privacy"),
        gettext_lazy("For how long it is known who had what, and what the next run would forget."),
    ),
    Door(
        "roles",
        gettext_lazy("Roles"),
        gettext_lazy("What each role allows, and up to which amount."),
        Privilege.ROLE_EDIT,
    ),
    Door(
        "staff-accounts",
        gettext_lazy("Staff Accounts"),
        gettext_lazy("Who can sign in, with which roles, and what they may do and why."),
        Privilege.ACCOUNT_EDIT,
    ),
    Door(
        "sign-in-rules",
        gettext_lazy("Sign-In"),
        gettext_lazy("Which roles have to show a second factor."),
        Privilege.ROLE_EDIT,
    ),
    Door(
        "single-sign-on",
        gettext_lazy("Single Sign-On"),
        gettext_lazy("Signing in by OpenID Connect or SAML, and the roles that gives."),
        Privilege.ROLE_EDIT,
    ),
    Door(
        "security-events",
        gettext_lazy("Security Events"),
        gettext_lazy("Who signed in, who was refused, and what was changed of roles and accounts."),
        Privilege.EVENT_VIEW,
    ),
)


def doors_for(actor: Actor) -> list[Door]:
    """The pages of the configuration that ``actor`` may open."""
    return [door for door in DOORS if can(actor, door.privilege)]


def configuration_page(privilege: Privilege) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page for who holds ``privilege``. What is not there is not found, in a sentence."""

    def for_holders(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def page(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require(request.actor, privilege)
            try:
                return view(request, *args, **kwargs)
            except RowNotFound as error:
                _field, sentence = policy_refusal(error, request.institution)
                return refusal(request, sentence, title=_("Not found"), status=404)

        return page

    return for_holders


def show(request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The template ``web/configuration/<template>.html``."""
    return render(request, f"web/configuration/{template}.html", context, status=status)


@require_safe
def configuration(request: StaffRequest) -> HttpResponse:
    doors = doors_for(request.actor)
    return show(request, "index", {"doors": doors}) if doors else not_allowed(request)
