"""What every call of our own interface may take and answer, for its document and the checks against it."""

from datetime import date
from typing import Annotated

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


REFUSALS: dict[int, type[Schema]] = dict.fromkeys((400, 401, 403, 404, 405, 409, 411, 413, 422, 429, 503), ProblemOut)
"""What every call may answer instead."""
