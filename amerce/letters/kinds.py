"""The kinds of letters there are, and what each is called: on pages, and in the XML of Alma's letters.

Why a table in code: a kind exists because something writes it. What its data has in it stands in ``samples.py``.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class LetterKind(TextChoices):
    FINES_FEES_NOTIFICATION = "FINES_FEES_NOTIFICATION", _("Fines/Fees Notification")
    PAYMENT_RECEIPT = "PAYMENT_RECEIPT", _("Payment Receipt")
    FEE_CHARGED = "FEE_CHARGED", _("Fine or Fee Charged")
    ACTIVITY_REPORT = "ACTIVITY_REPORT", _("Activity Report")
    OVERDUE_1 = "OVERDUE_1", _("Overdue Notice 1")
    OVERDUE_2 = "OVERDUE_2", _("Overdue Notice 2")
    OVERDUE_3 = "OVERDUE_3", _("Overdue Notice 3")
    OVERDUE_4 = "OVERDUE_4", _("Overdue Notice 4")
    OVERDUE_5 = "OVERDUE_5", _("Overdue Notice 5")
    LOST = "LOST", _("Lost Loan")
    LOST_REFUND = "LOST_REFUND", _("Lost Loan Refund")
    REQUEST_CANCELLED = "REQUEST_CANCELLED", _("Request Cancelled")
    BURSAR_RUN = "BURSAR_RUN", _("Bursar Run Report")
    TILL = "TILL", _("Till Report")


@dataclass(frozen=True)
class KindFacts:
    """``folder`` holds the built-in words, ``alma_name`` and ``alma_type`` say what Alma calls the letter.

    ``is_staff``: it goes to staff, not to a patron. ``starts_on``: it is written unless the institution turns it off.
    ``is_offered`` is off as long as nothing writes it: then no page offers it and no dump names it, and a file that was
    dumped before is still taken.
    """

    folder: str
    alma_name: str
    alma_type: str
    when: str | Promise
    is_staff: bool = False
    starts_on: bool = True
    is_offered: bool = True


_OVERDUE = KindFacts(
    "overdue",
    "Overdue Notice",
    "FulOverdueAndLostLoanNotificationLetter",
    _("A loan is late for as long as its terms of use say."),
)

KINDS: dict[LetterKind, KindFacts] = {
    LetterKind.FINES_FEES_NOTIFICATION: KindFacts(
        "fines_fees_notification", "Fines Fees Notification Letter", "FulFinesFeesNotificationLetter",
        _("The job Fines/Fees Notifications finds a patron who owes enough."),
    ),
    LetterKind.PAYMENT_RECEIPT: KindFacts(
        "payment_receipt", "Fine Fee Payment Receipt Letter", "FineFeePaymentReceiptLetter",
        _("Somebody chooses E-mail receipt after a payment."),
    ),
    LetterKind.FEE_CHARGED: KindFacts(
        "fee_charged", "Fine Fee Charged Letter", "FulFinesFeesNotificationLetter",
        _("A fine or fee is charged at the desk."), starts_on=False,
    ),
    LetterKind.ACTIVITY_REPORT: KindFacts(
        "activity_report", "Borrowing Activity Letter", "FulUserBorrowingActivityLetter",
        _("Somebody chooses Send Activity Report."),
    ),
    LetterKind.OVERDUE_1: _OVERDUE,
    LetterKind.OVERDUE_2: _OVERDUE,
    LetterKind.OVERDUE_3: _OVERDUE,
    LetterKind.OVERDUE_4: _OVERDUE,
    LetterKind.OVERDUE_5: _OVERDUE,
    LetterKind.LOST: KindFacts("lost", "Lost Loan Letter", "FulOverdueAndLostLoanLetter", _("A loan becomes lost.")),
    LetterKind.LOST_REFUND: KindFacts(
        "lost_refund", "Lost Refund Fee Loan Letter", "FulLostRefundFeeLoanLetter",
        _("A lost item is found or comes back, and money is given back or no longer owed."),
    ),
    LetterKind.REQUEST_CANCELLED: KindFacts(
        "request_cancelled", "Cancel Request Letter", "FulCancelRequestLetter",
        _("A request is cancelled with Notify the user ticked."),
    ),
    LetterKind.BURSAR_RUN: KindFacts(
        "bursar_run", "Bursar Run Report Letter", "BursarRunReportLetter",
        _("An export to the bursar or an import from it ends. It goes to the address in Letter Settings."),
        is_staff=True,
    ),
    LetterKind.TILL: KindFacts(
        "till", "Till Report Letter", "TillReportLetter", _("A till is counted."), is_staff=True, is_offered=False
    ),
}  # fmt: skip
OFFERED = tuple(kind for kind in LetterKind if KINDS[kind].is_offered)
OVERDUE_KINDS = tuple(LetterKind(f"OVERDUE_{number}") for number in range(1, 6))


def notice_number(kind: str) -> int | None:
    """Which overdue notice ``kind`` is; None for other letters."""
    return OVERDUE_KINDS.index(LetterKind(kind)) + 1 if kind in OVERDUE_KINDS else None
