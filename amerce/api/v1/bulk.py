"""Bulk waiving: what it would do, starting it, how it came out, taking it back."""

from typing import Any

from django.http.response import HttpResponseBase

from amerce.api.amounts import read_amount
from amerce.api.call import Call, called
from amerce.api.examples import WAIVER, example
from amerce.api.v1.answers import answer, id_of, moment, money, older_than, page_of
from amerce.api.v1.bulk_schemas import BulkWaiverIn, BulkWaiverOut, BulkWaiversOut, CriteriaIn, PreviewOut
from amerce.api.v1.interface import api
from amerce.api.v1.problems import Problem
from amerce.api.v1.runs import run_tree
from amerce.api.v1.schemas import REFUSALS, PageSize
from amerce.bulk.criteria import Criteria
from amerce.bulk.models import BulkWaiver
from amerce.bulk.preview import Part, Share, preview_waiver
from amerce.bulk.queries import get_waiver, waivers
from amerce.bulk.start import start_bulk_waiver
from amerce.bulk.undo import undo_bulk_waiver
from amerce.inputs.errors import ChoiceUnknown
from amerce.patrons.models import UserGroup

_TAGS = ["Bulk waiving"]
_EVERYTHING = {"threshold": "25.00", "groups": "ALL", "types": "ALL"}


@api.post(
    "/bulk-waivers/preview",
    response={200: PreviewOut, **REFUSALS},
    tags=_TAGS,
    summary="Preview bulk waiving",
    openapi_extra=example(_EVERYTHING),
)
@called("bulk:waive")
def preview(call: Call, body: CriteriaIn) -> HttpResponseBase:
    """Changes nothing. ``confirmed`` of the call that starts it is the amount of the part ``waived``."""
    found = preview_waiver(call.actor, at=call.at, criteria=_criteria(call, body))
    tree = {
        "parts": {verdict.value: _part(call, part) for verdict, part in found.parts.items()},
        "by_type": [_share(call, each) for each in found.by_type],
        "by_group": [_share(call, each) for each in found.by_group],
    }
    return answer(tree)


@api.post(
    "/bulk-waivers",
    response={200: BulkWaiverOut, **REFUSALS},
    tags=_TAGS,
    summary="Start bulk waiving",
    openapi_extra=example(
        {"criteria": _EVERYTHING, "reason": "OTHER", "comment": "Amnesty", "confirmed": "10.00"},
        key="amnesty-2026",
        needs_key=True,
    ),
)
@called("bulk:waive")
def start(call: Call, body: BulkWaiverIn) -> HttpResponseBase:
    """The Idempotency-Key is a must. Refused where the total is not the one that was confirmed."""
    if not call.form_key:
        raise Problem(422, "key_missing", "Bulk waiving takes an Idempotency-Key.")
    started = start_bulk_waiver(
        actor=call.actor,
        at=call.at,
        criteria=_criteria(call, body.criteria),
        reason=body.reason,
        comment=body.comment,
        confirmed_minor=read_amount(body.confirmed, call.institution),
        form_key=call.form_key,
    )
    return answer(_tree(call, get_waiver(call.actor, started.waiver_id)), is_replay=started.replayed)


@api.get(
    "/bulk-waivers", response={200: BulkWaiversOut, **REFUSALS}, tags=_TAGS, summary="List what was waived in bulk"
)
@called("bulk:waive")
def list_waivers(call: Call, before: str = "", limit: PageSize = 50) -> HttpResponseBase:
    """The newest first; ``before`` is the last that is known."""
    return page_of("bulk_waivers", older_than(waivers(call.actor), before), limit, lambda each: _tree(call, each))


@api.get("/bulk-waivers/{waiver}", response={200: BulkWaiverOut, **REFUSALS}, tags=_TAGS, summary="Read a bulk waiver")
@called("bulk:waive")
def read_waiver(call: Call, waiver: str) -> HttpResponseBase:
    """With its run and, once it is taken back, the run of that; the reports of both say what was left and why."""
    return answer(_tree(call, get_waiver(call.actor, id_of(waiver))))


@api.post(
    "/bulk-waivers/{waiver}/undo",
    response={200: BulkWaiverOut, **REFUSALS},
    tags=_TAGS,
    summary="Take a bulk waiver back",
    openapi_extra=example(waiver=WAIVER),
)
@called("bulk:waive")
def undo(call: Call, waiver: str) -> HttpResponseBase:
    """As a whole, once its run has ended. Asked again, it answers the run that was queued."""
    undoing = undo_bulk_waiver(actor=call.actor, at=call.at, waiver_id=id_of(waiver))
    return answer(_tree(call, get_waiver(call.actor, undoing.waiver_id)), is_replay=undoing.replayed)


def _criteria(call: Call, sent: CriteriaIn) -> Criteria:
    return Criteria(
        threshold_minor=read_amount(sent.threshold, call.institution),
        group_ids=None if sent.groups == "ALL" else _group_ids(call, list(sent.groups)),
        type_codes=None if sent.types == "ALL" else tuple(_storable("type_codes", each) for each in sent.types),
        excludes_overdue=sent.excludes_overdue,
        created_from=sent.created_from,
        created_to=sent.created_to,
        nets_credits=sent.nets_credits,
    )


def _group_ids(call: Call, codes: list[str]) -> tuple[int, ...]:
    named = {_storable("group_ids", each) for each in codes}
    found = UserGroup.objects.filter(institution_id=call.institution.pk, code__in=named)
    if found.count() != len(named):
        raise ChoiceUnknown("group_ids")
    return tuple(found.values_list("pk", flat=True))


def _storable(field: str, code: str) -> str:
    """A code that a database can be asked for."""
    if not code.isprintable():
        raise ChoiceUnknown(field)
    return code


def _part(call: Call, part: Part) -> dict[str, Any]:
    return {"patrons": part.patrons, "fees": part.fees, "amount": money(call, part.amount_minor)}


def _share(call: Call, share: Share) -> dict[str, Any]:
    return {"label": share.label, "fees": share.fees, "amount": money(call, share.amount_minor)}


def _tree(call: Call, waiver: BulkWaiver) -> dict[str, Any]:
    assert waiver.run is not None, "a bulk waiver is made with its run"
    return {
        "id": str(waiver.pk),
        "reason": waiver.reason,
        "comment": waiver.comment,
        "criteria": waiver.criteria,
        "started_at": moment(waiver.created_at),
        "started_by": waiver.created_by,
        "previewed": {verdict: _part(call, Part(**part)) for verdict, part in waiver.preview.items()},
        "run": run_tree(waiver.run),
        "undo_run": run_tree(waiver.undo_run) if waiver.undo_run else None,
    }
