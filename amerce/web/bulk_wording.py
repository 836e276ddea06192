"""The words of bulk waiving: why something is refused, what becomes of a fee, what a run has to tell."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.can import AboveCeiling
from amerce.bulk import errors
from amerce.bulk.criteria import Criteria
from amerce.bulk.models import IdLine
from amerce.bulk.selection import Verdict
from amerce.charges.errors import ReasonUnknown
from amerce.charges.models import FeeType
from amerce.inputs.errors import (
    ChoiceUnknown,
    NameMissing,
    NumberOutOfRange,
    TextMalformed,
    TextTooLong,
)
from amerce.institutions.models import Institution
from amerce.money.format import format_amount
from amerce.patrons.models import UserGroup
from amerce.web.sentences import Sentence, malformed, plain, too_long
from amerce.web.templatetags.amerce import day, number
from amerce.web.wording import refusal_of

VERDICTS: dict[str, Any] = {
    Verdict.WAIVED: gettext_lazy("would be waived"),
    Verdict.ABOVE: gettext_lazy("the user owes more than the threshold"),
    Verdict.OVERDUE: gettext_lazy("the user has overdue loans"),
    Verdict.NOT_WAIVABLE: gettext_lazy("the type is not waivable"),
    Verdict.NOTHING_OWED: gettext_lazy("nothing is owed: a credit of this fee is worth as much"),
}
"""What becomes of a fee, and why."""

PROBLEMS: dict[str, Any] = {
    IdLine.Problem.UNKNOWN: gettext_lazy("names nobody and nothing here"),
    IdLine.Problem.SEVERAL: gettext_lazy("names several users"),
    IdLine.Problem.REPEATED: gettext_lazy("repeats a line before"),
    IdLine.Problem.UNREADABLE: gettext_lazy("is no ID of a fee"),
}
"""What is wrong with a line of a list."""

NOT_UNDONE: dict[str, Any] = {
    "AlreadyCorrected": gettext_lazy("The waiver was corrected before."),
    "CreditAlreadyUsed": gettext_lazy("The credit of the waiver was used."),
    "FeeAtBursar": gettext_lazy("The fee went to the bursar."),
    "StatusForbids": gettext_lazy("The status of the fee does not allow it."),
}
"""Why a transaction was not taken back, by the refusal of a correction."""

TOLD: dict[str, Any] = {
    "bulk_waiving.above_threshold": gettext_lazy("Not waived: the user owes more than the threshold."),
    "bulk_waiving.overdue_loans": gettext_lazy("Not waived: the user has overdue loans."),
    "bulk_waiving.not_waivable": gettext_lazy("Not waived: the type is not waivable."),
    "bulk_waiving.nothing_owed": gettext_lazy("Not waived: a credit of the fee is worth as much."),
    "bulk_waiving.nothing_named": gettext_lazy("Not waived: nothing matched any more, or nothing was owed."),
    **{
        f"bulk_undo.{name}": gettext_lazy("Not undone: the fee was settled, corrected or exported since.")
        for name in NOT_UNDONE
    },
    **{f"line.{problem}": words for problem, words in PROBLEMS.items()},
}
"""A line of the report, by its code."""


def told(code: str) -> str:
    """What became of somebody or something, for the report."""
    if code.startswith("bulk_undo."):
        why = NOT_UNDONE.get(code.removeprefix("bulk_undo."))
        return _("Not undone: %(why)s") % {"why": why} if why else str(TOLD.get(code, code))
    return str(TOLD.get(code, code))


def bulk_refusal(error: Exception, institution: Institution) -> tuple[str, str]:
    """The name of the field and the sentence for ``error``. Raises ``KeyError`` for one unknown."""
    if isinstance(error, AboveCeiling):
        return "confirmed_minor", refusal_of(error, institution).sentence
    if isinstance(error, ReasonUnknown):
        return "reason", WORDS[ReasonUnknown](error, institution)
    return getattr(error, "field", ""), WORDS[type(error)](error, institution)


def in_words(criteria: Criteria, institution: Institution) -> list[tuple[str, str]]:
    """Each criterion by name and value, as the page of a run shows what was asked for."""

    def labels(model: Any, column: str, chosen: Any, everything: str) -> str:
        if chosen is None:
            return everything
        rows = model.objects.filter(institution=institution, **{f"{column}__in": chosen}).order_by("label")
        return ", ".join(rows.values_list("label", flat=True))

    yes, no = _("yes"), _("no")
    said = [
        (
            _("Fine Threshold to Waive"),
            format_amount(criteria.threshold_minor, institution.currency, institution.locale),
        ),
        (_("User Group"), labels(UserGroup, "pk", criteria.group_ids, _("All user groups"))),
        (_("Waive Fines Types"), labels(FeeType, "code", criteria.type_codes, _("All types"))),
        (_("Exclude Users With Overdue Loans"), yes if criteria.excludes_overdue else no),
    ]
    if criteria.nets_credits:
        said.append((_("Take a user’s credits off what they owe"), yes))
    if criteria.created_from:
        said.append((_("Created from"), day(criteria.created_from, institution)))
    if criteria.created_to:
        said.append((_("Created to"), day(criteria.created_to, institution)))
    return said


def _total_differs(error: errors.TotalDiffers, institution: Institution) -> str:
    total = format_amount(error.total_minor, institution.currency, institution.locale)
    if error.typed_minor is None:
        return _("Type the total to confirm: %(total)s.") % {"total": total}
    return _("That is not the total. It is %(total)s now: look at the preview again.") % {"total": total}


def _too_large(error: errors.FileTooLarge, institution: Institution) -> str:
    return _("A list has at most %(lines)s lines and %(size)s MB.") % {
        "lines": number(error.lines_limit, institution),
        "size": error.bytes_limit // 1024**2,
    }


def _day_out_of_range(error: errors.DayOutOfRange, _institution: Institution) -> str:
    return _("Write a day between the years %(first)s and %(last)s.") % {
        "first": error.first.year,
        "last": error.last.year,
    }


def _nothing_chosen(error: errors.NothingChosenOf, _institution: Institution) -> str:
    if error.field == "group_ids":
        return _("Choose user groups, or all of them.")
    return _("Choose types, or all of them.")


WORDS: dict[type[Exception], Sentence] = {
    errors.ThresholdMissing: plain(gettext_lazy("Write a threshold above zero.")),
    errors.NothingChosenOf: _nothing_chosen,
    errors.DayOutOfRange: _day_out_of_range,
    errors.DaysReversed: plain(gettext_lazy("This day is before the first.")),
    errors.ListUnusable: plain(gettext_lazy("The list is not there any more. Upload it again.")),
    errors.NothingToWaive: plain(gettext_lazy("Nothing matches, so there is nothing to waive.")),
    errors.TotalDiffers: _total_differs,
    errors.KeyReused: plain(
        gettext_lazy(
            "This form was sent before with other values, so nothing was done now. Check it and send it again."
        )
    ),
    errors.StillRunning: plain(gettext_lazy("The run has not ended yet. Cancel it first, or wait.")),
    errors.FileUnreadable: plain(gettext_lazy("This file cannot be read. Save it as text, CSV or .xlsx.")),
    errors.FileTooLarge: _too_large,
    errors.FileEmpty: plain(gettext_lazy("There is no ID in it.")),
    ReasonUnknown: plain(gettext_lazy("Choose a reason for waiving.")),
    ChoiceUnknown: plain(gettext_lazy("Choose from the list.")),
    NumberOutOfRange: plain(gettext_lazy("Write a threshold above zero.")),
    NameMissing: plain(gettext_lazy("This form came incomplete, so nothing was done. Send it again.")),
    TextTooLong: too_long,
    TextMalformed: malformed,
}
"""The sentence for each refusal."""
