"""Every refusal has words."""

import inspect

import pytest

from amerce.access import (
    api_keys,
    create_account,
    edit_account,
    locked,
    providers,
    remove_role,
    restore_role,
    save_role,
    scopes,
)
from amerce.access.can import AboveCeiling
from amerce.bursar import errors as bursar
from amerce.charges import errors as charges
from amerce.charges import type_errors
from amerce.charges.states import ALLOWED_IN
from amerce.circulation import block_rules, policy_errors, terms
from amerce.circulation import errors as circulation
from amerce.circulation.blocks import Manual, OwesTooMuch, PatronBlocked
from amerce.circulation.errors import ItemNotFound
from amerce.inputs import errors as inputs
from amerce.inputs.errors import TextMalformed, TextTooLong
from amerce.institutions import change_institution, rows, save_printer, sequence_errors
from amerce.institutions.models import Institution
from amerce.jobs import errors as jobs
from amerce.jobs.job import JobRefused
from amerce.ledger.chart import Kind
from amerce.letters import errors as letters
from amerce.money import amount as amounts
from amerce.network import members
from amerce.notices import errors as profile_errors
from amerce.patrons import blocks, save_user_group
from amerce.patrons import errors as people
from amerce.web import fee_actions, letter_wording, loan_wording, policy_wording
from amerce.web.block_wording import blocked_sentence
from amerce.web.wording import _VERB_REFUSED, KINDS, WORDS, refusal_of
from amerce.webhooks import endpoints, replay


def _classes(module, base: type[Exception]) -> set[type[Exception]]:  # type: ignore[no-untyped-def]
    found = {each for _name, each in inspect.getmembers(module, inspect.isclass) if issubclass(each, base)}
    return {each for each in found if each.__module__ == module.__name__} - {base}


def test_no_class_of_error_is_without_words() -> None:
    known = _classes(charges, charges.ChargeError) | _classes(amounts, amounts.AmountError)
    known |= _classes(people, people.PersonError) | _classes(blocks, people.PersonError)
    known |= {AboveCeiling, ItemNotFound, PatronBlocked, TextMalformed, TextTooLong}

    assert known - set(WORDS) == set()
    assert set(WORDS) - known == set()


def test_no_refusal_of_a_loan_is_without_words() -> None:
    known = _classes(circulation, circulation.LoanError) | _classes(terms, circulation.LoanError)
    known |= {PatronBlocked, TextTooLong, TextMalformed}

    assert set(loan_wording.WORDS) == known


def test_no_refusal_of_the_configuration_is_without_words() -> None:
    known = _classes(policy_errors, policy_errors.PolicyError) | _classes(block_rules, policy_errors.PolicyError)
    known |= _classes(type_errors, type_errors.FeeTypeError)
    known |= _classes(sequence_errors, sequence_errors.SequenceError)
    known |= _classes(profile_errors, profile_errors.ProfileError)
    for module in (change_institution, rows, save_printer, save_user_group):
        known |= _classes(module, inputs.Refused)
    for module in (endpoints, jobs, letters, members, replay):
        known |= _classes(module, inputs.Refused)
    known |= _classes(bursar, bursar.BursarError) | {JobRefused}
    for module in (
        api_keys,
        create_account,
        edit_account,
        locked,
        providers,
        remove_role,
        restore_role,
        save_role,
        scopes,
    ):
        known |= _classes(module, inputs.Refused)

    assert {*policy_wording.WORDS, *letter_wording.REFUSALS} == known | _classes(inputs, inputs.Refused)


DOLLARS = Institution(currency_code="USD", locale="en_US")
YEN = Institution(currency_code="JPY", locale="en_US")


@pytest.mark.parametrize(
    ("error", "field", "sentence"),
    [
        (charges.MoreThanOwed(500, 450), "amount", "$4.50 is the most that is open here."),
        (charges.StatusForbids("pay", 7, "INDISPUTE"), "", "A fee that is “In Dispute” cannot be paid."),
        (charges.CreditForbids("refund", 7), "", "This credit cannot be given out so: only its own fee uses it"),
        (TextTooLong("external_transaction_id", 150), "external_transaction_id", "At most 150 characters"),
        (TextMalformed("method"), "method", "This holds characters that cannot be seen. Type it again."),
        (charges.KeyConflict("external:all", "x"), "external_transaction_id", "This external transaction id was used"),
        (charges.KeyConflict("form", "x"), "", "This form was sent before with other values"),
        (amounts.AmountMalformed("10,5"), "amount", "Write the amount in digits with a point"),
        (amounts.AmountMalformed(".45"), "amount", "Write 0.45, with the leading 0."),
        (amounts.AmountMalformed("-1"), "amount", "The amount must be above zero."),
        (amounts.AmountTooPrecise("0.005", 2), "amount", "USD has at most 2 decimals."),
        (amounts.AmountAboveCeiling("9", 100000), "amount", "An amount is at most $1,000.00. Was a barcode scanned"),
        (ItemNotFound("390"), "barcode", "No item has the barcode 390."),
    ],
)
def test_a_refusal_is_one_sentence_at_its_field(error: Exception, field: str, sentence: str) -> None:
    refused = refusal_of(error, DOLLARS)

    assert refused.field == field
    assert refused.sentence.startswith(sentence)


def test_a_currency_without_decimals_says_so() -> None:
    assert refusal_of(amounts.AmountTooPrecise("5.5", 0), YEN).sentence == "JPY has no decimals."


def test_every_verb_that_a_status_can_refuse_has_a_sentence() -> None:
    assert set(ALLOWED_IN) - set(_VERB_REFUSED) == set()
    assert set(fee_actions._PRIVILEGE) - set(_VERB_REFUSED) == set()


def test_every_kind_of_transaction_has_a_name() -> None:
    assert set(Kind) - set(KINDS) == set()


def test_a_block_written_as_a_sentence_ends_once() -> None:
    error = PatronBlocked(1, [Manual("Card reported stolen. Check identity."), OwesTooMuch(1000, 1200)])

    assert blocked_sentence(error, DOLLARS) == (
        "This patron is blocked: Card reported stolen. Check identity and owes $10.00 or more. "
        "Overriding it takes the privilege and a reason."
    )
