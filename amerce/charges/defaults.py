"""The fee types a new institution starts with (row C1), by the codes of Alma's REST interface."""

from dataclasses import asdict

from amerce.charges.fee_type_facts import FeeTypeFacts
from amerce.charges.models import CREDIT_TYPE, FeeType

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
_NOT_WAIVABLE = frozenset({CREDIT_TYPE})
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
ADDITIONAL_TYPES = tuple(f"CUSTOMER_DEFINED_{number:02}" for number in range(1, 11))
"""Ten more that wait to be enabled and named."""


def _facts(code: str, label: str) -> FeeTypeFacts:
    return FeeTypeFacts(
        label=label,
        is_enabled=code not in ADDITIONAL_TYPES,
        is_waivable=code not in _NOT_WAIVABLE,
        is_manual=code not in _AUTOMATIC,
        owner_kind=FeeType.Owner.INSTITUTION.value if code in _INSTITUTION_OWNED else FeeType.Owner.LIBRARY.value,
    )


DEFAULT_FACTS = {
    code: _facts(code, label) for code, label in {**_LABELS, **dict.fromkeys(ADDITIONAL_TYPES, "")}.items()
}
"""Code to what the type says in a new institution, in the order of the table."""


def default_fee_types(institution_id: int) -> list[FeeType]:
    """Unsaved rows: the pre-defined types, and ten additional ones that are disabled until enabled and named."""
    return [
        FeeType(institution_id=institution_id, code=code, position=position, **asdict(facts))
        for position, (code, facts) in enumerate(DEFAULT_FACTS.items(), start=1)
    ]
