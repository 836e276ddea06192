"""Configuration > Bursar Profiles: which fees go to which bursar system, how, and what its answers do (row D1)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.privileges import Privilege
from amerce.bursar.deliver import test_connection, waiting_files
from amerce.bursar.errors import NotReached
from amerce.bursar.models import BursarProfile
from amerce.bursar.profiles import CHANGED, ProfileFacts, get_profile, profiles_of
from amerce.bursar.save_profile import delete_profile, save_profile
from amerce.bursar.sentences import not_reached
from amerce.inputs.stamp import stamp_of
from amerce.web.bursar_profile_form import BursarProfileForm, fact_words
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.request import StaffRequest
from amerce.web.rows import RowsPage, ShownRow, show_rows
from amerce.web.saving import confirmed, stamp_sent, tell_row

_MAY = Privilege.CHARGES_CONFIGURE


@require_safe
@configuration_page(_MAY)
def bursar_profiles(request: StaffRequest) -> HttpResponse:
    page = RowsPage(
        gettext_lazy("Bursar Profiles"),
        gettext_lazy("Which fines and fees go to which bursar system, how, and what its answers do."),
        gettext_lazy("Fees stay here until there is a profile that exports them."),
        _MAY,
        (gettext_lazy("Active"), gettext_lazy("Destination")),
        (reverse("bursar-profile-new"), _("Add a profile")),
    )
    rows = [
        ShownRow(
            reverse("bursar-profile", args=[each.pk]),
            each.name,
            each.code,
            each.exports or each.imports,
            each.updated_by,
            each.updated_at,
            [_active(each), each.get_destination_display()],
            [
                (reverse("bursar-of-profile", args=[each.pk]), _("Reconciliation")),
                (reverse("bursar-profile-delete", args=[each.pk]), _("Delete")),
            ],
        )
        for each in profiles_of(request.actor)
    ]
    return show_rows(request, page, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(_MAY)
def edit_bursar_profile(request: StaffRequest, bursar_id: int | None = None) -> HttpResponse:
    profile = get_profile(request.actor, bursar_id) if bursar_id is not None else None
    form = BursarProfileForm(request, profile)
    if form.is_sent():
        name, secret = form.cleaned_data["name"], form.cleaned_data["secret"]
        if form.attempt(save_profile, facts=form.facts(), secret=secret, profile_id=bursar_id):
            tell_row(request, name, is_new=profile is None, is_changed=form.answer.is_changed)
            if profile and profile.sealed_secret and not get_profile(request.actor, profile.pk).sealed_secret:
                forgotten = _("The password or private key was given for another server. Enter it again.")
                messages.warning(request, forgotten)
            if request.POST.get("then") == "test":
                _tell_test(request, get_profile(request.actor, form.answer.profile_id))
            return redirect("bursar-profile", form.answer.profile_id)
    context = {
        "form": form,
        "profile": profile,
        "changes": changes_for(request, form, CHANGED, words=fact_words(), row=profile.pk) if profile else [],
    }
    return show(request, "bursar_profile", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@configuration_page(_MAY)
def try_bursar_profile(request: StaffRequest, bursar_id: int) -> HttpResponse:
    """Test connection, by what is saved."""
    _tell_test(request, get_profile(request.actor, bursar_id))
    return redirect("bursar-profile", bursar_id)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(_MAY)
def remove_bursar_profile(request: StaffRequest, bursar_id: int) -> HttpResponse:
    profile = get_profile(request.actor, bursar_id)
    done = _("Deleted: %(name)s.") % {"name": profile.name}
    error = confirmed(request, delete_profile, done, profile_id=bursar_id, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect("bursar-profiles")
    context = {
        "heading": _("Delete %(name)s") % {"name": profile.name},
        "lead": _("A profile that never exported or imported can be deleted."),
        "button": _("Delete"),
        "back": (reverse("bursar-profiles"), _("Bursar Profiles")),
        "cancel": reverse("bursar-profiles"),
        "stamp": stamp_of(ProfileFacts.of(profile)),
        "error": error,
    }
    return show(request, "row_confirm", context, status=422 if error else 200)


def _active(profile: BursarProfile) -> str:
    if profile.exports and profile.imports:
        return _("Export and import")
    if profile.exports or profile.imports:
        return _("Export") if profile.exports else _("Import")
    return "–"


def _tell_test(request: StaffRequest, profile: BursarProfile) -> None:
    """Go where the profile delivers, write a small file, and look into the folder of imports."""
    if profile.destination == BursarProfile.Destination.DOWNLOAD:
        messages.info(request, _("Files of this profile are downloaded, so there is nothing to reach."))
        return
    try:
        place = test_connection(profile)
    except NotReached as error:
        messages.error(request, not_reached(error))
        return
    messages.success(request, _("%(place)s was reached, and a file can be written there.") % {"place": place})
    if not profile.imports:
        return
    said = {"folder": profile.import_folder or "/"}
    try:
        said["count"] = str(len(waiting_files(profile)))
    except NotReached as error:
        said["why"] = error.detail
        messages.error(request, _("The folder for imports, %(folder)s, cannot be looked into: %(why)s.") % said)
    else:
        messages.info(request, _("Files that wait in the folder for imports, %(folder)s: %(count)s.") % said)
