"""The form of a bulk waiver: whom and what for, and what confirms it (row B15)."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.bulk.criteria import Criteria
from amerce.bulk.errors import NothingChosenOf, ThresholdMissing
from amerce.bulk.models import IdList
from amerce.charges.errors import ReasonUnknown
from amerce.charges.models import CREDIT_TYPE, Fee, FeeType
from amerce.institutions.models import CodeEntry, Institution
from amerce.institutions.queries import active_codes
from amerce.patrons.queries import user_groups
from amerce.web.account_form import AmountField
from amerce.web.bulk_wording import bulk_refusal
from amerce.web.forms import AmerceForm
from amerce.web.request import StaffRequest

ALL = "all"
_ID_LIMIT = 2**63 - 1
_DAY = {"type": "date", "class": "form-control"}
_NO_DAY = {"invalid": gettext_lazy("Write a day, like 2026-03-31.")}
_LINES = {"rows": 4, "autocomplete": "off", "spellcheck": "false"}


class CriteriaForm(AmerceForm):
    """Whom and what for. Of choices that cannot all be shown at once each is a box to tick; all is one of them."""

    use_required_attribute = False  # what is missing is said by our sentences at the field, not by the browser

    threshold = AmountField(
        label=gettext_lazy("Fine Threshold to Waive"),
        required=False,
        help_text=gettext_lazy("Of a user who owes more than this in all, nothing is waived."),
    )
    excludes_overdue = forms.BooleanField(label=gettext_lazy("Exclude Users With Overdue Loans"), required=False)
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("User Group"), required=False, widget=forms.CheckboxSelectMultiple
    )
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Waive Fines Types"), required=False, widget=forms.CheckboxSelectMultiple
    )
    created_from = forms.DateField(
        label=gettext_lazy("Created from"), required=False, widget=forms.DateInput(_DAY), error_messages=_NO_DAY
    )
    created_to = forms.DateField(
        label=gettext_lazy("Created to"), required=False, widget=forms.DateInput(_DAY), error_messages=_NO_DAY
    )
    nets_credits = forms.BooleanField(label=gettext_lazy("Take a user’s credits off what they owe"), required=False)
    id_list = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=_ID_LIMIT)

    FIELDS = {"threshold_minor": "threshold", "group_ids": "groups", "type_codes": "types"}

    def __init__(
        self, request: StaffRequest, data: QueryDict | None, *, like: "CriteriaForm | None" = None, **options: Any
    ) -> None:
        """``like`` is a form made before, whose choices are read already."""
        self.request = request
        super().__init__(data, **options)
        institution_id = request.institution.pk
        self.fields["threshold"].institution = request.institution  # type: ignore[attr-defined]
        if like:
            for name in ("groups", "types"):
                self.fields[name].choices = like.fields[name].choices  # type: ignore[attr-defined]
            return
        groups = [(str(each.pk), each.label) for each in user_groups(institution_id)]
        self.fields["groups"].choices = [(ALL, _("All user groups")), *groups]  # type: ignore[attr-defined]
        types = [(each.code, _label(each)) for each in _types(institution_id)]
        self.fields["types"].choices = [(ALL, _("All types")), *types]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """All that is missing is said at once; the command would name the first."""
        said = super().clean() or {}
        if "threshold" not in self.errors and not said.get("threshold"):
            self.refuse(ThresholdMissing())
        for field, name in (("groups", "group_ids"), ("types", "type_codes")):
            if field not in self.errors and not said.get(field):
                self.refuse(NothingChosenOf(name))
        return said

    def criteria(self) -> Criteria:
        """What a valid form says, held to its rules by whoever is given it."""
        said = self.cleaned_data
        groups, types = said["groups"], said["types"]
        return Criteria(
            threshold_minor=said["threshold"] or 0,
            group_ids=None if ALL in groups else tuple(int(each) for each in groups),
            type_codes=None if ALL in types else tuple(types),
            excludes_overdue=said["excludes_overdue"],
            created_from=said["created_from"],
            created_to=said["created_to"],
            nets_credits=said["nets_credits"],
            id_list_id=said["id_list"],
        )

    def refuse(self, error: Exception) -> None:
        """Put the sentence for ``error`` where it belongs."""
        field, sentence = bulk_refusal(error, self.request.institution)
        field = self.FIELDS.get(field, field)
        self.add_error(field if field in self.fields and not self[field].is_hidden else None, sentence)

    def address(self) -> str:
        """The criteria as they stand in an address."""
        data = self.data
        assert isinstance(data, QueryDict)
        pairs = [(name, each) for name in CriteriaForm.base_fields for each in data.getlist(name) if each]
        return urlencode(pairs)


class WaivingForm(CriteriaForm):
    """The criteria, and what confirms them: reason, comment, the total as it was shown."""

    form_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    reason = forms.ChoiceField(label=gettext_lazy("Waiving Reason"), required=False)
    comment = forms.CharField(
        label=gettext_lazy("Waiving Comment"), required=False, widget=forms.Textarea({"rows": 2, "autocomplete": "off"})
    )
    confirmed = AmountField(
        label=gettext_lazy("Type the total to confirm"),
        required=False,
        help_text=gettext_lazy("The amount of the preview in digits alone, like 1250.50."),
    )

    FIELDS = {**CriteriaForm.FIELDS, "confirmed_minor": "confirmed", "amount": "confirmed"}

    def __init__(self, request: StaffRequest, data: QueryDict | None, *, initial: dict[str, Any] | None = None) -> None:
        data = data.copy() if data is not None else None
        super().__init__(request, data, initial={"form_key": uuid4().hex, **(initial or {})})
        if data is not None and not data.get("form_key"):
            data["form_key"] = uuid4().hex
        self.fields["confirmed"].institution = request.institution  # type: ignore[attr-defined]
        reasons = active_codes(request.institution.pk, CodeEntry.Table.WAIVE_REASON).values_list("code", "label")
        self.fields["reason"].choices = [("", ""), *reasons]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if "reason" not in self.errors and not said.get("reason"):
            self.refuse(ReasonUnknown(""))
        return said

    def renew(self) -> None:
        """Another key, for a form whose contents were changed after it was sent."""
        self.data["form_key"] = uuid4().hex  # type: ignore[index]


class IdListForm(AmerceForm):
    """Users or fees named one by one: in a file, or typed."""

    kind = forms.ChoiceField(
        label=gettext_lazy("The lines are"),
        choices=[(IdList.Kind.USERS, gettext_lazy("User IDs")), (IdList.Kind.FEES, gettext_lazy("Fee IDs"))],
        initial=IdList.Kind.USERS,
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy(
            "Text, CSV or Excel (.txt, .csv, .xlsx): one ID on each line, of a table the first column."
        ),
        widget=forms.FileInput({"accept": ".txt,.csv,.xlsx"}),
    )
    typed = forms.CharField(
        label=gettext_lazy("or type them, one on each line"), required=False, widget=forms.Textarea(dict(_LINES))
    )

    def content(self) -> tuple[bytes, str]:
        """What was given and under which name."""
        uploaded = self.cleaned_data["file"]
        if uploaded:
            return uploaded.read(), uploaded.name
        return self.cleaned_data["typed"].encode(), _("typed")

    def refuse(self, error: Exception, institution: Institution) -> None:
        """Put the sentence for ``error`` where the lines came from."""
        _field, sentence = bulk_refusal(error, institution)
        self.add_error("file" if self.cleaned_data["file"] else "typed", sentence)


def _types(institution_id: int) -> list[FeeType]:
    """Those in use, and those taken out of use of which something is still owed. No CREDIT is waived."""
    types = FeeType.objects.filter(institution_id=institution_id).exclude(code=CREDIT_TYPE).order_by("position")
    owed = Fee.objects.filter(institution_id=institution_id, status=Fee.Status.ACTIVE, type__is_enabled=False)
    open_ids = set(owed.values_list("type_id", flat=True).distinct())
    return [each for each in types if each.is_enabled or each.pk in open_ids]


def _label(each: FeeType) -> str:
    return each.label if each.is_waivable else _("%(type)s (not waivable)") % {"type": each.label}
