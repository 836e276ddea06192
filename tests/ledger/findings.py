"""What the tests of verify ask of it."""

from amerce.charges.models import Fee
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify


def finding_of(check: str, institution_id: int | None = None) -> str:
    """What one check of verify says, "whole" when it finds nothing."""
    return str(dict(verify(institution_id).results)[check] or "whole")


def a_transfer(fee: Fee, kind: str) -> Transfer:
    return Transfer.objects.filter(fee=fee, kind=kind).order_by("seq")[0]
