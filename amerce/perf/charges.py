"""The charge verbs: what the desk does all day."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from amerce.charges.assess import assess
from amerce.charges.dispute import dispute
from amerce.charges.pay import pay
from amerce.charges.restore import restore
from amerce.charges.waive import waive
from amerce.perf import charges_cte
from amerce.perf import charges_limit as limit
from amerce.perf.case import Case
from amerce.perf.ground import FEE_TYPE, Ground, new_form_key, now
from amerce.perf.plain import Plain

AMOUNT_MINOR = 1000
COMMENT = "Seen at the desk"
METHOD, REASON = "CASH", "OTHER"


@dataclass(frozen=True)
class Work:
    """A patron, and a fee of theirs where the operation needs one."""

    patron_id: int
    fee_id: int = 0
    form_key: str = field(default_factory=new_form_key)
    second_key: str = field(default_factory=new_form_key)
    at: datetime = field(default_factory=now)


def without_fees(ground: Ground, operations: int) -> list[Any]:
    return [Work(patron_id) for patron_id in ground.spread(operations)]


def with_fees(ground: Ground, operations: int) -> list[Any]:
    return [Work(patron_id, _new_fee(ground, patron_id)) for patron_id in ground.spread(operations)]


def _new_fee(ground: Ground, patron_id: int) -> int:
    made = assess(actor=ground.actor, at=now(), patron_id=patron_id, type_code=FEE_TYPE, amount_minor=AMOUNT_MINOR)
    return made.lines[0].fee_id


def _assess(ground: Ground, _: Plain, work: Work) -> None:
    assess(
        actor=ground.actor,
        at=work.at,
        patron_id=work.patron_id,
        type_code=FEE_TYPE,
        amount_minor=AMOUNT_MINOR,
        form_key=work.form_key,
    )


def _limit_assess(ground: Ground, plain: Plain, work: Work) -> None:
    limit.assess(ground, plain, at=work.at, patron_id=work.patron_id, amount_minor=AMOUNT_MINOR, form_key=work.form_key)


def _pay(ground: Ground, _: Plain, work: Work) -> None:
    pay(
        actor=ground.actor,
        at=work.at,
        patron_id=work.patron_id,
        fee_ids=[work.fee_id],
        amount_minor=None,
        method=METHOD,
        form_key=work.form_key,
    )


def _limit_pay(ground: Ground, plain: Plain, work: Work) -> None:
    limit.pay(
        ground,
        plain,
        at=work.at,
        patron_id=work.patron_id,
        fee_id=work.fee_id,
        method=METHOD,
        form_key=work.form_key,
    )


def _one_statement_pay(ground: Ground, plain: Plain, work: Work) -> None:
    charges_cte.pay(
        ground,
        plain,
        at=work.at,
        patron_id=work.patron_id,
        fee_id=work.fee_id,
        method=METHOD,
        form_key=work.form_key,
    )


def _waive(ground: Ground, _: Plain, work: Work) -> None:
    waive(
        actor=ground.actor,
        at=work.at,
        patron_id=work.patron_id,
        amounts_minor={work.fee_id: None},
        reason=REASON,
        comment=COMMENT,
        form_key=work.form_key,
    )


def _limit_waive(ground: Ground, plain: Plain, work: Work) -> None:
    limit.waive(
        ground,
        plain,
        at=work.at,
        patron_id=work.patron_id,
        fee_id=work.fee_id,
        reason=REASON,
        comment=COMMENT,
        form_key=work.form_key,
    )


def _dispute_restore(ground: Ground, _: Plain, work: Work) -> None:
    for verb, key in ((dispute, work.form_key), (restore, work.second_key)):
        verb(actor=ground.actor, at=work.at, patron_id=work.patron_id, fee_ids=[work.fee_id], form_key=key)


def _limit_dispute_restore(ground: Ground, plain: Plain, work: Work) -> None:
    for verb, key in ((limit.dispute, work.form_key), (limit.restore, work.second_key)):
        verb(ground, plain, at=work.at, patron_id=work.patron_id, fee_id=work.fee_id, form_key=key)


CASES = (
    Case("assess", without_fees, _assess, _limit_assess),
    Case("pay", with_fees, _pay, _limit_pay, _one_statement_pay),
    Case("waive", with_fees, _waive, _limit_waive),
    Case("dispute + restore", with_fees, _dispute_restore, _limit_dispute_restore),
)
