"""Checking codes and ids that somebody chose against the tables of the institution."""

from typing import cast

from django.db.models import Model, QuerySet

from amerce.charges.errors import ItemUnknown, LoanUnknown, MethodUnknown, OwnerUnknown, ReasonUnknown, TypeUnknown
from amerce.charges.models import Fee, FeeType
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes, libraries, open_libraries
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
    found = _ENABLED.first(institution_id, code)
    if found is None:
        raise TypeUnknown(code)
    return found


def fee_type(institution_id: int, code: str) -> FeeType:
    """The fee type of ``code``, disabled or not. Raises ``TypeUnknown`` when there is none.

    For what a rule, a job or a return charges: to disable a type ends charging by hand, and never stops a copy from
    being taken back (``seeds/configuration-patron-charges.txt``, row C1).
    """
    found = _TYPE.first(institution_id, code)
    if found is None:
        raise TypeUnknown(code)
    return found


def require_library(institution_id: int, library_id: int | None) -> None:
    """Raise ``OwnerUnknown`` unless it is a library of the institution or none."""
    if library_id is not None and not libraries(institution_id).filter(pk=library_id).exists():
        raise OwnerUnknown


def require_open_library(institution_id: int, library_id: int) -> None:
    """Raise ``OwnerUnknown`` unless it is a library of the institution that is open, as for what is charged by hand."""
    if not open_libraries(institution_id).filter(pk=library_id).exists():
        raise OwnerUnknown


def require_item(institution_id: int, item_id: int | None) -> None:
    """Raise ``ItemUnknown`` unless it is an item of the institution, or none."""
    if item_id is not None and not _above("item").filter(institution_id=institution_id, pk=item_id).exists():
        raise ItemUnknown(item_id)


def require_loan(institution_id: int, patron_id: int, loan_id: int, item_id: int) -> None:
    """Raise ``LoanUnknown`` unless it is a loan of the item to the patron in the institution."""
    mine = _above("loan").filter(institution_id=institution_id, patron_id=patron_id)
    if not mine.filter(pk=loan_id, item_id=item_id).exists():
        raise LoanUnknown(loan_id)


def _above(field: str) -> QuerySet[Model]:
    """The rows that a column of fees can point to; their package stands above this one and is not imported."""
    table = cast(type[Model], Fee._meta.get_field(field).related_model)
    return QuerySet(table)


_ACTIVE = Select(lambda institution_id, table, code: active_codes(institution_id, table).filter(code=code))
_TYPE = Select(lambda institution_id, code: FeeType.objects.filter(institution_id=institution_id, code=code))
_ENABLED = Select(
    lambda institution_id, code: FeeType.objects.filter(institution_id=institution_id, code=code, is_enabled=True)
)
