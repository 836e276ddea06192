"""Configuration > Terms of Use: the list with its tester, editing with a preview, deleting (rows C5, H3)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amerce.access.privileges import Privilege
from amerce.access.queries import names_by_login
from amerce.circulation.configuring import can_configure, may_configure
from amerce.circulation.delete_terms import delete_terms
from amerce.circulation.models import TermsOfUse
from amerce.circulation.policies import all_terms, get_terms, item_policies, which_terms
from amerce.circulation.save_terms import CHANGED, TermsRefused, save_terms
from amerce.circulation.terms import named_by
from amerce.circulation.terms_facts import TermsFacts, facts_of_terms
from amerce.circulation.terms_preview import LOANS_LIMIT, preview_terms
from amerce.inputs.errors import OutOfDate
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import Institution
from amerce.institutions.queries import libraries
from amerce.money.format import format_amount
from amerce.patrons.queries import user_groups
from amerce.web.account_form import ids_of
from amerce.web.change_history import Word, changes_for
from amerce.web.configuration import configuration_page, show
from amerce.web.policy_wording import length, minutes_in_words, rate
from amerce.web.request import StaffRequest
from amerce.web.saving import confirmed, stamp_sent, tell_saved
from amerce.web.terms_form import TermsForm


@dataclass(frozen=True)
class Row:
    """Terms in words. ``named`` are group, item policy and library as far as they name them.

    ``may_change`` is false for those of a library that is not in the reader's charge.
    """

    terms: TermsOfUse
    named: tuple[str, ...]
    loan: str
    overdue: str
    grace: str
    may_change: bool


@require_safe
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def terms_of_use(request: StaffRequest) -> HttpResponse:
    labels = {each.code: each.label for each in item_policies(request.actor)}
    rows = [_row(request, each, labels) for each in all_terms(request.actor)]
    names = names_by_login(request.institution.pk, (each.terms.updated_by for each in rows))
    return show(request, "terms", {"rows": rows, "names": names, "tester": _tester(request, labels)})


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def edit_terms(request: StaffRequest, terms_id: int | None = None) -> HttpResponse:
    terms = get_terms(request.actor, terms_id) if terms_id is not None else None
    if terms:
        may_configure(request.actor, terms.library_id)
    form = TermsForm(request, terms)
    preview = None
    if form.is_bound and form.is_valid():
        facts = form.facts()
        try:
            if "save" in request.POST:
                form.require_current(facts)
        except OutOfDate as refused:
            form.refuse(refused)
        else:
            preview = preview_terms(request.actor, at=timezone.now(), facts=facts, terms_id=terms_id)
            is_seen = request.POST.get("previewed") == stamp_of(facts)
            if "save" in request.POST and (is_seen or not preview.loans) and _saved(request, form, facts, terms_id):
                return redirect("terms-of-use")
        if form.errors:
            preview = None
    only_preview = bool(request.htmx) and "preview" in request.POST
    changes = changes_for(request, form, CHANGED, words=_words(request.institution), terms=terms.pk) if terms else []
    context = {
        "terms": terms,
        "names": names_by_login(request.institution.pk, [terms.updated_by] if terms else []),
        "changes": changes,
        "form": form,
        "preview": preview,
        "limit": LOANS_LIMIT,
        "previewed": stamp_of(form.facts()) if preview else "",
        "asks_again": preview is not None and "save" in request.POST,
    }
    template = "_terms_preview" if only_preview else "terms_edit"
    return show(request, template, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@configuration_page(Privilege.FULFILLMENT_CONFIGURE)
def remove_terms(request: StaffRequest, terms_id: int) -> HttpResponse:
    terms = get_terms(request.actor, terms_id)
    may_configure(request.actor, terms.library_id)
    done = _("Deleted: %(name)s.") % {"name": terms.name}
    error = confirmed(request, delete_terms, done, terms_id=terms_id, expected_stamp=stamp_sent(request))
    if error is None:
        return redirect("terms-of-use")
    preview = preview_terms(request.actor, at=timezone.now(), facts=None, terms_id=terms_id)
    context = {
        "terms": terms,
        "preview": preview,
        "limit": LOANS_LIMIT,
        "error": error,
        "stamp": stamp_of(facts_of_terms(terms)),
    }
    return show(request, "terms_delete", context, status=422 if error else 200)


def _words(institution: Institution) -> dict[str, Word]:
    """What the form has in several fields, for the changes."""

    def notices(said: list[tuple[int, int]]) -> str:
        words = [
            _("after %(length)s: %(fee)s")
            % {
                "length": length(days, TermsOfUse.Unit.DAY),
                "fee": format_amount(fee, institution.currency, institution.locale),
            }
            for days, fee in said
        ]
        return ", ".join(words) or _("none")

    return {"grace_minutes": (_("Grace period"), minutes_in_words), "notices": (_("Overdue notices"), notices)}


def _saved(request: StaffRequest, form: TermsForm, facts: TermsFacts, terms_id: int | None) -> bool:
    """Whether the command took it; otherwise its reasons stand at their fields."""
    try:
        if not form.attempt(save_terms, facts=facts, terms_id=terms_id):
            return False
    except TermsRefused as refused:
        for each in refused.refusals:
            form.refuse(each)
        return False
    done = _("Saved: %(name)s.") % {"name": facts.name.strip()}
    tell_saved(request, done, is_changed=form.answer.is_changed)
    return True


def _row(request: StaffRequest, terms: TermsOfUse, labels: dict[str, str]) -> Row:
    institution = request.institution
    named = (
        terms.group.label if terms.group else "",
        labels.get(terms.item_policy, terms.item_policy),
        terms.library.name if terms.library else "",
    )
    return Row(
        terms=terms,
        named=tuple(filter(None, named)),
        loan=length(terms.loan_length, terms.loan_unit),
        overdue=rate(terms.overdue_rate_minor, terms.overdue_unit, institution) if terms.overdue_rate_minor else "",
        grace=minutes_in_words(terms.grace_minutes) if terms.grace_minutes else "",
        may_change=can_configure(request.actor, terms.library_id),
    )


def _tester(request: StaffRequest, labels: dict[str, str]) -> dict[str, Any]:
    """What was asked of "Which terms apply?", and the answer."""
    places = list(libraries(request.institution.pk))
    asked = request.GET
    group_id = next(iter(ids_of([asked.get("group", "")])), None)
    library_id = next(iter(ids_of([asked.get("library", "")])), None)
    found: dict[str, Any] = {
        "groups": list(user_groups(request.institution.pk)),
        "policies": labels,
        "libraries": places,
        "group_id": group_id,
        "item_policy": asked.get("item_policy", ""),
        "library_id": library_id,
        "asked": library_id in {each.pk for each in places},
    }
    if found["asked"] and library_id is not None:
        matching = which_terms(
            request.actor, group_id=group_id, item_policy=str(found["item_policy"]), library_id=library_id
        )
        found["rows"] = [(_row(request, each, labels), named_by(each)) for each in matching]
    return found
