"""The lines of an export and of a file of payments: which of them are shown, in pages and as a CSV file alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.bursar.check_stages import BOOKABLE
from amerce.bursar.models import (
    BOOKED,
    PROBLEMS,
    STANDS,
    TICKED_OFF,
    UNMATCHED,
    BursarImport,
    BursarLine,
    BursarPayment,
    BursarRun,
)
from amerce.institutions.models import Institution
from amerce.money.format import format_plain
from amerce.web.bursar_wording import REASONS

LINE_STATES: dict[str, tuple[Any, str]] = {
    BursarLine.State.SELECTED: (gettext_lazy("Selected"), "quiet"),
    BursarLine.State.POSTED: (gettext_lazy("Exported"), "good"),
    BursarLine.State.DROPPED: (gettext_lazy("Dropped out"), "attention"),
    BursarLine.State.TAKEN_BACK: (gettext_lazy("Taken back"), "quiet"),
}
OUTCOMES: dict[str, str] = {
    **dict.fromkeys(PROBLEMS | STANDS, "stop"),
    BursarPayment.Outcome.PAID: "good",
    BursarPayment.Outcome.PART: "good",
    BursarPayment.Outcome.EXCESS: "attention",
    BursarPayment.Outcome.OVERPAID: "attention",
    BursarPayment.Outcome.ZERO: "attention",
    BursarPayment.Outcome.DUPLICATE: "attention",
}
"""The colour of what became of a payment; what is not here is quiet."""

_NOT_TO_BE_BOOKED: dict[BursarImport.State, Any] = {
    BursarImport.State.REJECTED: gettext_lazy("not booked, with the whole file"),
    BursarImport.State.UNDOING: gettext_lazy("not booked"),
    BursarImport.State.UNDONE: gettext_lazy("not booked"),
    BursarImport.State.CHECKED: gettext_lazy("not booked, with the whole file"),
}
"""What is said of a line that was to be booked and will not be."""

_OPEN = Q(state=BursarLine.State.POSTED) & ~Q(fee__transferred_minor=0)
OF_RUN: dict[str, tuple[str | Promise, Q]] = {
    "outstanding": (gettext_lazy("Outstanding"), _OPEN),
    "dropped": (gettext_lazy("Dropped out"), Q(state=BursarLine.State.DROPPED)),
}
OF_FILE: dict[str, tuple[str | Promise, Q]] = {
    "booked": (gettext_lazy("Booked"), BOOKED),
    "undone": (gettext_lazy("Undone"), Q(outcome=BursarPayment.Outcome.UNDONE)),
    "stands": (gettext_lazy("Not undone"), Q(outcome__in=STANDS)),
    "unmatched": (gettext_lazy("Unmatched"), UNMATCHED),
    "ticked": (gettext_lazy("Ticked off"), TICKED_OFF),
    "pending": (gettext_lazy("Not booked"), Q(outcome=BursarPayment.Outcome.PENDING)),
    "other": (
        gettext_lazy("Nothing to book"),
        Q(outcome__in=(BursarPayment.Outcome.ZERO, BursarPayment.Outcome.DUPLICATE)),
    ),
}

OF_CHECK: dict[str, tuple[str | Promise, Q]] = {
    "booked": (gettext_lazy("Would be booked"), Q(outcome__in=BOOKABLE)),
    "unmatched": (gettext_lazy("Unmatched"), Q(outcome__in=PROBLEMS)),
    "pending": OF_FILE["pending"],
    "other": OF_FILE["other"],
}
"""As ``OF_FILE``, of a file that was only checked."""
WOULD_BE: dict[str, str | Promise] = {
    BursarPayment.Outcome.PAID: gettext_lazy("would be paid"),
    BursarPayment.Outcome.PART: gettext_lazy("would be paid in part"),
    BursarPayment.Outcome.EXCESS: gettext_lazy("would be paid, with more than is open"),
    BursarPayment.Outcome.OVERPAID: gettext_lazy("would be paid out, with more than the credit is"),
}
"""What a check says instead of what an import says."""


@dataclass(frozen=True)
class Choice:
    """A link that narrows the lines to some; ``key`` is empty for all."""

    key: str
    label: str
    count: int


def narrowed(
    lines: QuerySet[Any], kinds: dict[str, tuple[str | Promise, Q]], key: str
) -> tuple[QuerySet[Any], list[Choice], str]:
    """The lines of the kind ``key``, the kinds that some and not all are of, and which is chosen. One query."""
    counts = lines.order_by().aggregate(
        all=Count("pk"), **{name: Count("pk", filter=which) for name, (_label, which) in kinds.items()}
    )
    there = {name: kinds[name] for name in kinds if 0 < counts[name] < counts["all"]}
    key = key if key in there else ""
    choices = [Choice("", _("All"), counts["all"])] if there else []
    choices += [Choice(name, str(label), counts[name]) for name, (label, _which) in there.items()]
    return (lines.filter(there[key][1]) if key else lines), choices, key


def line_in_words(line: BursarLine) -> tuple[str, str, str]:
    """The word and colour of a line of an export, and why it dropped out. ``line.run`` is asked."""
    word, colour = LINE_STATES[line.state]
    if line.state == BursarLine.State.POSTED and line.run.awaits_payment:
        word, colour = (_("Transferred"), "exported") if outstanding_minor(line) else (_("Paid"), "good")
    return str(word), colour, str(REASONS.get(line.reason, ""))


def outcome_in_words(payment: BursarPayment, file: BursarImport) -> tuple[str, str]:
    """The word and colour of what became of a line of ``file``. ``payment.tick`` is asked."""
    word, colour = kind_in_words(payment.outcome, file)
    return word, "quiet" if getattr(payment, "tick", None) else colour


def kind_in_words(outcome: str, file: BursarImport) -> tuple[str, str]:
    """The word and colour of an outcome of lines of ``file``."""
    if outcome == BursarPayment.Outcome.PENDING and file.state in _NOT_TO_BE_BOOKED:
        return str(_NOT_TO_BE_BOOKED[BursarImport.State(file.state)]), "quiet"
    word = WOULD_BE.get(outcome) if file.is_check else None
    return str(word or BursarPayment.Outcome(outcome).label), OUTCOMES.get(outcome, "quiet")


def choices_of(file: BursarImport) -> dict[str, tuple[str | Promise, Q]]:
    """By what the lines of ``file`` are narrowed."""
    return OF_CHECK if file.is_check else OF_FILE


RUN_HEAD = (
    gettext_lazy("Patron ID"),
    gettext_lazy("Patron"),
    gettext_lazy("Type"),
    gettext_lazy("Bursar transaction ID"),
    gettext_lazy("State"),
    gettext_lazy("Why"),
    gettext_lazy("Exported"),
    gettext_lazy("Paid"),
    gettext_lazy("Outstanding"),
)
FILE_HEAD = (
    gettext_lazy("Line"),
    gettext_lazy("Bursar transaction ID"),
    gettext_lazy("Patron ID"),
    gettext_lazy("Patron"),
    gettext_lazy("Sum in the file"),
    gettext_lazy("Currency"),
    gettext_lazy("What became of it"),
    gettext_lazy("Booked"),
    gettext_lazy("More than was open"),
    gettext_lazy("Undone"),
)
CHECK_HEAD = (
    *FILE_HEAD[:6],
    gettext_lazy("What would become of it"),
    gettext_lazy("Would be booked"),
    gettext_lazy("More than is open"),
    gettext_lazy("Undone"),
)
CHUNK = 2000


def run_rows(lines: QuerySet[BursarLine], run: BursarRun, institution: Institution) -> Iterator[list[Any]]:
    for line in lines.iterator(CHUNK):
        line.run = run
        word, _colour, why = line_in_words(line)
        amounts = (
            (line.posted_minor, line.paid_minor, outstanding_minor(line))  # type: ignore[attr-defined]  # annotated
            if line.transfer_id
            else (None, None, None)
        )
        yield [
            line.patron.primary_id,
            line.patron.display_name,
            str(line.fee.type.label),
            line.fee.bursar_transaction_id or str(line.fee_id),
            word,
            why,
            *("" if each is None else format_plain(each, institution.currency) for each in amounts),
        ]


def file_rows(payments: QuerySet[BursarPayment], file: BursarImport, institution: Institution) -> Iterator[list[Any]]:
    for each in payments.iterator(CHUNK):
        is_undone = each.outcome == BursarPayment.Outcome.UNDONE
        yield [
            each.position,
            each.transaction_id,
            each.patron.primary_id if each.patron else "",
            each.patron.display_name if each.patron else "",
            each.sum_text,
            each.currency_code,
            outcome_in_words(each, file)[0],
            format_plain(each.applied_minor, institution.currency),
            format_plain(each.excess_minor, institution.currency),
            format_plain(each.applied_minor if is_undone else 0, institution.currency),
        ]


def outstanding_minor(line: BursarLine) -> int:
    """What of the line's fee is at the bursar still; nothing of one that went elsewhere or came back."""
    is_there = line.state == BursarLine.State.POSTED
    return line.fee.transferred_minor if is_there else 0
