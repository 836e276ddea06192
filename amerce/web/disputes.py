"""The dispute of a fee: beginning it and, by restoring the fee, ending it (row B8).

Why one file: both ask for nothing but a comment, in the same form, and each is the other's way back.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.dispute import dispute
from amerce.charges.models import Fee
from amerce.charges.outcome import Outcome
from amerce.charges.restore import restore
from amerce.patrons.models import Patron
from amerce.web.account_form import AccountForm
from amerce.web.account_page import fee_page, go, show, way_back
from amerce.web.request import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
@fee_page
def dispute_fee(request: StaffRequest, patron: Patron, fee: Fee) -> HttpResponse:
    require(request.actor, Privilege.FEE_DISPUTE)
    return _ask(
        request,
        patron,
        fee,
        dispute,
        title=_("Dispute"),
        meaning=_(
            "A disputed fee is frozen: it leaves the active balance, cannot be paid and does not grow "
            "until it is restored or waived."
        ),
        done=_("The fee is in dispute now. It is frozen until it is restored or waived."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@fee_page
def restore_fee(request: StaffRequest, patron: Patron, fee: Fee) -> HttpResponse:
    require(request.actor, Privilege.FEE_RESTORE)
    return _ask(
        request,
        patron,
        fee,
        restore,
        title=_("Restore"),
        meaning=_("The dispute ends and the fee counts in the active balance again."),
        done=_("The fee is restored: it is owed again."),
    )


def _ask(
    request: StaffRequest,
    patron: Patron,
    fee: Fee,
    command: Callable[..., Outcome],
    *,
    title: str,
    meaning: str,
    done: str,
) -> HttpResponse:
    """A form that says what the command means and asks for a comment; once it is done, back and say so."""
    form = AccountForm(request, patron)
    form.fields["comment"].widget.attrs["autofocus"] = True
    if form.is_bound and form.is_valid():
        outcome = form.attempt(
            command,
            actor=request.actor,
            at=timezone.now(),
            patron_id=patron.pk,
            fee_ids=[fee.pk],
            comment=form.cleaned_data["comment"],
        )
        if outcome:
            messages.success(request, done)
            return go(request, way_back(request, patron))
    context = {"form": form, "fee": fee, "meaning": meaning}
    status = 422 if form.is_bound else 200
    return show(request, patron, "web/disputes/_form.html", title=title, context=context, status=status)
