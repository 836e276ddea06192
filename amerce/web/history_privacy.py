"""Configuration > History and Privacy: how long it is known who had what, what the next run would forget (row E3)."""

from dataclasses import asdict, replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amerce.access.privileges import Privilege
from amerce.circulation.anonymise import anonymising
from amerce.circulation.change_settings import CHANGED, DAYS, change_settings, settings_of
from amerce.circulation.configuring import can_configure
from amerce.circulation.keeping import kept_since
from amerce.circulation.purge import purging
from amerce.inputs.errors import Refused
from amerce.institutions.defaults import default_settings
from amerce.institutions.models import Institution
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
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

    def close(self) -> None:
        """For who may look and not change."""
        for field in self.fields.values():
            field.disabled = True


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def history_privacy(request: StaffRequest) -> HttpResponse:
    """GET shows the days and what the jobs would do by them now; POST changes the days."""
    stands = settings_of(request.institution)
    form = HistoryForm(request, initial=asdict(stands), stands=stands)
    may_change = can_configure(request.actor)
    if may_change:
        form.offer_defaults(default_settings(request.institution))
    else:
        form.close()
    if form.is_bound and form.is_valid():
        settings = replace(stands, **form.cleaned_data)
        try:
            changed = change_settings(
                actor=request.actor, at=timezone.now(), settings=settings, expected_stamp=form.stamp
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            if changed:
                messages.success(request, _("Saved. The next run goes by these days."))
            else:
                messages.info(request, _("All of this was set before. Nothing was changed."))
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
