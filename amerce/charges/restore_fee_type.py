"""Making a row of the Fine Fee Type Definition table say again what it said in a new institution (row C1)."""

from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.charges.defaults import DEFAULT_FACTS
from amerce.charges.save_fee_type import FeeTypeSaved, change_type, find_type
from amerce.inputs.errors import RowNotFound
from amerce.institutions.configuring import locked_institution


def restore_fee_type(*, actor: Actor, at: datetime, type_id: int, expected_stamp: str | None = None) -> FeeTypeSaved:
    """Restore a fee type to its default; an additional one loses its name and is disabled.

    ``expected_stamp`` as of ``save_fee_type``. Raises ``NotAllowed``, also where that would change the label without
    ``FEE_TYPE_ENABLE``; ``RowNotFound``, also for a type without a default; ``OutOfDate``, ``NameTaken``,
    ``TypeInUse``.
    """
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        fee_type = find_type(actor, type_id)
        default = DEFAULT_FACTS.get(fee_type.code)
        if default is None:
            raise RowNotFound(type_id)
        return change_type(actor, at, fee_type, default, expected_stamp, is_restored=True)
