"""What a run has to tell and what it counts, in words: code to sentence, and count to label.

Why one place for all jobs: a report, its download and the list of runs say the same.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amerce.charges.models import Fee
from amerce.institutions.models import Institution
from amerce.web.bulk_wording import NOT_UNDONE
from amerce.web.templatetags.amerce import amount, number

_NOT_UNDONE = _("Patron record %(patron_id)s, fee %(fee_id)s: %(amount_minor)s stays waived: it cannot be undone.")

SENTENCES: dict[str, str | Promise] = {
    "bulk_waiving.above_threshold": _(
        "Patron record %(patron_id)s: %(amount_minor)s not waived. %(total_minor)s in all is more than the threshold."
    ),
    "bulk_waiving.overdue_loans": _(
        "Patron record %(patron_id)s: %(amount_minor)s not waived. There are overdue loans."
    ),
    "bulk_waiving.not_waivable": _(
        "Patron record %(patron_id)s: %(amount_minor)s not waived. The type is not waivable."
    ),
    "bulk_waiving.nothing_owed": _(
        "Patron record %(patron_id)s: nothing is owed on a fee whose own credit is worth as much."
    ),
    "bulk_waiving.nothing_named": _("Line %(line)s of the list: nothing matched any more, or nothing was owed."),
    **{f"bulk_undo.{name}": _NOT_UNDONE for name in NOT_UNDONE},
    "bursar.changed": _("Fee %(fee)s of %(amount_minor)s was not exported: it was “%(status)s” by then."),
    "bursar.below_minimum": _("Fee %(fee)s of %(amount_minor)s was not exported: it fell below the minimum."),
    "bursar.no_identifier": _("Fee %(fee)s of %(amount_minor)s was not exported: its patron has no such identifier."),
    "bursar.exported": _("Export %(export)s: %(total_minor)s, fees: %(fees)s."),
    "bursar.stands": _("Fee %(fee)s of %(amount_minor)s stays exported: something of it was given back meanwhile."),
    "bursar.nothing": _("No fine or fee matched the profile, so nothing was exported."),
    "bursar.no_file": _("No file was waiting."),
    "bursar.not_taken": _("%(file)s was left where it is: it is a link, or its name cannot be written here."),
    "bursar.another_file": _(
        "%(file)s was written anew while the one of before was imported; the new one waits for the next import."
    ),
    "bursar.same_file": _("%(file)s was imported before; nothing of it was booked."),
    "bursar.rejected": _("%(file)s was rejected. %(reason)s"),
    "bursar.imported": _("%(file)s: lines booked: %(booked)s of %(lines)s, %(applied_minor)s."),
    "bursar.checked": _(
        "%(file)s was checked and nothing booked: %(booked_count)s of %(lines_count)s lines would be, "
        "%(applied_minor)s; unmatched: %(problems_count)s."
    ),
    "bursar.not_bookable": _("%(file)s was checked and nothing booked. %(reason)s"),
    "bursar.check_excess": _("Line %(line)s, %(id)s: %(excess_minor)s more than is open would become a credit."),
    "bursar.check_overpaid": _(
        "Line %(line)s, %(id)s: %(sum)s is more than the credit at the bursar; only that would be booked."
    ),
    "bursar.check_elsewhere": _(
        "Line %(line)s, %(id)s: the lines before it would leave nothing of this fee at the bursar; %(sum)s not booked."
    ),
    "bursar.line_zero": _("Line %(line)s, %(id)s: nothing paid."),
    "bursar.line_duplicate": _("Line %(line)s, %(id)s: a second line with this sum, %(sum)s; not booked."),
    "bursar.line_excess": _("Line %(line)s, %(id)s: %(excess_minor)s more than was open became a credit."),
    "bursar.line_overpaid": _(
        "Line %(line)s, %(id)s: %(sum)s was paid out, more than the credit at the bursar was; only that was booked."
    ),
    "bursar.line_unknown": _("Line %(line)s: no fee has the id “%(id)s”; %(sum)s not booked."),
    "bursar.line_currency": _("Line %(line)s, %(id)s: %(sum)s is in %(currency)s; not booked."),
    "bursar.line_unreadable": _(
        "Line %(line)s, %(id)s: “%(sum)s” is no amount, or more than may be taken at once; not booked."
    ),
    "bursar.line_negative": _("Line %(line)s, %(id)s: %(sum)s is negative; not booked."),
    "bursar.line_elsewhere": _("Line %(line)s, %(id)s: nothing of this fee is at the bursar; %(sum)s not booked."),
    "bursar.payment_stands_used": _(
        "Line %(line)s, %(id)s: %(amount_minor)s stays booked. What was paid above it was used meanwhile."
    ),
    "bursar.payment_stands_moved": _(
        "Line %(line)s, %(id)s: %(amount_minor)s stays booked. The fee is not as the payment left it."
    ),
    "notification.profile": _(
        "%(profile)s: %(messages_count)s messages that tell of %(told_minor)s, and %(charged_minor)s charged for them. "
        "Letters: %(letters_count)s; without an address: %(no_address_count)s; not due any more: %(dropped_count)s."
    ),
    "printing.file": _("File %(batch)s for the printer %(printer)s, letters: %(letters_count)s."),
    "notification.left_out": _("%(profile)s: left out, since it was disabled or deleted after the run was asked for."),
}
"""The sentence of each code, with the values of its event in it: ``%(fee)s``. An amount is named ``…_minor``."""

_WITHOUT: dict[str, tuple[str, str | Promise]] = {
    "bursar.line_unknown": ("id", _("Line %(line)s names no id; %(sum)s not booked.")),
    "bursar.line_unreadable": ("sum", _("Line %(line)s, %(id)s: there is no amount; not booked.")),
}
"""What is said where that value of the event is empty."""

_FIGURES = frozenset({"fees", "lines", "booked"})
"""What is counted, although its name in the event does not say so."""

COUNTS: dict[str, str | Promise] = {
    "looked_at": _("Looked at"),
    "made": _("Fines made"),
    "raised": _("Fines raised"),
    "lowered": _("Fines lowered"),
    "noticed": _("Notices due"),
    "lost": _("Lost"),
    "anonymised": _("Anonymised"),
    "kept": _("Kept for a fine or fee"),
    "notes": _("Notes removed"),
    "requests": _("Requests"),
    "loans": _("Loans removed"),
    "fees": _("Fees"),
    "patrons": _("Patrons"),
    "skipped": _("Left"),
    "exported": _("Exported"),
    "dropped": _("Dropped out"),
    "taken_back": _("Taken back"),
    "files": _("Files"),
    "rejected": _("Rejected"),
    "accounts": _("Accounts"),
    "blocked": _("Newly blocked"),
    "let_go": _("No longer blocked"),
    "messages": _("Messages"),
    "letters": _("Letters"),
    "no_address": _("Without an address"),
    "not_due": _("Not due any more"),
    "told_minor": _("Told to owe"),
    "charged_minor": _("Notification fees charged"),
    "total_minor": _("Total"),
}
"""What each count of a run is called, in the order in which they are shown."""


def sentence_of(code: str, data: Mapping[str, Any], institution: Institution) -> str:
    """What happened. A code that has no sentence yet says itself and its data."""
    lacking, without = _WITHOUT.get(code, ("", ""))
    pattern = without if lacking and data.get(lacking) == "" else SENTENCES.get(code)
    values = {key: value_in_words(key, each, institution) for key, each in data.items()}
    if pattern is None:
        return ": ".join([code, ", ".join(f"{key} {each}" for key, each in values.items())]).removesuffix(": ")
    return str(pattern) % values


def counts_in_words(counts: Mapping[str, int], institution: Institution) -> list[tuple[str, str]]:
    """Label and figure of each count of a run."""
    known = [each for each in COUNTS if each in counts]
    named = known + [each for each in counts if each not in COUNTS]
    return [(str(COUNTS.get(each, each)), _figure(each, counts[each], institution)) for each in named]


def _figure(name: str, count: int, institution: Institution) -> str:
    return amount(count, institution) if name.endswith("_minor") else number(count, institution)


def value_in_words(key: str, value: Any, institution: Institution) -> str:
    """A value of an event, by the ending of its name."""
    if key.endswith("_minor") and isinstance(value, int):
        return amount(value, institution)
    if (key.endswith("_count") or key in _FIGURES) and isinstance(value, int):
        return number(value, institution)
    if key == "status" and value in Fee.Status.values:
        return str(Fee.Status(value).label)
    return "" if value is None else str(value)
