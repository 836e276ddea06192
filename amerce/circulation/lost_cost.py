"""What marking a loan Lost would charge: said before it is done (row A11)."""

from dataclasses import dataclass
from datetime import datetime

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.charged import charges_of_loans
from amerce.charges.models import LOST_PROCESS_TYPE, LOST_REPLACEMENT_TYPE, LOST_TYPES, FeeType
from amerce.circulation.lost_charges import replacement_minor
from amerce.circulation.models import Loan
from amerce.circulation.reckoning import reckon
from amerce.institutions.models import Institution


@dataclass(frozen=True)
class LostCost:
    """Amounts in minor units. ``overdue_minor`` is what lateness costs by now; ``keeps_overdue``: it stays."""

    replacement_label: str
    replacement_minor: int
    is_item_price: bool
    process_label: str
    process_minor: int
    process_charged_before: bool
    overdue_minor: int
    keeps_overdue: bool


def lost_cost(actor: Actor, institution: Institution, loan: Loan, *, at: datetime) -> LostCost:
    """What the loan would cost if it were marked Lost at ``at``. Eight queries. Raises ``NoTerms``."""
    require(actor, Privilege.PATRON_VIEW)
    reckoning = reckon(institution, [loan])
    terms = reckoning.terms_of(loan)
    types = FeeType.objects.filter(institution=institution, code__in=LOST_TYPES)
    labels = dict(types.values_list("code", "label"))
    charged = charges_of_loans(institution.pk, [loan.pk], LOST_TYPES)
    process_charged_minor = charged[loan.pk, LOST_PROCESS_TYPE].minor
    return LostCost(
        replacement_label=labels.get(LOST_REPLACEMENT_TYPE, ""),
        replacement_minor=max(0, replacement_minor(terms, loan) - charged[loan.pk, LOST_REPLACEMENT_TYPE].minor),
        is_item_price=terms.uses_item_price and loan.item.price_minor is not None,
        process_label=labels.get(LOST_PROCESS_TYPE, ""),
        process_minor=max(0, terms.process_fee_minor - process_charged_minor),
        process_charged_before=process_charged_minor > 0,
        overdue_minor=sum(reckoning.totals_minor(loan, at).values()),
        keeps_overdue=institution.overdue_at_lost_loan,
    )
