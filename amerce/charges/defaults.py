"""The fee types a new institution starts with (row C1), by the codes of Alma's REST interface."""

from amerce.charges.models import FeeType

_AUTOMATIC = frozenset(
    {
        "OVERDUEFINE",
        "RECALLEDOVERDUEFINE",
        "RENEWFEE",
        "OVERDUENOTIFICATIONFINE",
        "NOTIFICATIONFEE",
        "FINEFEENOTIFICATIONFEE",
    }
)
_INSTITUTION_OWNED = frozenset({"CARDRENEWAL", "ISSUELIBRARYCARD", "LIBRARYCARDREPLACEMENT"})
_NOT_WAIVABLE = frozenset({"CREDIT"})
_LABELS = {
    "OVERDUEFINE": "Overdue fine",
    "RECALLEDOVERDUEFINE": "Recalled overdue fine",
    "LOSTITEMREPLACEMENTFEE": "Lost item replacement fee",
    "LOSTITEMPROCESSFEE": "Lost item process fee",
    "DAMAGEDITEMFINE": "Damaged item fine",
    "CREDIT": "Credit",
    "CARDRENEWAL": "Card renewal",
    "ISSUELIBRARYCARD": "Issue library card",
    "LIBRARYCARDREPLACEMENT": "Library card replacement",
    "RENEWFEE": "Renew fee",
    "SERVICEFEE": "Service fee",
    "LOCKERKEY": "Locker key",
    "DOCUMENTDELIVERYSERVICE": "Document delivery service",
    "OVERDUENOTIFICATIONFINE": "Overdue notification fine",
    "NOTIFICATIONFEE": "Notification fee",
    "FINEFEENOTIFICATIONFEE": "Fines/fees notification fee",
    "OTHER": "Other",
}
_EXTRA = {f"CUSTOMER_DEFINED_{number:02}": "" for number in range(1, 11)}


def default_fee_types(institution_id: int) -> list[FeeType]:
    """Unsaved rows: the pre-defined types, and ten extra ones that are disabled until enabled and named."""
    return [
        FeeType(
            institution_id=institution_id,
            code=code,
            label=label,
            position=position,
            is_enabled=code in _LABELS,
            is_waivable=code not in _NOT_WAIVABLE,
            is_manual=code not in _AUTOMATIC,
            owner_kind=FeeType.Owner.INSTITUTION if code in _INSTITUTION_OWNED else FeeType.Owner.LIBRARY,
        )
        for position, (code, label) in enumerate((_LABELS | _EXTRA).items(), start=1)
    ]
