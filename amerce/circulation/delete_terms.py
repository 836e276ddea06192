"""Deleting terms of use: their loans follow the next most specific ones (row C5)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.circulation.configuring import may_configure
from amerce.circulation.models import TermsOfUse
from amerce.circulation.save_terms import CHANGED
from amerce.circulation.terms_change import require_terms_for_all
from amerce.circulation.terms_facts import facts_of_terms
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution


def delete_terms(*, actor: Actor, at: datetime, terms_id: int, expected_stamp: str | None = None) -> None:
    """Delete the terms of ``terms_id`` with their notices.

    ``expected_stamp`` is that of ``facts_of_terms`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``, and ``LoansWithoutTerms`` while loans are out that no others match:
    so the terms for everybody stay as long as anything is lent by them.
    """
    require(actor, Privilege.FULFILLMENT_CONFIGURE)
    with transaction.atomic():
        locked_institution(actor)
        terms = TermsOfUse.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([terms_id])).first()
        if terms is None:
            raise RowNotFound(terms_id)
        may_configure(actor, terms.library_id)
        before = facts_of_terms(terms)
        require_unchanged(before, expected_stamp)
        require_terms_for_all(actor.institution_id, terms_id, None)
        terms.delete()
        data = {"terms": terms_id, "before": before.data(), "after": None}
        record(CHANGED, actor=actor, at=at, data=data)
