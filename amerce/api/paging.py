"""Pages of a list, as the dialect asks for them: how many and from where."""

from typing import Annotated

from pydantic import Field

MOST = 100
_OFFSET_LIMIT = 10**9

Limit = Annotated[int, Field(ge=0, description=f"How many, at most {MOST}.")]
Offset = Annotated[int, Field(ge=0, le=_OFFSET_LIMIT, description="How many to leave out before them.")]


def page(limit: int, offset: int) -> slice:
    """The rows that are asked for. More than ``MOST`` are not given at once."""
    return slice(offset, offset + min(limit, MOST))
