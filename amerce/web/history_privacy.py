"""Configuration > History and Privacy: how long it is known who had what, what the next run would forget (row E3)."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.privileges import Privilege
from amerce.circulation.anonymise import anonymising
from amerce.circulation.change_settings import CHANGED, DAYS, settings_of
from amerce.circulation.keeping import kept_since
from amerce.circulation.purge import purging
from amerce.institutions.models import Institution
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.fulfillment_settings import are_saved, offer_or_close
from amerce.web.policy_forms import CountField, PolicyForm
from amerce.web.request import StaffRequest


class HistoryForm(PolicyForm):
    anonymise_after_days = CountField(
        DAYS["anonymise_after_days"],
        label=gettext_lazy("Days until a return is anonymised"),
        help_text=gettext_lazy("Returns with a fine or fee keep their patron. Default: 60."),
    )
    returns_kept_days = CountField(
        DAYS["returns_kept_days"],
        label=gettext_lazy("Days that returns stay on the lists"),
        help_text=gettext_lazy("Fees keep title, barcode and dates. Default: 180."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def history_privacy(request: StaffRequest) -> HttpResponse:
    """GET shows the days and what the jobs would do by them now; POST changes the days."""
    stands = settings_of(request.institution)
    form = HistoryForm(request, initial=asdict(stands), stands=stands)
    may_change = offer_or_close(request, form)
    if are_saved(request, form, stands, _("Saved. The next run goes by these days.")):
        return redirect("history-privacy")
    context = {
        "form": form,
        "may_change": may_change,
        "next": _next_run(request.institution, timezone.now()),
        "changes": changes_for(request, form, CHANGED, only=form.fields),
    }
    return show(request, "history_privacy", context, status=422 if form.errors else 200)


def _next_run(institution: Institution, at: datetime) -> dict[str, object]:
    """What each job would do at ``at``, by the queries that it uses itself."""
    anonymised = kept_since(institution, institution.anonymise_after_days, at)
    purged = kept_since(institution, institution.returns_kept_days, at)
    return {
        "anonymise_before": anonymised,
        "anonymising": anonymising(institution, anonymised),
        "purge_before": purged,
        "purging": purging(institution, purged),
    }
