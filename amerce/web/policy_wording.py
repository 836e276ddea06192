"""The words of the configuration: lengths of time, rates, and why something is refused.

Why apart from ``wording``: that one speaks of a patron's money, this one of rules that hold for everybody.
"""

from babel.dates import get_day_names
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amerce.access.providers import AddressNotSafe, CertificateUnreadable
from amerce.charges import type_errors
from amerce.circulation import block_rules
from amerce.circulation import policy_errors as policies
from amerce.circulation.models import TermsOfUse
from amerce.inputs.errors import (
    ChoiceUnknown,
    NameMissing,
    NameTaken,
    NumberOutOfRange,
    OutOfDate,
    RowNotFound,
    TextMalformed,
    TextTooLong,
)
from amerce.institutions import sequence_errors as sequences
from amerce.institutions.change_institution import (
    CEILING_LIMIT_MINOR,
    CeilingNotTaken,
    CurrencyFixed,
    CurrencyHasOtherDecimals,
)
from amerce.institutions.models import Institution
from amerce.institutions.rows import LastInUse
from amerce.institutions.save_printer import EmailNotTaken, PrinterNotReached
from amerce.money.format import format_amount
from amerce.notices import errors as notices
from amerce.patrons.save_user_group import GroupIsDefault
from amerce.web import bursar_wording, job_refusals, letter_wording, role_wording
from amerce.web.network_wording import WORDS as NETWORK_WORDS
from amerce.web.sentences import Sentence, malformed, plain, too_long
from amerce.web.templatetags.amerce import day
from amerce.web.webhook_wording import WORDS as WEBHOOK_WORDS

_HOUR, _DAY = 60, 24 * 60

UNITS = [
    (TermsOfUse.Unit.HOUR.value, gettext_lazy("hours")),
    (TermsOfUse.Unit.DAY.value, gettext_lazy("days")),
    (TermsOfUse.Unit.WEEK.value, gettext_lazy("weeks")),
]
PER_UNITS = [
    (TermsOfUse.Unit.HOUR.value, gettext_lazy("hour")),
    (TermsOfUse.Unit.DAY.value, gettext_lazy("day")),
    (TermsOfUse.Unit.WEEK.value, gettext_lazy("week")),
]
WHEN_FOUND = [
    (TermsOfUse.OverdueWhenFound.UNTIL_LOST.value, gettext_lazy("Overdue fine until the loss")),
    (TermsOfUse.OverdueWhenFound.UNTIL_FOUND.value, gettext_lazy("Overdue fine until it was found")),
    (TermsOfUse.OverdueWhenFound.NOTHING.value, gettext_lazy("No overdue fine")),
]


def length(number: int, unit: str) -> str:
    """``28 days``."""
    if unit == TermsOfUse.Unit.HOUR:
        words = ngettext("%(number)s hour", "%(number)s hours", number)
    elif unit == TermsOfUse.Unit.WEEK:
        words = ngettext("%(number)s week", "%(number)s weeks", number)
    else:
        words = ngettext("%(number)s day", "%(number)s days", number)
    return words % {"number": number}


def minutes_as_typed(minutes: int) -> tuple[int, int]:
    """A number and how many minutes its unit has, the largest unit that fits: 1440 is ``(1, 1440)``."""
    unit = next((each for each in (_DAY, _HOUR) if minutes and minutes % each == 0), 1)
    return minutes // unit, unit


GRACE_UNITS = [(1, gettext_lazy("minutes")), (_HOUR, gettext_lazy("hours")), (_DAY, gettext_lazy("days"))]


def minutes_in_words(minutes: int) -> str:
    """``1 day``, ``90 minutes``."""
    number, unit = minutes_as_typed(minutes)
    if unit == 1:
        return ngettext("%(number)s minute", "%(number)s minutes", number) % {"number": number}
    return length(number, TermsOfUse.Unit.DAY if unit == _DAY else TermsOfUse.Unit.HOUR)


def rate(minor: int, unit: str, institution: Institution) -> str:
    """``$0.25 per day``."""
    amount = {"amount": format_amount(minor, institution.currency, institution.locale)}
    if unit == TermsOfUse.Unit.HOUR:
        return _("%(amount)s per hour") % amount
    if unit == TermsOfUse.Unit.WEEK:
        return _("%(amount)s per week") % amount
    return _("%(amount)s per day") % amount


def weekday(number: int, institution: Institution) -> str:
    """The name of a weekday; 0 is Monday."""
    return str(get_day_names("wide", context="stand-alone", locale=institution.locale)[number])


def policy_refusal(error: Exception, institution: Institution) -> tuple[str, str]:
    """The name of the field and the sentence for ``error``. Raises ``KeyError`` for one unknown."""
    return getattr(error, "field", ""), WORDS[type(error)](error, institution)


def _out_of_range(error: NumberOutOfRange, _institution: Institution) -> str:
    return _("A whole number from %(low)s to %(high)s.") % {"low": error.low, "high": error.high}


def _amount(error: policies.AmountNotTaken, institution: Institution) -> str:
    ceiling = format_amount(error.ceiling_minor, institution.currency, institution.locale)
    return _("An amount is at most %(ceiling)s.") % {"ceiling": ceiling}


def _above_ceiling(error: notices.AmountAboveCeiling, institution: Institution) -> str:
    ceiling = format_amount(error.ceiling_minor, institution.currency, institution.locale)
    return _("An amount is at most %(ceiling)s.") % {"ceiling": ceiling}


def _no_day_between(error: notices.NoDayBetween, _institution: Institution) -> str:
    sentence = ngettext(
        "Nothing is owed for more than %(before)s day and less than this. Write %(least)s or more.",
        "Nothing is owed for more than %(before)s days and less than this. Write %(least)s or more.",
        error.before_days,
    )
    return sentence % {"before": error.before_days, "least": error.least_days}


def _without_terms(error: policies.LoansWithoutTerms, _institution: Institution) -> str:
    sentence = ngettext(
        "%(loans)s loan that is out would have no terms of use, so these have to stay for everybody.",
        "%(loans)s loans that are out would have no terms of use, so these have to stay for everybody.",
        error.loans,
    )
    return sentence % {"loans": error.loans}


def _sequence_full(error: sequences.SequenceFull, _institution: Institution) -> str:
    sentence = ngettext(
        "The bursar sequence “%(name)s” has room for %(room)s number, and %(count)s are needed. Raise its padding.",
        "The bursar sequence “%(name)s” has room for %(room)s numbers, and %(count)s are needed. Raise its padding.",
        error.room,
    )
    return sentence % {"name": error.name, "room": error.room, "count": error.count}


WORDS: dict[type[Exception], Sentence] = {
    RowNotFound: plain(gettext_lazy("This is not there any more. Somebody may have deleted it.")),
    NameMissing: plain(gettext_lazy("This cannot be empty.")),
    NameTaken: lambda error, _institution: _("There is a “%(name)s” already.") % {"name": error.name},
    policies.ScopeTaken: lambda error, _institution: (
        _("“%(name)s” holds for the same group, item policy and library already.") % {"name": error.name}
    ),
    NumberOutOfRange: _out_of_range,
    notices.AmountNeeded: plain(gettext_lazy("Write an amount above 0. For less than 1 begin with a 0: 0.45.")),
    notices.AmountAboveCeiling: _above_ceiling,
    notices.MaximumTooLow: plain(gettext_lazy("The maximum has to be above the minimum.")),
    notices.NoDayBetween: _no_day_between,
    notices.PrinterNeeded: plain(gettext_lazy("Choose the printer on which the letters are printed.")),
    policies.AmountNotTaken: _amount,
    ChoiceUnknown: plain(gettext_lazy("Choose one from the list.")),
    policies.NoticesOutOfOrder: plain(gettext_lazy("Each notice comes later than the one before it.")),
    policies.LoansWithoutTerms: _without_terms,
    policies.DayTooEarly: lambda error, institution: (
        _("Not before %(day)s.") % {"day": day(error.earliest, institution)}
    ),
    policies.DayTooLate: lambda error, institution: _("Not after %(day)s.") % {"day": day(error.latest, institution)},
    policies.HoursOverlap: plain(gettext_lazy("It closes after it opens, and opens again only later.")),
    policies.NeverOpen: plain(
        gettext_lazy("The library opens at least once a week. To close it for some days, add a closing.")
    ),
    policies.AlreadyRemoved: plain(gettext_lazy("This closing was removed before.")),
    block_rules.RuleSaysNothing: plain(gettext_lazy("Type an amount, or an age, or both.")),
    block_rules.GroupHasRule: plain(gettext_lazy("There is a rule for this group already.")),
    type_errors.CreditIsNotWaivable: plain(gettext_lazy("A credit is what the library owes: it is never waived.")),
    type_errors.CreditHasNoVat: plain(gettext_lazy("A credit gives money back and holds no VAT: 0 is the only rate.")),
    type_errors.TypeInUse: plain(
        gettext_lazy("There are fees of this type, so it keeps its name. To end charging it, disable it.")
    ),
    sequences.LibraryHasSequence: plain(gettext_lazy("There is a sequence for this already. Only one can be.")),
    sequences.PrefixTaken: lambda error, _institution: (
        _("The ids could read like those of “%(name)s”: the prefix has to differ in more than digits at its end.")
        % {"name": error.name}
    ),
    sequences.SequenceInUse: plain(gettext_lazy("Numbers were given out, so this stays as it is.")),
    sequences.NumberUsed: lambda error, _institution: (
        _("Numbers up to %(last)s were given out, and none is given twice. The lowest is %(next)s.")
        % {"last": error.last_taken, "next": error.last_taken + 1}
    ),
    sequences.PaddingTooSmall: lambda error, _institution: (
        _("The next number is %(number)s, which has more digits.") % {"number": error.number}
    ),
    sequences.SequenceFull: _sequence_full,
    **role_wording.WORDS,
    **job_refusals.WORDS,
    **letter_wording.WORDS,
    **NETWORK_WORDS,
    **WEBHOOK_WORDS,
    **bursar_wording.WORDS,
    LastInUse: plain(gettext_lazy("It is the last one in use, so it stays until there is another.")),
    GroupIsDefault: plain(gettext_lazy("It is the default user group, so it stays in use until there is another.")),
    PrinterNotReached: plain(gettext_lazy("Type an e-mail address or a queue, one of the two.")),
    EmailNotTaken: plain(gettext_lazy("This is no e-mail address. Write one like desk@library.org.")),
    CeilingNotTaken: lambda _error, institution: (
        _("An amount above 0 and at most %(limit)s.")
        % {"limit": format_amount(CEILING_LIMIT_MINOR, institution.currency, institution.locale)}
    ),
    CurrencyFixed: plain(gettext_lazy("Money was charged in this currency already, so it stays.")),
    CurrencyHasOtherDecimals: lambda error, _institution: (
        ngettext(
            "Choose a currency with %(exponent)s decimal, as amounts are written down already.",
            "Choose a currency with %(exponent)s decimals, as amounts are written down already.",
            error.exponent,
        )
        % {"exponent": error.exponent}
    ),
    TextTooLong: too_long,
    AddressNotSafe: plain(gettext_lazy("An address that begins with https://.")),
    CertificateUnreadable: plain(gettext_lazy("This is no certificate in PEM.")),
    TextMalformed: malformed,
    OutOfDate: plain(
        gettext_lazy(
            "Somebody changed this since the page was made, so nothing was done. "
            "Look at what stands now, then send it again if it is still right."
        )
    ),
}
"""Error class to the maker of its sentence."""
