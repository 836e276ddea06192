"""Why a command refuses: one class per reason, carrying what a page needs to say it. Words are made at the edge.

A command that raises one of these has written nothing.
"""

from amerce.inputs.errors import Refused


class ChargeError(Refused):
    """Any refusal of a charge command."""


class FeeNotFound(ChargeError):
    """This patron, in this institution, has no such fee."""

    def __init__(self, fee_id: int) -> None:
        super().__init__(f"no fee {fee_id}")
        self.fee_id = fee_id


class StatusForbids(ChargeError):
    """The fee's status does not allow the verb: paying what is disputed, restoring what is not."""

    def __init__(self, verb: str, fee_id: int, status: str) -> None:
        super().__init__(f"cannot {verb} fee {fee_id}, it is {status}")
        self.verb = verb
        self.fee_id = fee_id
        self.status = status


class CreditForbids(ChargeError):
    """The verb is for debts and the row is a CREDIT, or a credit that only its own fee may use."""

    def __init__(self, verb: str, fee_id: int) -> None:
        super().__init__(f"cannot {verb} credit {fee_id}")
        self.verb = verb
        self.fee_id = fee_id


class NothingChosen(ChargeError):
    """No fee was chosen."""


class NothingOwed(ChargeError):
    """There is nothing to pay, dispute or export here."""


class AmountOutOfRange(ChargeError):
    """An amount of zero or less, or above the institution's ceiling."""

    def __init__(self, amount_minor: int, ceiling_minor: int) -> None:
        super().__init__(f"{amount_minor} is not above 0 and at most {ceiling_minor}")
        self.amount_minor = amount_minor
        self.ceiling_minor = ceiling_minor


class MoreThanOwed(ChargeError):
    """More than can be paid, waived or corrected; ``limit_minor`` is the most that can."""

    def __init__(self, amount_minor: int, limit_minor: int) -> None:
        super().__init__(f"{amount_minor} is more than {limit_minor}")
        self.amount_minor = amount_minor
        self.limit_minor = limit_minor


class MoreThanPaid(ChargeError):
    """More than was paid and not refunded yet; ``limit_minor`` is the most that can be refunded."""

    def __init__(self, amount_minor: int, limit_minor: int) -> None:
        super().__init__(f"{amount_minor} is more than {limit_minor}")
        self.amount_minor = amount_minor
        self.limit_minor = limit_minor


class TypeUnknown(ChargeError):
    """No enabled fee type has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no fee type {code}")
        self.code = code


class TypeNotManual(ChargeError):
    """Fees of this type are only made by the system."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code} is not added by hand")
        self.code = code


class TypeNotWaivable(ChargeError):
    """Fees of this type are never waived."""

    def __init__(self, fee_id: int, code: str) -> None:
        super().__init__(f"{code} is not waivable")
        self.fee_id = fee_id
        self.code = code


class DeskRequired(ChargeError):
    """A library-owned type, and the actor is not at a circulation desk."""


class CreatedInFuture(ChargeError):
    """What was charged elsewhere was charged before now."""


class OwnerUnknown(ChargeError):
    """No such library here, or a library given for an institution-owned type."""


class ItemUnknown(ChargeError):
    """No such item here."""

    def __init__(self, item_id: int) -> None:
        super().__init__(f"no item {item_id}")
        self.item_id = item_id


class LoanUnknown(ChargeError):
    """This patron has no such loan of that item."""

    def __init__(self, loan_id: int) -> None:
        super().__init__(f"no loan {loan_id}")
        self.loan_id = loan_id


class MethodUnknown(ChargeError):
    """No active payment method has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no payment method {code}")
        self.code = code


class ReasonUnknown(ChargeError):
    """No active waiving reason has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no reason {code}")
        self.code = code


class StaleAccount(ChargeError):
    """The page was made before the account changed. What changed is ``queries.changes_since(expected_seq)``."""

    def __init__(self, patron_id: int, expected_seq: int, current_seq: int) -> None:
        super().__init__(f"account of patron {patron_id} is at {current_seq}, not {expected_seq}")
        self.patron_id = patron_id
        self.expected_seq = expected_seq
        self.current_seq = current_seq


class KeyConflict(ChargeError):
    """The key was used before with other inputs."""

    def __init__(self, scope: str, key: str) -> None:
        super().__init__(f"{scope} key {key} was used with other inputs")
        self.scope = scope
        self.key = key


class PaymentTakenBack(ChargeError):
    """The external transaction id belongs to a payment that was corrected, so it answers for nothing any more."""

    def __init__(self, key: str, payment_id: int) -> None:
        super().__init__(f"{key} is of payment {payment_id}, which was corrected")
        self.key = key
        self.payment_id = payment_id


class TransferNotFound(ChargeError):
    """This patron has no such transaction."""

    def __init__(self, transfer_id: int) -> None:
        super().__init__(f"no transfer {transfer_id}")
        self.transfer_id = transfer_id


class NotCorrectable(ChargeError):
    """A transaction of this kind is not taken back by a correction: a dispute is restored, an export undone."""

    def __init__(self, transfer_id: int, kind: str) -> None:
        super().__init__(f"transfer {transfer_id} is a {kind}")
        self.transfer_id = transfer_id
        self.kind = kind


class AlreadyCorrected(ChargeError):
    """The transaction was corrected before."""

    def __init__(self, transfer_id: int) -> None:
        super().__init__(f"transfer {transfer_id} is corrected already")
        self.transfer_id = transfer_id


class CreditAlreadyUsed(ChargeError):
    """The credit that would be taken back was spent; ``unused_minor`` of it is left."""

    def __init__(self, fee_id: int, unused_minor: int) -> None:
        super().__init__(f"credit {fee_id} has {unused_minor} left")
        self.fee_id = fee_id
        self.unused_minor = unused_minor


class ChargeAlreadySettled(ChargeError):
    """The charge that would be taken back was paid or waived in part; that has to be corrected first."""

    def __init__(self, fee_id: int) -> None:
        super().__init__(f"fee {fee_id} is settled in part")
        self.fee_id = fee_id


class PaymentAlreadyRefunded(ChargeError):
    """The payment that would be taken back was refunded; that has to be corrected first."""

    def __init__(self, fee_id: int) -> None:
        super().__init__(f"fee {fee_id} was refunded")
        self.fee_id = fee_id


class PaymentAlreadyCredited(ChargeError):
    """Of the payment that would be taken back a part became a CREDIT when the charge was lowered."""

    def __init__(self, fee_id: int) -> None:
        super().__init__(f"of what was paid on fee {fee_id} a part was credited")
        self.fee_id = fee_id


class FeeAtBursar(ChargeError):
    """The fee was exported: what happens to it happens at the bursar's office."""

    def __init__(self, fee_id: int) -> None:
        super().__init__(f"fee {fee_id} was exported")
        self.fee_id = fee_id


class TransactionIdTaken(ChargeError):
    """The next bursar transaction id of a sequence, ``number``, came with a fee from another system."""

    def __init__(self, number: str) -> None:
        super().__init__(f"another fee has the id {number}")
        self.number = number


class InternalNumberTaken(ChargeError):
    """The bursar knows a fee without an id by its internal number, and would know another by the same of a sequence.

    ``number`` is the highest internal number that is known there.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"fees up to {number} go by their internal numbers")
        self.number = number
