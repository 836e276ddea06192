"""What calls on jobs take and answer."""

from typing import Any

from ninja import Schema
from pydantic import Field


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
