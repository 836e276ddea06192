"""What a loan command answers. Pages and wires are rendered from it."""

from dataclasses import dataclass
from datetime import datetime

from amerce.charges.outcome import Outcome


@dataclass(frozen=True)
class LoanOutcome:
    """The loan as it is since. ``money`` is what the command moved on the patron's account, None if it asks nothing
    of the account. ``terms_name`` says which terms of use applied, where they were asked.
    """

    loan_id: int
    patron_id: int
    due_at: datetime
    terms_name: str = ""
    money: Outcome | None = None
