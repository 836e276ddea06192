"""Configuration > Bursar Profiles: which fees go to which bursar system, how, and what its answers do (row D1)."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.privileges import Privilege
from amerce.bursar.deliver import test_connection
from amerce.bursar.errors import NotReached
from amerce.bursar.models import BursarProfile
from amerce.bursar.profiles import CHANGED, LISTS, ProfileFacts, get_profile, profiles_of
from amerce.bursar.save_profile import CODE_LIMIT, DAYS_LIMIT, PORT_LIMIT, SECRET_LIMIT, delete_profile, save_profile
from amerce.bursar.sentences import not_reached
from amerce.charges.models import FeeType
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes, libraries
from amerce.money.format import format_plain
from amerce.patrons.queries import user_groups
from amerce.web.change_history import changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_forms import CHOOSE, REQUIRED, ChargeField, CountField, PolicyForm
from amerce.web.request import StaffRequest
from amerce.web.rows import RowsPage, ShownRow, show_rows
from amerce.web.saving import confirmed, stamp_sent

_MAY = Privilege.CHARGES_CONFIGURE
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _text(label: Any, limit: int, help_text: Any = "", **options: Any) -> forms.CharField:
    made = {"required": False, "widget": forms.TextInput(dict(_PLAIN)), "error_messages": REQUIRED, **options}
    return forms.CharField(label=label, max_length=limit, help_text=help_text, **made)


def _several(label: Any, help_text: Any) -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, help_text=help_text, required=False, widget=widget)


def _one(label: Any, choices: Any, help_text: Any = "", *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, help_text=help_text, required=required, error_messages=CHOOSE
    )


def _tick(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


class BursarProfileForm(PolicyForm):
    code = _text(
        gettext_lazy("Code"),
        CODE_LIMIT,
        gettext_lazy("Letters, digits, - and _. The names of files begin with it."),
        required=True,
    )
    name = _text(gettext_lazy("Name"), 200, gettext_lazy("As in Export to Bursar Using Profile …"), required=True)
    exports = _tick(gettext_lazy("Export is active"))
    imports = _tick(
        gettext_lazy("Import is active"),
        gettext_lazy("Then exported fees are Transferred until the bursar says they are paid; otherwise Closed."),
    )
    rows = _one(gettext_lazy("Debits or credits"), BursarProfile.Rows.choices)
    fee_types = _several(gettext_lazy("Fine/Fee Types to Export"), gettext_lazy("None ticked means all."))
    user_groups = _several(gettext_lazy("User Groups"), gettext_lazy("None ticked means all."))
    libraries = _several(gettext_lazy("Owned by Libraries"), gettext_lazy("None ticked means all."))
    institution_owned = _tick(gettext_lazy("Also what the institution owns"))
    min_age_days = CountField(
        (0, DAYS_LIMIT),
        label=gettext_lazy("Minimum age in days"),
        help_text=gettext_lazy("Whole days since the fee was created. Default: 0."),
    )
    min_amount_minor = ChargeField(
        label=gettext_lazy("Minimum amount"), help_text=gettext_lazy("Of what remains, not of the original amount.")
    )
    min_basis = _one(gettext_lazy("The minimum is held against"), BursarProfile.Basis.choices)
    identifier_type = _one(gettext_lazy("Patrons are named by"), (), required=False)
    writes_zone = _tick(gettext_lazy("Dates with the abbreviation of the time zone"))
    destination = _one(gettext_lazy("Destination"), BursarProfile.Destination.choices)
    folder = _text(
        gettext_lazy("Folder for exports"), 200, gettext_lazy("In the folder of bursar files, or on the SFTP server.")
    )
    import_folder = _text(gettext_lazy("Folder for imports"), 200, gettext_lazy("Where files of payments are put."))
    host = _text(gettext_lazy("Server"), 200)
    port = CountField((1, PORT_LIMIT), label=gettext_lazy("Port"))
    username = _text(gettext_lazy("User name"), 100)
    sign_in = _one(gettext_lazy("Signs in by"), BursarProfile.SignIn.choices)
    secret = forms.CharField(
        label=gettext_lazy("Password or private key"),
        max_length=SECRET_LIMIT,
        required=False,
        help_text=gettext_lazy("Kept encrypted and never shown. Empty leaves the one there is."),
        widget=forms.Textarea({"rows": 2, **_PLAIN}),
    )
    secret_name = _text(
        gettext_lazy("What the secret is called"), 60, gettext_lazy("In the configuration file, in place of it.")
    )
    host_key = _text(
        gettext_lazy("Host key of the server"),
        1000,
        gettext_lazy("One line like ssh-ed25519 AAAA…. Nothing is sent to a server that shows another one."),
    )
    import_effect = _one(gettext_lazy("What a payment does"), BursarProfile.Effect.choices)
    imports_per_line = _tick(
        gettext_lazy("Take files of payments line by line"),
        gettext_lazy("Otherwise a line that cannot be booked keeps the whole file from being booked."),
    )

    GROUPS = (
        (gettext_lazy("Profile"), ("code", "name", "exports", "imports")),
        (
            gettext_lazy("What is exported"),
            (
                "rows", "fee_types", "user_groups", "libraries", "institution_owned", "min_age_days",
                "min_amount_minor", "min_basis",
            ),
        ),
        (gettext_lazy("How the file is written"), ("identifier_type", "writes_zone")),
        (gettext_lazy("Where it goes"), ("destination", "folder", "import_folder")),
        (
            gettext_lazy("SFTP server"),
            ("host", "port", "username", "sign_in", "secret", "secret_name", "host_key"),
        ),
        (gettext_lazy("Import"), ("import_effect", "imports_per_line")),
    )  # fmt: skip

    def __init__(self, request: StaffRequest, profile: BursarProfile | None) -> None:
        stands = ProfileFacts.of(profile) if profile else None
        shown = asdict(stands or ProfileFacts(code="", name=""))
        shown["min_amount_minor"] = format_plain(shown["min_amount_minor"], request.institution.currency)
        super().__init__(request, initial=shown, stands=stands)
        institution_id = request.institution.pk
        types = FeeType.objects.filter(institution_id=institution_id, is_enabled=True).order_by("position")
        self._choose("fee_types", [(each.code, each.label) for each in types], shown)
        self._choose("user_groups", [(each.code, each.label) for each in user_groups(institution_id)], shown)
        self._choose("libraries", [(each.code, each.name) for each in libraries(institution_id)], shown)
        types_of_ids = active_codes(institution_id, CodeEntry.Table.IDENTIFIER_TYPE)
        named = [("", _("Primary ID")), *((each.code, each.label) for each in types_of_ids)]
        self._choose("identifier_type", named, shown)

    def groups(self) -> list[tuple[str, list[Any]]]:
        """The fields in their groups, for the page."""
        return [(str(title), [self[name] for name in names]) for title, names in self.GROUPS]

    def facts(self) -> ProfileFacts:
        typed = {name: self.cleaned_data[name] for name in ProfileFacts.__dataclass_fields__}
        return ProfileFacts(**{**typed, **{name: tuple(typed[name]) for name in LISTS}})

    def _choose(self, name: str, choices: list[tuple[str, str]], shown: dict[str, Any]) -> None:
        """What is chosen stays a choice, also when it is out of use by now."""
        chosen = shown[name] if isinstance(shown[name], list | tuple) else [shown[name]]
        gone = [(code, code) for code in chosen if code and code not in dict(choices)]
        self.fields[name].choices = [*choices, *gone]  # type: ignore[attr-defined]


@require_safe
@configuration_page(_MAY)
def bursar_profiles(request: StaffRequest) -> HttpResponse:
    page = RowsPage(
        gettext_lazy("Bursar Profiles"),
        gettext_lazy("Which fines and fees go to which bursar system, how, and what its answers do."),
        gettext_lazy("Fees stay here until there is a profile that exports them."),
        _MAY,
        (gettext_lazy("Export"), gettext_lazy("Import"), gettext_lazy("Destination")),
        (reverse("bursar-profile-new"), _("Add a profile")),
    )
    yes, no = _("Active"), "–"
    rows = [
        ShownRow(
            reverse("bursar-profile", args=[each.pk]),
            each.name,
            each.code,
            each.exports or each.imports,
            each.updated_by,
            each.updated_at,
            [yes if each.exports else no, yes if each.imports else no, each.get_destination_display()],
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
        secret = form.cleaned_data["secret"]
        if form.attempt(save_profile, facts=form.facts(), secret=secret, profile_id=bursar_id):
            messages.success(request, _("Saved: %(name)s.") % {"name": form.cleaned_data["name"]})
            return redirect("bursar-profile", form.answer)
    context = {
        "form": form,
        "profile": profile,
        "changes": changes_for(request, form, CHANGED, row=profile.pk) if profile else [],
    }
    return show(request, "bursar_profile", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@configuration_page(_MAY)
def try_bursar_profile(request: StaffRequest, bursar_id: int) -> HttpResponse:
    """Test connection: go there and write a small file."""
    profile = get_profile(request.actor, bursar_id)
    if profile.destination == BursarProfile.Destination.DOWNLOAD:
        messages.info(request, _("Files of this profile are downloaded, so there is nothing to reach."))
        return redirect("bursar-profile", bursar_id)
    try:
        place = test_connection(profile)
    except NotReached as error:
        messages.error(request, not_reached(error))
    else:
        messages.success(request, _("%(place)s was reached, and a file can be written there.") % {"place": place})
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
