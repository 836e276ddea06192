"""What a refusal says, and at which field: one entry for each error class of charges, amounts and items.

Why here and in one table: a command only knows its reason; the words are the page's, translated, and a test
fails when a reason has none.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as in_context

from amerce.access.can import AboveCeiling
from amerce.access.roles import who_may
from amerce.bursar.sentences import INTERNAL_NUMBERS
from amerce.charges import errors as charges
from amerce.charges.models import Fee
from amerce.charges.states import Verb
from amerce.circulation.blocks import PatronBlocked
from amerce.circulation.errors import ItemNotFound
from amerce.inputs.errors import TextMalformed, TextTooLong
from amerce.institutions.models import Institution
from amerce.money import amount as amounts
from amerce.money.format import format_amount
from amerce.patrons.errors import PersonError
from amerce.web import people_wording
from amerce.web.block_wording import blocked_sentence
from amerce.web.sentences import Sentence, malformed, plain, too_long

_BELOW_ZERO = re.compile(r"[-\u2212]\s*[0-9.]+")
_NO_LEADING_ZERO = re.compile(r"\.[0-9]{1,4}")

WHOLE_FORM = ""
"""The place of a sentence that belongs to no single field."""


@dataclass(frozen=True)
class Refusal:
    """``fee_id`` is set when the sentence belongs to the row of one fee."""

    field: str
    sentence: str
    fee_id: int | None = None


def refusal_of(error: Exception, institution: Institution) -> Refusal:
    """The sentence for ``error`` and the name of the field it belongs to. Raises ``KeyError`` for one unknown."""
    field, words = WORDS[type(error)]
    if isinstance(error, TextTooLong | TextMalformed | PersonError):
        field = error.field or field
    if isinstance(error, charges.KeyConflict) and _is_external(error):
        field = "external_transaction_id"
    return Refusal(field, words(error, institution), getattr(error, "fee_id", None))


_VERB_REFUSED = {
    Verb.PAY: gettext_lazy("A fee that is “%(status)s” cannot be paid."),
    Verb.WAIVE: gettext_lazy("A fee that is “%(status)s” cannot be waived."),
    Verb.DISPUTE: gettext_lazy("A fee that is “%(status)s” cannot be disputed."),
    Verb.RESTORE: gettext_lazy("A fee that is “%(status)s” is not in dispute, so there is nothing to restore."),
    Verb.REFUND: gettext_lazy("Nothing can be refunded on a fee that is “%(status)s”."),
    Verb.CORRECT: gettext_lazy("Nothing can be corrected on a fee that is “%(status)s”."),
    Verb.EXPORT: gettext_lazy("A fee that is “%(status)s” cannot be exported."),
    Verb.SETTLE: gettext_lazy("A fee that is “%(status)s” is not at the bursar, so nothing can be paid there."),
    Verb.TAKE_BACK_EXPORT: gettext_lazy("A fee that is “%(status)s” was not exported, so nothing can be taken back."),
    Verb.TAKE_BACK_PAYMENT: gettext_lazy(
        "A fee that is “%(status)s” was not paid at the bursar, so nothing can be taken back."
    ),
    Verb.LINK_ITEM: gettext_lazy("An item cannot be linked to a fee that is “%(status)s”."),
    Verb.ACCRUE: gettext_lazy("A fee that is “%(status)s” does not grow."),
}

_CREDIT_REFUSED = {
    Verb.PAY: gettext_lazy("This is a credit, not a debt. Pay all fees to use it."),
    Verb.WAIVE: gettext_lazy("This is a credit, not a debt. It cannot be waived."),
    Verb.DISPUTE: gettext_lazy("This is a credit, not a debt. It cannot be disputed."),
    Verb.REFUND: gettext_lazy("This credit cannot be given out so: only its own fee uses it, or it is kept already."),
    Verb.EXPORT: gettext_lazy("This is a credit, not a debt. It cannot be exported."),
}

KINDS = {
    "CHARGE": in_context("transaction", "Charge"),
    "REDUCTION": in_context("transaction", "Reduction"),
    "PAYMENT": in_context("transaction", "Payment"),
    "WAIVE": in_context("transaction", "Waive"),
    "DISPUTE": in_context("transaction", "Dispute"),
    "RESTORE": in_context("transaction", "Restore"),
    "CREDIT": in_context("transaction", "Credit"),
    "REFUND": in_context("transaction", "Refund"),
    "CORRECTION": in_context("transaction", "Correction"),
    "EXPORT": in_context("transaction", "Export"),
    "EXPORTED_AND_PAID": in_context("transaction", "Exported and paid"),
    "PAYMENT_RECEIVED": in_context("transaction", "Payment received"),
}
"""What a transaction is called."""


def _is_external(error: charges.KeyConflict) -> bool:
    return error.scope.startswith("external")


def _key_conflict(error: charges.KeyConflict, _institution: Institution) -> str:
    if _is_external(error):
        return _("This external transaction id was used before with another amount or method.")
    return _("This form was sent before with other values, so nothing was done now. Check it and send it again.")


def _status_forbids(error: charges.StatusForbids, _institution: Institution) -> str:
    return str(_VERB_REFUSED[Verb(error.verb)]) % {"status": Fee.Status(error.status).label}


def _credit_forbids(error: charges.CreditForbids, _institution: Institution) -> str:
    return str(_CREDIT_REFUSED.get(Verb(error.verb), _CREDIT_REFUSED[Verb.PAY]))


def _more_than_owed(error: charges.MoreThanOwed, institution: Institution) -> str:
    return _("%(limit)s is the most that is open here.") % {"limit": _money(error.limit_minor, institution)}


def _more_than_paid(error: charges.MoreThanPaid, institution: Institution) -> str:
    return _("%(limit)s is the most that can be refunded here.") % {"limit": _money(error.limit_minor, institution)}


def _out_of_range(error: charges.AmountOutOfRange, institution: Institution) -> str:
    if error.amount_minor <= 0:
        return _("The amount must be above zero.")
    return _above_ceiling(error, institution)


def _above_ceiling(error: Any, institution: Institution) -> str:
    ceiling = _money(error.ceiling_minor, institution)
    return _("An amount is at most %(ceiling)s. Was a barcode scanned into this field?") % {"ceiling": ceiling}


def _malformed(error: amounts.AmountMalformed, _institution: Institution) -> str:
    typed = error.text.strip()
    if _BELOW_ZERO.fullmatch(typed):
        return _("The amount must be above zero.")
    if _NO_LEADING_ZERO.fullmatch(typed):
        return _("Write 0%(typed)s, with the leading 0.") % {"typed": typed}
    return _("Write the amount in digits with a point for the decimals, like 12.50.")


def _too_precise(error: amounts.AmountTooPrecise, institution: Institution) -> str:
    if error.exponent == 0:
        return _("%(currency)s has no decimals.") % {"currency": institution.currency_code}
    return _("%(currency)s has at most %(decimals)s decimals.") % {
        "currency": institution.currency_code,
        "decimals": error.exponent,
    }


def _credit_used(error: charges.CreditAlreadyUsed, institution: Institution) -> str:
    return _("The credit it gave was used since; %(left)s of it is left. Correct what used it first.") % {
        "left": _money(error.unused_minor, institution)
    }


def _not_correctable(error: charges.NotCorrectable, _institution: Institution) -> str:
    return _("A transaction of the kind “%(kind)s” is not taken back by a correction.") % {
        "kind": KINDS.get(error.kind, error.kind)
    }


def _item_not_found(error: ItemNotFound, _institution: Institution) -> str:
    return _("No item has the barcode %(barcode)s.") % {"barcode": error.barcode}


def _money(minor: int, institution: Institution) -> str:
    return format_amount(minor, institution.currency, institution.locale)


def _beyond_role(error: AboveCeiling, institution: Institution) -> str:
    words = {
        "ceiling": _money(error.ceiling_minor, institution),
        "amount": _money(error.amount_minor, institution),
        "roles": ", ".join(who_may(institution.pk, error.privilege, error.amount_minor)),
    }
    if not words["roles"]:
        return _("Your roles allow up to %(ceiling)s at once, not %(amount)s, and nobody's allow that.") % words
    return _("Your roles allow up to %(ceiling)s at once, not %(amount)s. Who may: %(roles)s.") % words


WORDS: dict[type[Exception], tuple[str, Sentence]] = {
    charges.FeeNotFound: (WHOLE_FORM, plain(gettext_lazy("This patron has no such fine or fee."))),
    charges.StatusForbids: (WHOLE_FORM, _status_forbids),
    charges.CreditForbids: (WHOLE_FORM, _credit_forbids),
    charges.NothingChosen: (WHOLE_FORM, plain(gettext_lazy("Nothing is selected. Tick at least one fine or fee."))),
    charges.TransactionIdTaken: (
        WHOLE_FORM,
        lambda error, _institution: (
            _("Another fee has the bursar transaction ID %(number)s. Set the next number of the sequence above it.")
            % {"number": error.number}
        ),
    ),
    charges.InternalNumberTaken: (
        WHOLE_FORM,
        lambda error, _institution: str(INTERNAL_NUMBERS) % {"number": error.number},
    ),
    charges.NothingOwed: (WHOLE_FORM, plain(gettext_lazy("Nothing is owed here."))),
    charges.AmountOutOfRange: ("amount", _out_of_range),
    charges.MoreThanOwed: ("amount", _more_than_owed),
    charges.MoreThanPaid: ("amount", _more_than_paid),
    charges.TypeUnknown: ("type", plain(gettext_lazy("Choose a fee type from the list."))),
    charges.TypeNotManual: ("type", plain(gettext_lazy("Fees of this type are only made by the system."))),
    charges.TypeNotWaivable: (WHOLE_FORM, plain(gettext_lazy("Fees of this type are not waived."))),
    charges.DeskRequired: (
        "type",
        plain(gettext_lazy("A fee of this type belongs to a library: choose the desk where you work first.")),
    ),
    charges.CreatedInFuture: (WHOLE_FORM, plain(gettext_lazy("It cannot have been charged later than now."))),
    charges.OwnerUnknown: ("owner", plain(gettext_lazy("Choose a library from the list."))),
    charges.ItemUnknown: ("barcode", plain(gettext_lazy("There is no such item."))),
    charges.LoanUnknown: (WHOLE_FORM, plain(gettext_lazy("This patron has no such loan of that item."))),
    charges.MethodUnknown: ("method", plain(gettext_lazy("Choose a method from the list."))),
    charges.ReasonUnknown: ("reason", plain(gettext_lazy("Choose a reason for waiving."))),
    TextTooLong: ("comment", too_long),
    TextMalformed: ("comment", malformed),
    charges.StaleAccount: (
        WHOLE_FORM,
        plain(
            gettext_lazy("The account changed since this page was made, so nothing was done. Check and send it again.")
        ),
    ),
    charges.KeyConflict: (WHOLE_FORM, _key_conflict),
    charges.PaymentTakenBack: (
        "external_transaction_id",
        lambda error, _institution: (
            _("This id belongs to receipt %(number)s, which was corrected. Use another id.")
            % {"number": error.payment_id}
        ),
    ),
    charges.TransferNotFound: (WHOLE_FORM, plain(gettext_lazy("This patron has no such transaction."))),
    charges.NotCorrectable: (WHOLE_FORM, _not_correctable),
    charges.AlreadyCorrected: (WHOLE_FORM, plain(gettext_lazy("This was corrected already."))),
    charges.CreditAlreadyUsed: (WHOLE_FORM, _credit_used),
    charges.ChargeAlreadySettled: (
        WHOLE_FORM,
        plain(
            gettext_lazy("A part of this fee was paid, waived or lowered since. Correct payments and waivers first.")
        ),
    ),
    charges.PaymentAlreadyRefunded: (
        WHOLE_FORM,
        plain(gettext_lazy("This payment was refunded since. Correct the refund first.")),
    ),
    charges.PaymentAlreadyCredited: (
        WHOLE_FORM,
        plain(gettext_lazy("A part of this payment was given back as a credit when the charge was lowered.")),
    ),
    charges.FeeAtBursar: (
        WHOLE_FORM,
        plain(gettext_lazy("This fee was exported. What happens to it happens at the bursar's office.")),
    ),
    amounts.AmountMissing: ("amount", plain(gettext_lazy("Type an amount."))),
    amounts.AmountMalformed: ("amount", _malformed),
    amounts.AmountNotPositive: ("amount", plain(gettext_lazy("The amount must be above zero."))),
    amounts.AmountTooPrecise: ("amount", _too_precise),
    amounts.AmountAboveCeiling: ("amount", _above_ceiling),
    ItemNotFound: ("barcode", _item_not_found),
    PatronBlocked: ("override_reason", blocked_sentence),
    AboveCeiling: ("amount", _beyond_role),
    **people_wording.WORDS,
}
"""Error class to the field and the maker of the sentence."""
