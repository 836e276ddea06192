"""The form of a bursar profile: every option of an export and of what comes back (row D1)."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.bursar.models import BursarProfile
from amerce.bursar.profiles import LISTS, ProfileFacts
from amerce.bursar.save_profile import CODE_LIMIT, DAYS_LIMIT, PORT_LIMIT, SECRET_LIMIT
from amerce.charges.models import FeeType
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes, libraries
from amerce.money.format import format_plain
from amerce.patrons.queries import user_groups
from amerce.web.policy_forms import CHOOSE, REQUIRED, ChargeField, CountField, PolicyForm
from amerce.web.request import StaffRequest

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
        help_text=gettext_lazy(
            "Kept encrypted and never shown. Empty leaves the one there is, unless the server, its host key or the way "
            "of signing in is another."
        ),
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
        ("profile", gettext_lazy("Profile"), ("code", "name", "exports", "imports")),
        (
            "selection",
            gettext_lazy("What is exported"),
            (
                "rows", "fee_types", "user_groups", "libraries", "institution_owned", "min_age_days",
                "min_amount_minor", "min_basis",
            ),
        ),
        ("file", gettext_lazy("How the file is written"), ("identifier_type", "writes_zone")),
        ("place", gettext_lazy("Where it goes"), ("destination", "folder")),
        (
            "sftp",
            gettext_lazy("SFTP server"),
            ("host", "port", "username", "sign_in", "secret", "secret_name", "host_key"),
        ),
        ("import", gettext_lazy("Import"), ("import_folder", "import_effect", "imports_per_line")),
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

    def groups(self) -> list[tuple[str, str, list[Any]]]:
        """The fields in their groups, for the page, which hides those of an SFTP server or of imports without one."""
        return [(key, str(title), [self[name] for name in names]) for key, title, names in self.GROUPS]

    def facts(self) -> ProfileFacts:
        typed = {name: self.cleaned_data[name] for name in ProfileFacts.__dataclass_fields__}
        return ProfileFacts(**{**typed, **{name: tuple(typed[name]) for name in LISTS}})

    def _choose(self, name: str, choices: list[tuple[str, str]], shown: dict[str, Any]) -> None:
        """What is chosen stays a choice, also when it is out of use by now; ticked boxes come first, to be seen."""
        chosen = shown[name] if isinstance(shown[name], list | tuple) else [shown[name]]
        gone = [(code, code) for code in chosen if code and code not in dict(choices)]
        if name in LISTS:
            choices = sorted(choices, key=lambda each: each[0] not in chosen)
        self.fields[name].choices = [*choices, *gone]  # type: ignore[attr-defined]


def fact_words() -> dict[str, Any]:
    """What a change says in other words than its field: the digits of a port are not grouped."""
    return {"port": (BursarProfileForm.base_fields["port"].label, str)}
