"""What calls on a patron's account take and answer."""

from ninja import Schema
from pydantic import Field


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
