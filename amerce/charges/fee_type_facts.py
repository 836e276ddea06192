"""What a row of the Fine Fee Type Definition table says (row C1)."""

from dataclasses import dataclass

from amerce.charges.models import FeeType


@dataclass(frozen=True, kw_only=True)
class FeeTypeFacts:
    """The words are those of ``FeeType``; ``label`` is empty for an additional type that nobody named."""

    label: str
    is_enabled: bool = True
    is_waivable: bool = True
    is_manual: bool = True
    is_refundable: bool = False
    owner_kind: str = FeeType.Owner.LIBRARY.value
    vat_rate_bp: int = 0

    @classmethod
    def of(cls, fee_type: FeeType) -> "FeeTypeFacts":
        return cls(**{name: getattr(fee_type, name) for name in cls.__dataclass_fields__})
