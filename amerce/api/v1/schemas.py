"""What calls of our own interface take and answer, for its document and the checks against it."""

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

MOST = 500
PageSize = Annotated[int, Field(ge=1, le=MOST)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2999, 12, 31))]


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


class CriteriaIn(Schema):
    """``groups`` and ``types`` by code; all of them is a choice of its own."""

    threshold: str = Field(examples=["25.00"])
    groups: list[str] | Literal["ALL"]
    types: list[str] | Literal["ALL"]
    excludes_overdue: bool = False
    created_from: Day | None = None
    created_to: Day | None = None
    nets_credits: bool = False


class BulkWaiverIn(Schema):
    """``confirmed`` is the total that the preview showed."""

    criteria: CriteriaIn
    reason: str = Field(examples=["OTHER"])
    comment: str = ""
    confirmed: str = Field(examples=["120.50"])


class PartOut(Schema):
    patrons: int
    fees: int
    amount: str


class ShareOut(Schema):
    label: str
    fees: int
    amount: str


class PreviewOut(Schema):
    """``parts`` by what becomes of the fees: waived, or left and why."""

    parts: dict[str, PartOut]
    by_type: list[ShareOut]
    by_group: list[ShareOut]


class BulkWaiverOut(Schema):
    id: str
    reason: str
    comment: str
    criteria: dict[str, Any]
    started_at: str
    started_by: str
    previewed: dict[str, PartOut]
    run: RunOut
    undo_run: RunOut | None


class BulkWaiversOut(Schema):
    bulk_waivers: list[BulkWaiverOut]
    next: str | None


class BursarProfileOut(Schema):
    code: str
    name: str


class BursarProfilesOut(Schema):
    profiles: list[BursarProfileOut]


class BursarRunOut(Schema):
    """Amounts are signed: a CREDIT counts against debts. ``difference`` is what the file holds above the ledger."""

    id: str
    number: int
    profile: str
    state: str
    started_at: str
    started_by: str
    selected: str
    selected_fees: int
    dropped_fees: int
    file: str
    file_fees: int
    file_amount: str
    file_sha256: str
    made_at: str | None
    delivered_at: str | None
    acknowledged_at: str | None
    undone_at: str | None
    ledger_amount: str
    difference: str
    paid: str
    outstanding: str


class BursarRunsOut(Schema):
    bursar_runs: list[BursarRunOut]
    next: str | None


class BursarLineOut(Schema):
    id: str
    patron: str
    fee: str
    type: str
    state: str
    reason: str
    selected: str
    exported: str
    paid: str


class BursarLinesOut(Schema):
    lines: list[BursarLineOut]
    next: str | None


REFUSALS: dict[int, type[Schema]] = dict.fromkeys((400, 401, 403, 404, 405, 409, 413, 422, 429, 503), ProblemOut)
"""What every call may answer instead."""
