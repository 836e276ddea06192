"""Why a change of the Fine Fee Type Definition table is refused. Words are made at the edge."""

from amerce.inputs.errors import Refused


class FeeTypeError(Refused):
    """A change of a fee type is refused."""


class CreditIsNotWaivable(FeeTypeError):
    """What the library owes cannot be waived for the patron."""

    field = "is_waivable"


class CreditHasNoVat(FeeTypeError):
    """A CREDIT gives money back and sells nothing."""

    field = "vat_rate_bp"


class TypeInUse(FeeTypeError):
    """There are fees of this additional type, so it keeps its name."""

    field = "label"
