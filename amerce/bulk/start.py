"""Confirming a bulk waiver: it is queued as one run, however often the form is sent (row B15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_amount, require_for
from amerce.access.privileges import Privilege
from amerce.bulk.criteria import Criteria, check_criteria
from amerce.bulk.errors import KeyReused, NothingToWaive, TotalDiffers
from amerce.bulk.job import BULK_WAIVING, WAIVER
from amerce.bulk.models import BulkWaiver
from amerce.bulk.preview import preview_waiver
from amerce.charges.codes import require_reason
from amerce.charges.request import COMMENT_LIMIT, FORM_KEY_LIMIT
from amerce.events.record import record
from amerce.inputs.checks import checked_name, checked_text
from amerce.institutions.models import Institution
from amerce.jobs.enqueue import enqueue


@dataclass(frozen=True)
class Started:
    """The bulk waiver and its run. ``replayed``: the same form was sent before and nothing was queued now."""

    waiver_id: int
    run_id: int
    replayed: bool


def start_bulk_waiver(
    *,
    actor: Actor,
    at: datetime,
    criteria: Criteria,
    reason: str,
    comment: str,
    confirmed_minor: int | None,
    form_key: str,
) -> Started:
    """Queue a run that waives what ``criteria`` select when it comes to it; ``confirmed_minor`` is the total as typed.

    The ceiling of the privilege holds for that total, none for a fee or a patron. Raises ``NotAllowed``,
    ``AboveCeiling``, what ``check_criteria`` raises, ``charges.errors.ReasonUnknown``, of ``inputs.errors``
    ``NameMissing`` and ``TextTooLong``, and of ``bulk.errors`` ``NothingToWaive``, ``TotalDiffers``, ``KeyReused``.
    """
    require_for(actor, Privilege.BULK_WAIVE, EVERYWHERE)
    checked_name("form_key", form_key, FORM_KEY_LIMIT)
    asked = {"criteria": criteria.as_json(), "reason": reason, "comment": comment}
    if before := _answered(actor, form_key, asked):
        return before
    institution = Institution.objects.get(pk=actor.institution_id)
    check_criteria(criteria, institution)
    require_reason(institution.pk, reason)
    checked_text("comment", comment, COMMENT_LIMIT)
    preview = preview_waiver(actor, at=at, criteria=criteria)  # while no lock is held: the run asks again under its own
    total_minor = preview.waived.amount_minor
    if total_minor == 0:
        raise NothingToWaive
    if confirmed_minor != total_minor:
        raise TotalDiffers(confirmed_minor, total_minor)
    require_amount(actor, Privilege.BULK_WAIVE, total_minor)
    try:
        with transaction.atomic():
            waiver = BulkWaiver.objects.create(
                institution=institution,
                **asked,
                id_list_id=criteria.id_list_id,
                preview=preview.as_json(),
                form_key=form_key,
                created_at=at,
                created_by=actor.name,
            )
            run = enqueue(actor=actor, at=at, name=BULK_WAIVING.name, given={WAIVER: str(waiver.pk)})
            waiver.run = run
            waiver.save(update_fields=["run"])
            data = {"waiver": waiver.pk, "run": run.pk, "total_minor": total_minor}
            record("bulk_waiver.confirmed", actor=actor, at=at, data=data)
    except IntegrityError:  # the same form, sent twice in this very moment
        if before := _answered(actor, form_key, asked):
            return before
        raise
    return Started(waiver.pk, run.pk, replayed=False)


def _answered(actor: Actor, form_key: str, asked: Mapping[str, Any]) -> Started | None:
    before = BulkWaiver.objects.filter(institution_id=actor.institution_id, form_key=form_key).first()
    if before is None:
        return None
    if asked != {name: getattr(before, name) for name in asked}:
        raise KeyReused
    assert before.run_id is not None, "a bulk waiver is made with its run"
    return Started(before.pk, before.run_id, replayed=True)
