"""What calls of our own interface take and answer, for its document and the checks against it."""

from typing import Any

from ninja import Schema
from pydantic import Field

Text = str


class ProblemOut(Schema):
    type: str
    title: str
    status: int
    code: str = Field(examples=["fee_not_found"])
    detail: str


class BalancesOut(Schema):
    patron: str
    currency: str
    active: str = Field(examples=["23.50"])
    disputed: str
    transferred: str
    seq: int


class TransferOut(Schema):
    id: str
    seq: int
    at: str
    kind: str
    debit: str
    credit: str
    amount: str
    vat: str
    currency: str
    fee: str
    credit_fee: str | None
    method: str
    reason: str
    receipt: str | None
    external_transaction_id: str
    corrects: str | None
    actor: str
    library: str | None
    desk: str | None
    patron: str
    hash: str


class TransfersOut(Schema):
    transfers: list[TransferOut]
    next: str | None


class LineOut(Schema):
    kind: str
    fee: str
    amount: str
    before: str
    after: str
    status: str


class OutcomeOut(Schema):
    receipt: str | None
    lines: list[LineOut]
    active: str
    disputed: str
    transferred: str
    seq: int


class Commented(Schema):
    comment: str = ""


class CorrectionIn(Schema):
    transfers: list[str] = Field(examples=[["1234"]], max_length=500)
    comment: str = ""


class RefundIn(Schema):
    fee: str
    amount: str = Field(examples=["5.00"])
    method: str = Field(examples=["CASH"])
    comment: str = ""


class EventOut(Schema):
    id: str
    name: str
    at: str
    actor: str
    patron: str | None
    library: str | None
    desk: str | None
    data: dict[str, Any]


class EventsOut(Schema):
    events: list[EventOut]
    next: str


class JobOut(Schema):
    name: str
    title: str
    params: dict[str, str]
    needed: list[str]


class JobsOut(Schema):
    jobs: list[JobOut]


class RunIn(Schema):
    params: dict[str, str] = Field(default={}, examples=[{}])


class RunOut(Schema):
    id: str
    job: str
    subject: str
    state: str
    params: dict[str, Any]
    counts: dict[str, Any]
    expected: int | None
    error: str
    queued_at: str
    started_at: str | None
    ended_at: str | None
    started_by: str


class RunsOut(Schema):
    runs: list[RunOut]
    next: str | None


class LineOfReport(Schema):
    number: int
    level: str
    code: str
    data: dict[str, Any]
    at: str


class ReportOut(Schema):
    lines: list[LineOfReport]
    next: str | None


REFUSALS: dict[int, type[Schema]] = dict.fromkeys((400, 401, 403, 404, 405, 409, 422, 429, 503), ProblemOut)
"""What every call may answer instead."""
