"""Why a loan command refuses: one class per reason, carrying what a page needs to say it. Words are made at the edge.

A command that raises one of these has written nothing. A blocked patron is ``blocks.PatronBlocked``.
"""

from datetime import datetime


class LoanError(Exception):
    """Any refusal of a loan command."""


class ItemNotFound(LoanError):
    """No item of this institution has that barcode."""

    def __init__(self, barcode: str) -> None:
        super().__init__(f"no item {barcode}")
        self.barcode = barcode


class ItemOnLoan(LoanError):
    """The copy is out: with this patron, or with somebody else."""

    def __init__(self, barcode: str, *, with_this_patron: bool) -> None:
        super().__init__(f"item {barcode} is on loan")
        self.barcode = barcode
        self.with_this_patron = with_this_patron


class NotOnLoan(LoanError):
    """There is nothing to return: the copy is not out. Whoever waits for it is waiting for item ``item_id``."""

    def __init__(self, item_id: int, barcode: str) -> None:
        super().__init__(f"item {barcode} is not on loan")
        self.item_id = item_id
        self.barcode = barcode


class LoanNotFound(LoanError):
    """This patron has no such loan on the list."""

    def __init__(self, loan_id: int) -> None:
        super().__init__(f"no loan {loan_id}")
        self.loan_id = loan_id


class LoanStatusForbids(LoanError):
    """The status of the loan does not allow the action: a lost item is not renewed."""

    def __init__(self, action: str, loan_id: int, status: str) -> None:
        super().__init__(f"cannot {action} loan {loan_id}, it is {status}")
        self.action = action
        self.loan_id = loan_id
        self.status = status


class RenewalsUsedUp(LoanError):
    """The loan was renewed as often as its terms allow."""

    def __init__(self, loan_id: int, limit: int) -> None:
        super().__init__(f"loan {loan_id} was renewed {limit} times")
        self.loan_id = loan_id
        self.limit = limit


class RenewedMeanwhile(LoanError):
    """The loan was renewed since the page was made from which it should be renewed."""

    def __init__(self, loan_id: int) -> None:
        super().__init__(f"loan {loan_id} was renewed meanwhile")
        self.loan_id = loan_id


class ItemRequested(LoanError):
    """Somebody else waits for the item, so the loan is not renewed."""

    def __init__(self, loan_id: int) -> None:
        super().__init__(f"the item of loan {loan_id} is requested")
        self.loan_id = loan_id


class BackdateRefused(LoanError):
    """A return can be dated back to ``earliest``, when the loan began or was renewed last, and not ahead."""

    def __init__(self, earliest: datetime) -> None:
        super().__init__(f"a return before {earliest} or in the future")
        self.earliest = earliest


class RequestNotFound(LoanError):
    """This patron has no such open request."""

    def __init__(self, request_id: int) -> None:
        super().__init__(f"no request {request_id}")
        self.request_id = request_id


class AlreadyRequested(LoanError):
    """The patron waits for this item already."""

    def __init__(self, barcode: str) -> None:
        super().__init__(f"item {barcode} is requested already")
        self.barcode = barcode


class NotProxy(LoanError):
    """Who came is no proxy of the patron, or has an inactive or expired record."""

    def __init__(self, patron_id: int, proxy_id: int) -> None:
        super().__init__(f"patron {proxy_id} may not borrow for {patron_id}")
        self.patron_id = patron_id
        self.proxy_id = proxy_id


class PickupUnknown(LoanError):
    """The institution has no such library to fetch the item from."""


class NoteEmpty(LoanError):
    """A loan note without words."""
