"""Which patrons became blocked, or were let go, by what they owe: told when money moved.

Why kept who was told of: a block by balance is no row but follows from what is owed now, so it has no event of its own.
What comes with passing days (the age of a debt) or with a changed rule is not told.
"""

from datetime import datetime

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.circulation.blocks import OwesTooMuch, borrower, forbidden_to
from amerce.institutions.models import Institution
from amerce.webhooks.kinds import Kind
from amerce.webhooks.messages import Said, amounts
from amerce.webhooks.models import ToldBlock


def change(institution: Institution, patron_id: int, at: datetime) -> tuple[str, Said] | None:
    """What is to be told of the patron since the last time, and that it is told now. Four queries at most."""
    actor = system_actor(institution.pk, "webhooks", Privilege.PATRON_VIEW)
    forbidden = forbidden_to(borrower(actor, patron_id), at=at)
    found = {
        action.value: block
        for action, blocks in forbidden.items()
        for block in blocks
        if isinstance(block, OwesTooMuch)
    }
    told = ToldBlock.objects.filter(institution=institution, patron_id=patron_id)
    if not found:
        return (Kind.BLOCK_LIFTED.value, {"kind": "balance", "forbids": []}) if told.delete()[0] else None
    _row, is_new = told.get_or_create(defaults={"institution": institution, "patron_id": patron_id})
    if not is_new:
        return None
    block = next(iter(found.values()))
    said = {
        "kind": "balance",
        "forbids": sorted(found),
        "currency": institution.currency_code,
        **amounts("balance", block.balance_minor, institution.currency),
        **amounts("limit", block.limit_minor, institution.currency),
    }
    return Kind.BLOCK_SET.value, said
