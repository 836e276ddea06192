"""The days on which fees of a loan were in dispute: they are never charged, also not after a restore (``rules.md``)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.models import Fee
from amerce.ledger.chart import Kind
from amerce.ledger.models import Transfer


def frozen_days(actor: Actor, loan_ids: Sequence[int], type_code: str, zone: tzinfo) -> dict[int, set[date]]:
    """Loan id to the days, in ``zone``, from that of a dispute to the one before its end. One query.

    A dispute ends with its restore, or with the waiver that leaves nothing of the fee. One that has not ended
    is not here: such a fee does not grow at all. Raises ``NotAllowed``.
    """
    require(actor, Privilege.FEE_ACCRUE)
    moves = Transfer.objects.filter(
        institution_id=actor.institution_id,
        fee__loan__in=loan_ids,
        fee__type__code=type_code,
        kind__in=(Kind.DISPUTE, Kind.RESTORE),
    ).order_by("fee_id", "seq")
    days: dict[int, set[date]] = defaultdict(set)
    began: dict[int, date] = {}
    for fee_id, loan_id, kind, at in moves.values_list("fee_id", "fee__loan", "kind", "at"):
        day = at.astimezone(zone).date()
        if kind == Kind.DISPUTE:
            began[fee_id] = day
        else:
            days[loan_id] |= _between(began.pop(fee_id), day)
    waived = Fee.objects.filter(pk__in=began).exclude(status=Fee.Status.INDISPUTE)
    for fee_id, loan_id, ended_at in waived.values_list("pk", "loan_id", "status_at") if began else ():
        days[loan_id] |= _between(began[fee_id], ended_at.astimezone(zone).date())
    return days


def _between(first: date, end: date) -> set[date]:
    return {first + timedelta(days=number) for number in range((end - first).days)}
