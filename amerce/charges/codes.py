"""Checking codes that somebody chose against the tables of the institution."""

from amerce.charges.errors import MethodUnknown, ReasonUnknown, TypeUnknown
from amerce.charges.models import FeeType
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes
from amerce.sql import Select


def require_method(institution_id: int, code: str) -> None:
    """Raise ``MethodUnknown`` unless ``code`` is an active payment method."""
    if _ACTIVE.first(institution_id, CodeEntry.Table.PAYMENT_METHOD.value, code) is None:
        raise MethodUnknown(code)


def require_reason(institution_id: int, code: str) -> None:
    """Raise ``ReasonUnknown`` unless ``code`` is an active reason for waiving."""
    if _ACTIVE.first(institution_id, CodeEntry.Table.WAIVE_REASON.value, code) is None:
        raise ReasonUnknown(code)


def enabled_type(institution_id: int, code: str) -> FeeType:
    """The fee type of ``code``. Raises ``TypeUnknown`` when there is none or it is disabled."""
    fee_type = _ENABLED.first(institution_id, code)
    if fee_type is None:
        raise TypeUnknown(code)
    return fee_type


_ACTIVE = Select(lambda institution_id, table, code: active_codes(institution_id, table).filter(code=code))
_ENABLED = Select(
    lambda institution_id, code: FeeType.objects.filter(institution_id=institution_id, code=code, is_enabled=True)
)
