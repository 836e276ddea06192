"""What a notification profile and the next run would do, as a page and as a file; and running it (rows C3, E2, H3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can, can_for, require, require_for
from amerce.access.privileges import Privilege
from amerce.jobs.enqueue import enqueue_once
from amerce.jobs.errors import KeyReused
from amerce.jobs.job import JobRefused
from amerce.jobs.models import JobRun
from amerce.jobs.queries import last_run
from amerce.letters.models import Letter
from amerce.money.format import format_plain
from amerce.notices.models import NotificationProfile
from amerce.notices.preview import Message, Preview, listed, preview, sample
from amerce.notices.profiles import ProfileFacts, get_profile, profiles
from amerce.notices.run import FINES_FEES_NOTIFICATIONS, PROFILE
from amerce.web.configuration import configuration_page, show
from amerce.web.csv_download import csv_download
from amerce.web.request import StaffRequest

SAMPLE = 20


@dataclass(frozen=True)
class Ahead:
    """What the next run would do by one profile."""

    profile: NotificationProfile
    preview: Preview


@require_safe
@configuration_page(Privilege.CHARGES_CONFIGURE)
def notification_profile_preview(request: StaffRequest, notification_id: int) -> HttpResponse:
    profile, at = get_profile(request.actor, notification_id), timezone.now()
    facts = ProfileFacts.of(profile)
    sees_patrons = can(request.actor, Privilege.PATRON_VIEW)
    found = sample(request.actor, at, request.institution, facts, SAMPLE) if sees_patrons else []
    context = {
        "profile": profile,
        "preview": preview(request.actor, at, request.institution, facts),
        "sample": [(each, by_words(each)) for each in found],
        "sees_patrons": sees_patrons,
        "sample_limit": SAMPLE,
        **_running(request),
    }
    return show(request, "notification_profile_preview", context)


@require_safe
@configuration_page(Privilege.CHARGES_CONFIGURE)
def notification_run_preview(request: StaffRequest) -> HttpResponse:
    at = timezone.now()
    ahead = [
        Ahead(each, preview(request.actor, at, request.institution, ProfileFacts.of(each)))
        for each in profiles(request.actor).filter(is_enabled=True)
    ]
    return show(request, "notification_run_preview", {"ahead": ahead, **_running(request)})


@require_safe
@configuration_page(Privilege.CHARGES_CONFIGURE)
def notification_messages(request: StaffRequest, notification_id: int) -> HttpResponse:
    """Every message that would be written, as a CSV file, made while it is downloaded."""
    require(request.actor, Privilege.PATRON_VIEW)
    profile, at = get_profile(request.actor, notification_id), timezone.now()
    name = f"notification-profile-{profile.pk}-preview.csv"
    return cast(HttpResponse, csv_download(name, _header(request), _lines(request, profile, at)))


@require_POST
@configuration_page(Privilege.CHARGES_CONFIGURE)
def run_notifications(request: StaffRequest) -> HttpResponse:
    """Run now: all enabled profiles, or the one that is named.

    ``seen`` is the run that was the newest when the page was made. Each run tells and charges again, so one that was
    begun since, by a second click or by somebody else, is looked at before there is another.
    """
    require_for(request.actor, FINES_FEES_NOTIFICATIONS.privilege_to_run, EVERYWHERE)
    given = {PROFILE: request.POST[PROFILE]} if request.POST.get(PROFILE) else {}
    seen = request.POST.get("seen", "")
    try:
        if seen != _newest(request):
            raise KeyReused
        asked = enqueue_once(
            actor=request.actor,
            at=timezone.now(),
            name=FINES_FEES_NOTIFICATIONS.name,
            given=given,
            form_key=f"{FINES_FEES_NOTIFICATIONS.name} after {seen}",
        )
    except KeyReused:
        meanwhile = _("The job was begun meanwhile, so nothing was done now. This is what another run would do.")
        messages.warning(request, meanwhile)
        return redirect("notification-run-preview")
    except JobRefused as refused:
        messages.error(request, str(refused))
        return redirect("notification-run-preview")
    return redirect("job-run", asked.run.pk)


def _newest(request: StaffRequest) -> str:
    """The id of the newest run of the job, 0 for none."""
    newest = last_run(request.institution.pk, FINES_FEES_NOTIFICATIONS.name)
    return str(newest.pk) if newest else "0"


def _running(request: StaffRequest) -> dict[str, object]:
    """What the pages say of runs: who may start one, and when the last was."""
    last = last_run(request.institution.pk, FINES_FEES_NOTIFICATIONS.name)
    return {
        "may_run": can_for(request.actor, Privilege.JOB_RUN, EVERYWHERE),
        "sees_runs": can(request.actor, Privilege.JOB_VIEW),
        "seen": last.pk if last else 0,
        "last": last if last and last.state != JobRun.State.QUEUED else None,
    }


def _header(request: StaffRequest) -> list[str]:
    return [
        _("Primary ID"),
        _("Name"),
        _("User group"),
        _("Fines/fees owner"),
        _("Fines and fees"),
        _("Total (%(currency)s)") % {"currency": request.institution.currency.code},
        _("Notification Fee Amount"),
        _("By"),
    ]


def _lines(request: StaffRequest, profile: NotificationProfile, at: datetime) -> Iterator[list[str]]:
    currency = request.institution.currency
    fee = format_plain(profile.fee_minor, currency) if profile.fee_minor else ""
    for each in listed(request.actor, at, request.institution, ProfileFacts.of(profile)):
        yield [
            each.recipient.facts["id"],
            each.recipient.facts["name"],
            each.recipient.facts["group_label"],
            each.library.name if each.library else request.institution.name,
            str(each.owed.fees),
            format_plain(each.owed.total_minor, currency),
            fee,
            by_words(each),
        ]


def by_words(message: Message) -> str:
    """``E-mail, SMS``; says so when there is no address."""
    if not message.is_reached:
        return _("No address")
    return ", ".join(str(Letter.Channel(each).label) for each in message.channels)
