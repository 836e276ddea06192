"""Configuration > Fines/Fees Notification Profiles: the list, and what is done with one of them (row C3)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amerce.access.actors import EVERYWHERE
from amerce.access.can import can_for
from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.inputs.errors import Refused
from amerce.inputs.stamp import stamp_of
from amerce.notices.delete_profile import delete_profile
from amerce.notices.enable_profile import disable_profile, enable_profile
from amerce.notices.models import NotificationProfile
from amerce.notices.preview import Estimate, estimate
from amerce.notices.profiles import CHANGED, INSTITUTION, ProfileFacts, get_profile
from amerce.notices.profiles import profiles as all_profiles
from amerce.notices.save_profile import ProfileSaved, save_profile
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.notification_profile_form import CRITERIA, ProfileForm
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_row

NAME_LIMIT = 200
_STATE = {"is_enabled": (gettext_lazy("Enabled"), lambda value: _("yes") if value else _("no"))}


@require_safe
@configuration_page(Privilege.CHARGES_CONFIGURE)
def notification_profiles(request: StaffRequest) -> HttpResponse:
    rows = list(all_profiles(request.actor))
    context = {
        "rows": [(each, _owners(request, each), _groups(each)) for each in rows],
        "names": names_by_login(request.institution.pk, (each.updated_by for each in rows)),
        "may_run": can_for(request.actor, Privilege.JOB_RUN, EVERYWHERE),
    }
    return show(request, "notification_profiles", context)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.CHARGES_CONFIGURE)
def edit_notification_profile(request: StaffRequest, notification_id: int | None = None) -> HttpResponse:
    """With ``estimate`` in what is sent, nothing is saved: it answers how many patrons would be notified."""
    profile = get_profile(request.actor, notification_id) if notification_id is not None else None
    form = ProfileForm(request, profile, like=_copied(request) if profile is None else None)
    if "estimate" in request.POST:
        return show(request, "_notification_estimate", _estimate(request, form))
    if form.is_sent() and form.attempt(save_profile, facts=form.facts(), profile_id=notification_id):
        tell_row(request, form.cleaned_data["name"], is_new=profile is None, is_changed=form.answer.is_changed)
        return redirect("notification-profiles")
    form.tell_the_rest()
    changes = changes_for(request, form, CHANGED, words=_STATE, row=profile.pk) if profile else []
    context = {"form": form, "profile": profile, "changes": changes}
    return show(request, "notification_profile", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.CHARGES_CONFIGURE)
def remove_notification_profile(request: StaffRequest, notification_id: int) -> HttpResponse:
    profile = get_profile(request.actor, notification_id)
    done = _("Deleted: %(name)s.") % {"name": profile.name}
    error = confirmed(request, delete_profile, done, profile_id=notification_id, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect("notification-profiles")
    context = {
        "heading": _("Delete %(name)s?") % {"name": profile.name},
        "lead": _("No run follows this profile any more. Letters and fees that it made stay."),
        "button": _("Delete"),
        "back": (reverse("notification-profiles"), _("Fines/Fees Notification Profiles")),
        "cancel": reverse("notification-profile", args=[profile.pk]),
        "error": error,
        "stamp": stamp_of(ProfileFacts.of(profile)),
    }
    return show(request, "row_confirm", context, status=422 if error else 200)


@require_POST
@configuration_page(Privilege.CHARGES_CONFIGURE)
def enable_notification_profile(request: StaffRequest, notification_id: int) -> HttpResponse:
    return _switched(request, notification_id, enable_profile, _("Enabled: %(name)s. The next run follows it."))


@require_POST
@configuration_page(Privilege.CHARGES_CONFIGURE)
def disable_notification_profile(request: StaffRequest, notification_id: int) -> HttpResponse:
    return _switched(request, notification_id, disable_profile, _("Disabled: %(name)s. No run follows it."))


def _switched(
    request: StaffRequest, profile_id: int, switch: Callable[..., ProfileSaved], sentence: str
) -> HttpResponse:
    profile = get_profile(request.actor, profile_id)
    switch(actor=request.actor, at=timezone.now(), profile_id=profile_id)
    messages.success(request, sentence % {"name": profile.name})
    return redirect("notification-profiles")


def _copied(request: StaffRequest) -> ProfileFacts | None:
    """What a new profile begins with when it is made by Duplicate."""
    asked = request.GET.get("copy", "")
    if not (asked.isascii() and asked.isdigit()):
        return None
    facts = ProfileFacts.of(get_profile(request.actor, int(asked[:18])))
    suffix = _("%(name)s (copy)") % {"name": ""}
    return replace(facts, name=facts.name[: NAME_LIMIT - len(suffix)] + suffix)


def _estimate(request: StaffRequest, form: ProfileForm) -> dict[str, Any]:
    """The figures of what is typed, or what has to change before there are any."""
    found: Estimate | None = None
    wrong = [(form.fields[name].label, form.errors[name][0]) for name in CRITERIA if name in form.errors]
    if not wrong:
        try:
            found = estimate(request.actor, timezone.now(), request.institution, form.facts())
        except Refused as refused:
            field, sentence = policy_refusal(refused, request.institution)
            wrong = [(form.fields[field].label, sentence)]
    charged_minor = (form.facts().fee_minor or 0) * found.messages if found else 0
    return {"estimate": found, "wrong": wrong, "charged_minor": charged_minor}


def _owners(request: StaffRequest, profile: NotificationProfile) -> list[str]:
    names = sorted(each.library.name for each in profile.owners.all() if each.library)
    has_institution = any((each.library_id or INSTITUTION) == INSTITUTION for each in profile.owners.all())
    return [*names, request.institution.name] if has_institution else names


def _groups(profile: NotificationProfile) -> list[str]:
    return sorted(each.group.label for each in profile.groups.all())
