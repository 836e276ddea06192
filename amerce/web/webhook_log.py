"""What an endpoint was sent, each message with request and answer; sending again, and sending a test (row G4)."""

import json
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from amerce.access.privileges import Privilege
from amerce.inputs.errors import Refused, RowNotFound
from amerce.web.configuration import configuration_page, show
from amerce.web.log_page import LogPage, number_asked
from amerce.web.policy_wording import policy_refusal
from amerce.web.request import StaffRequest
from amerce.web.webhook_wording import STATES, answer_in_words, kind_in_words
from amerce.webhooks.models import WebhookDelivery
from amerce.webhooks.queries import OPEN, deliveries, get_delivery, get_endpoint
from amerce.webhooks.replay import replay_delivery, replay_failed, send_test

PER_PAGE = 50
SOON = timedelta(minutes=1)
"""A page of a message that is sent within this time looks again by itself."""


@require_safe
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def webhook_log(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """``?state=`` is one of ``STATES``; ``?before=`` is the id of a delivery, only older ones are shown."""
    endpoint = get_endpoint(request.actor, endpoint_id)
    state, before = request.GET.get("state", ""), number_asked(request, "before")
    page = LogPage.of(deliveries(request.actor, endpoint_id, state, before), PER_PAGE, before)
    context = {
        "endpoint": endpoint,
        "rows": [(each, kind_in_words(each.kind), *STATES[each.state], answer_in_words(each)) for each in page.rows],
        "states": [(each, words) for each, (words, _kind) in STATES.items()],
        "state": state,
        "page": page,
        "has_failed": deliveries(request.actor, endpoint_id, WebhookDelivery.State.FAILED).exists(),
    }
    return show(request, "webhook_log", context)


@require_safe
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def webhook_delivery(request: StaffRequest, delivery_id: int) -> HttpResponse:
    delivery = get_delivery(request.actor, delivery_id)
    words, colour = STATES[delivery.state]
    context = {
        "delivery": delivery,
        "kind": kind_in_words(delivery.kind),
        "state_words": words,
        "state_colour": colour,
        "answer_words": answer_in_words(delivery),
        "body": json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False),
        "is_open": delivery.state in OPEN,
        "looks_again": delivery.state in OPEN and delivery.next_at - timezone.now() < SOON,
        "timestamp": int(delivery.last_at.timestamp()) if delivery.last_at else None,
    }
    return show(request, "webhook_delivery", context)


@require_POST
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def replay(request: StaffRequest, delivery_id: int) -> HttpResponse:
    _attempted(request, lambda: replay_delivery(actor=request.actor, at=timezone.now(), delivery_id=delivery_id))
    return redirect("webhook-delivery", delivery_id)


@require_POST
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def replay_all_failed(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    count = _attempted(request, lambda: replay_failed(actor=request.actor, at=timezone.now(), endpoint_id=endpoint_id))
    if count is not None:
        said = ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count)
        messages.success(request, said % {"count": count})
    return redirect("webhook-log", endpoint_id)


@require_POST
@configuration_page(Privilege.INSTITUTION_CONFIGURE)
def test_webhook(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    delivery_id = _attempted(
        request, lambda: send_test(actor=request.actor, at=timezone.now(), endpoint_id=endpoint_id)
    )
    return redirect("webhook", endpoint_id) if delivery_id is None else redirect("webhook-delivery", delivery_id)


def _attempted(request: StaffRequest, command):  # type: ignore[no-untyped-def]
    """What ``command`` answers; None where it refused, which is said then."""
    try:
        return command()
    except RowNotFound:
        raise
    except Refused as refused:
        messages.warning(request, policy_refusal(refused, request.institution)[1])
        return None
