"""How loans stand now: which terms hold, how often they may still be renewed, what their lateness costs (rows A5, C5).

Why beside ``queries``: a list is read by one statement, what it costs by the reckoning, which a list of barcodes
has no use for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.models import Loan
from amerce.circulation.reckoning import reckon
from amerce.circulation.terms import NoTerms
from amerce.institutions.models import Institution


@dataclass(frozen=True)
class Standing:
    """``terms_name`` is empty and ``renewals_limit`` None where no terms of use match.

    ``fine_minor`` is what all its lateness costs by now, charged or not, in minor units.
    """

    terms_name: str
    renewals_limit: int | None
    fine_minor: int


def standing_of(actor: Actor, institution: Institution, loans: Sequence[Loan], *, at: datetime) -> dict[int, Standing]:
    """Loan id to how it stands at ``at``; each comes with its item and patron. Five queries, none without loans."""
    require(actor, Privilege.PATRON_VIEW)
    if not loans:
        return {}
    reckoning = reckon(institution, loans)
    standings = {}
    for loan in loans:
        try:
            terms = reckoning.terms_of(loan)
        except NoTerms:
            standings[loan.pk] = Standing("", None, 0)
            continue
        fine_minor = sum(reckoning.totals_minor(loan, at).values())
        standings[loan.pk] = Standing(terms.name, terms.renewals_limit, fine_minor)
    return standings
