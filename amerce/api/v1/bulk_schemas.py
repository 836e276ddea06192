"""What calls of bulk waiving take and answer."""

from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from amerce.api.v1.run_schemas import RunOut
from amerce.api.v1.schemas import Day


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
