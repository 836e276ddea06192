"""What a refusal of a loan, a return or a request says: one entry for each error class of circulation.

Why beside ``wording``: the reasons of money and those of lending change for different causes.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amerce.circulation import errors as circulation
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.models import Loan
from amerce.circulation.terms import NoTerms
from amerce.inputs.errors import TextMalformed, TextTooLong
from amerce.institutions.models import Institution
from amerce.web.block_wording import blocked_sentence
from amerce.web.sentences import Sentence, malformed, plain, too_long
from amerce.web.templatetags.amerce import moment
from amerce.web.wording import WORDS as MONEY_WORDS

STATUSES = {
    Loan.Status.NORMAL: gettext_lazy("On loan"),
    Loan.Status.RENEW: gettext_lazy("Renewed"),
    Loan.Status.RECALL: gettext_lazy("Recalled"),
    Loan.Status.LOST: gettext_lazy("Lost"),
    Loan.Status.CLAIMED_RETURN: gettext_lazy("Claimed Return"),
}


@dataclass(frozen=True)
class LoanRefusal:
    sentence: str


def refusal_of(error: Exception, institution: Institution) -> LoanRefusal:
    """The sentence for ``error``. Raises ``KeyError`` for one unknown."""
    return LoanRefusal(WORDS[type(error)](error, institution))


def _on_loan(error: circulation.ItemOnLoan, _institution: Institution) -> str:
    if error.with_this_patron:
        return _("This item is on loan to this patron already. Renew it instead.")
    return _("This item is on loan to somebody else. Return it first.")


def _renewals_used_up(error: circulation.RenewalsUsedUp, _institution: Institution) -> str:
    return ngettext(
        "It can be renewed %(limit)s time, and was.", "It can be renewed %(limit)s times, and was.", error.limit
    ) % {"limit": error.limit}


def _status_forbids(error: circulation.LoanStatusForbids, _institution: Institution) -> str:
    status = STATUSES[Loan.Status(error.status)]
    return _("A loan that is “%(status)s” does not allow this. Look at it again.") % {"status": status}


def _backdate_refused(error: circulation.BackdateRefused, institution: Institution) -> str:
    earliest = moment(error.earliest, institution)
    return _("A return is dated between %(earliest)s and now.") % {"earliest": earliest}


WORDS: dict[type[Exception], Sentence] = {
    circulation.ItemNotFound: MONEY_WORDS[circulation.ItemNotFound][1],
    circulation.ItemOnLoan: _on_loan,
    circulation.NotOnLoan: plain(gettext_lazy("This item is not on loan.")),
    circulation.LoanNotFound: plain(gettext_lazy("This patron has no such loan.")),
    circulation.RequestNotFound: plain(gettext_lazy("This patron has no such request.")),
    circulation.AlreadyRequested: plain(gettext_lazy("This patron waits for it already.")),
    circulation.RenewedMeanwhile: plain(gettext_lazy("This loan was renewed before. Nothing was renewed twice.")),
    circulation.ItemRequested: plain(gettext_lazy("Somebody else waits for it.")),
    circulation.NotProxy: plain(
        gettext_lazy("Who came may not borrow for this patron: no proxy, or an inactive or expired record.")
    ),
    circulation.PickupUnknown: plain(gettext_lazy("Choose a library from the list.")),
    circulation.NoteEmpty: plain(gettext_lazy("Write the note first.")),
    circulation.LoanStatusForbids: _status_forbids,
    circulation.RenewalsUsedUp: _renewals_used_up,
    circulation.BackdateRefused: _backdate_refused,
    NoTerms: plain(gettext_lazy("No terms of use say for how long this may be lent.")),
    PatronBlocked: blocked_sentence,
    TextTooLong: too_long,
    TextMalformed: malformed,
}
"""Error class to the maker of its sentence."""

LOAN_REFUSALS = tuple(WORDS)
"""What a page catches."""
