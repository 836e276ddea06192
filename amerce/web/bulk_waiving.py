"""Admin > User Management > Bulk Fine Waiving: criteria beside a live preview, then what confirms it (rows B15, H3).

Why criteria travel in the address: a preview is a query, and the download of all that it counts is the same one.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import replace_url

from amerce.access.actors import EVERYWHERE
from amerce.access.can import ceiling_minor, require_for
from amerce.access.privileges import Privilege
from amerce.bulk.errors import KeyReused, ListUnusable, TotalDiffers
from amerce.bulk.models import IdList
from amerce.bulk.preview import Part, Preview, Share, every_fee, preview_waiver
from amerce.bulk.save_list import ListFacts, list_facts, save_list
from amerce.bulk.selection import Verdict
from amerce.bulk.start import start_bulk_waiver
from amerce.inputs.errors import Refused, RowNotFound
from amerce.money.format import format_plain
from amerce.web.bulk_waiving_form import CriteriaForm, IdListForm, WaivingForm
from amerce.web.bulk_wording import PROBLEMS, VERDICTS
from amerce.web.csv_download import csv_download
from amerce.web.request import StaffRequest

_BAR = 100
"""How long the longest bar is."""


@dataclass(frozen=True)
class Bar:
    """A share and how long it is drawn."""

    share: Share
    width: int


@dataclass(frozen=True)
class Left:
    """What is left untouched, with why."""

    why: str
    part: Part


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_waiving(request: StaffRequest) -> HttpResponse:
    """GET shows the form, with what the address says filled in; POST ``run`` starts, POST ``upload`` keeps a list."""
    require_for(request.actor, Privilege.BULK_WAIVE, EVERYWHERE)
    if request.method != "POST":
        form = WaivingForm(request, None, initial=_initial(request.GET))
        return _page(request, form, CriteriaForm(request, request.GET, like=form))
    if "upload" in request.POST:
        return _upload(request)
    form = WaivingForm(request, request.POST)
    if form.is_valid():
        try:
            started = start_bulk_waiver(
                actor=request.actor,
                at=timezone.now(),
                criteria=form.criteria(),
                reason=form.cleaned_data["reason"],
                comment=form.cleaned_data["comment"],
                confirmed_minor=form.cleaned_data["confirmed"],
                form_key=form.cleaned_data["form_key"],
            )
        except Refused as refused:
            _refuse(form, refused)
        else:
            if started.replayed:
                messages.info(request, _("This form was sent before. It is one run, and this is it."))
            return redirect("bulk-waiver", started.waiver_id)
    return _page(request, form, CriteriaForm(request, request.POST, like=form), status=422)


@require_safe
def bulk_waiving_preview(request: StaffRequest) -> HttpResponse:
    """The preview alone, as the page asks for it while the form is filled in.

    It names the address that fills the form in so, for a reload, the back button, or whoever has to sign in anew.
    """
    require_for(request.actor, Privilege.BULK_WAIVE, EVERYWHERE)
    form = CriteriaForm(request, request.GET)
    response = render(request, "web/bulk/_preview.html", _previewed(request, form))
    return replace_url(response, _filled_in(form))


@require_safe
def bulk_waiving_fees(request: StaffRequest) -> HttpResponseBase:
    """Every fee that matches, with what would become of it, as a CSV file."""
    require_for(request.actor, Privilege.BULK_WAIVE, EVERYWHERE)
    form = CriteriaForm(request, request.GET)
    currency = request.institution.currency
    if form.is_valid():
        try:
            fees = every_fee(request.actor, at=timezone.now(), criteria=form.criteria())
        except Refused as refused:
            form.refuse(refused)
        else:
            rows = (
                (
                    fee.patron.primary_id,
                    fee.patron.display_name,
                    fee.patron.group.label if fee.patron.group else "",
                    fee.pk,
                    fee.type.label,
                    f"{timezone.localtime(fee.created_at):%Y-%m-%d}",
                    format_plain(fee.payable_minor, currency),  # type: ignore[attr-defined]
                    format_plain(fee.total_minor, currency),  # type: ignore[attr-defined]
                    VERDICTS[fee.verdict],  # type: ignore[attr-defined]
                )
                for fee in fees
            )
            header = (
                _("User ID"), _("Name"), _("User Group"), _("Fee ID"), _("Type"), _("Created"), _("Open"),
                _("User owes in all"), _("What happens"),
            )  # fmt: skip
            return csv_download("bulk-fine-waiving-preview.csv", header, rows)
    return redirect(_filled_in(form))


def _filled_in(form: CriteriaForm) -> str:
    """The address of the page that is filled in as ``form`` is, and says what of it is wrong."""
    return f"{reverse('bulk-waiving')}?{form.address()}"


def _upload(request: StaffRequest) -> HttpResponse:
    form = WaivingForm(request, request.POST)
    upload = IdListForm(request.POST, request.FILES)
    if upload.is_valid():
        content, name = upload.content()
        try:
            facts = save_list(
                actor=request.actor,
                at=timezone.now(),
                kind=IdList.Kind(upload.cleaned_data["kind"]),
                content=content,
                name=name,
            )
        except Refused as refused:
            upload.refuse(refused, request.institution)
        else:
            asked = request.POST.copy()
            asked["id_list"] = str(facts.id_list.pk)
            return redirect(_filled_in(CriteriaForm(request, asked, like=form)))
    return _page(request, form, CriteriaForm(request, request.POST, like=form), upload=upload, status=422)


def _refuse(form: WaivingForm, refused: Refused) -> None:
    if isinstance(refused, KeyReused | TotalDiffers):
        form.renew()
    if isinstance(refused, ListUnusable):
        form.data["id_list"] = ""  # type: ignore[index]
    form.refuse(refused)


def _page(
    request: StaffRequest,
    form: WaivingForm,
    criteria: CriteriaForm,
    *,
    upload: IdListForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_asked = bool(criteria.data)
    context = {
        "form": form,
        "upload": upload or IdListForm(),
        "id_list": _list_of(request, criteria),
        "problems": PROBLEMS,
        "without_list": _without_list(criteria),
        "is_asked": is_asked,
        "ceiling_minor": ceiling_minor(request.actor, Privilege.BULK_WAIVE),
        **_previewed(request, criteria),
    }
    return render(request, "web/bulk/waiving.html", context, status=status)


def _previewed(request: StaffRequest, form: CriteriaForm) -> dict[str, Any]:
    """The preview, or what is missing for one."""
    if form.is_valid():
        try:
            found = preview_waiver(request.actor, at=timezone.now(), criteria=form.criteria())
        except Refused as refused:
            form.refuse(refused)
        else:
            return {
                "preview": found,
                "left": [Left(VERDICTS[each], found.parts[each]) for each in Verdict if _is_left(found, each)],
                "above": found.parts[Verdict.ABOVE].patrons,
                "by_type": _bars(found.by_type),
                "by_group": _bars(found.by_group),
                "address": form.address(),
            }
    missing = [str(error) for errors in form.errors.values() for error in errors]
    return {"preview": None, "missing": missing}


def _is_left(found: Preview, verdict: Verdict) -> bool:
    return verdict is not Verdict.WAIVED and found.parts[verdict].fees > 0


def _bars(shares: tuple[Share, ...]) -> list[Bar]:
    longest = max((each.amount_minor for each in shares), default=0)
    return [Bar(each, max(1, each.amount_minor * _BAR // longest)) for each in shares]


def _initial(address: QueryDict) -> dict[str, Any]:
    """What the address fills in."""
    several = {name: address.getlist(name) for name in ("groups", "types") if name in address}
    ticks = {name: name in address for name in ("excludes_overdue", "nets_credits")}
    one = ("threshold", "created_from", "created_to", "id_list")
    return {**{name: address[name] for name in one if name in address}, **several, **ticks}


def _list_of(request: StaffRequest, form: CriteriaForm) -> ListFacts | None:
    typed = form.data.get("id_list", "")
    if not (typed.isascii() and typed.isdigit()):
        return None
    try:
        return list_facts(request.actor, int(typed))
    except RowNotFound:
        return None


def _without_list(form: CriteriaForm) -> str:
    asked = QueryDict(form.address(), mutable=True)
    asked.pop("id_list", None)
    return f"{reverse('bulk-waiving')}?{asked.urlencode()}"
