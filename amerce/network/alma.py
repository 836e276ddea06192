"""Asking a server that speaks the Alma dialect what a patron owes there. Nothing of the database is touched here."""

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, urlencode

from amerce.inputs.checks import without_unseen
from amerce.money.amount import Currency, currency
from amerce.network.answer import Answer, MemberFee, State, owed
from amerce.outbound.call import Call, NotReached, call

ANSWER_LIMIT = 2_000_000
"""Bytes; ten thousand fees have less."""
_WORDS_LIMIT = 300
_LARGEST = Decimal(10) ** 15
_NOISE = Decimal("1e-9")
_NOISY_PLACES = 10
"""Programs that add floats write 0.30000000000000004: so many places, that near a whole minor unit, are read as it."""
_UNKNOWN_CODES = {"401861", "401890", "401651"}
_REFUSED_CODES = {"401866", "UNAUTHORIZED", "FORBIDDEN"}
_OK, _BAD, _BUSY = 200, 400, 429


class NotUnderstood(ValueError):
    """The answer is not what the dialect says."""


@dataclass(frozen=True)
class Question:
    """Whom to ask, by which key, for which identifier; an empty ``identifier_type`` is any."""

    base_url: str
    api_key: str
    identifier: str
    identifier_type: str
    timeout_s: int


def ask(question: Question) -> Answer:
    """What the server says of the patron's active fees. Raises nothing: what fails is an answer as well."""
    named = {"user_id_type": question.identifier_type} if question.identifier_type else {}
    query = urlencode({"status": "ACTIVE", "format": "json", **named})
    request = Call(
        url=f"{question.base_url}/almaws/v1/users/{quote(question.identifier, safe='')}/fees?{query}",
        headers={"Authorization": f"apikey {question.api_key}", "Accept": "application/json"},
        timeout_s=question.timeout_s,
        limit=ANSWER_LIMIT,
    )
    try:
        answer = call(request)
    except NotReached:
        return Answer(State.NOT_REACHED)
    if answer.status == _OK and not answer.is_cut:
        try:
            return read_fees(answer.body)
        except NotUnderstood:
            return Answer(State.NOT_UNDERSTOOD)
    return Answer(_failure(answer.status, answer.body))


def read_fees(body: bytes) -> Answer:
    """The list of fees of the dialect. Raises ``NotUnderstood``."""
    said = _json(body)
    money = _currency(said.get("currency"))
    listed = said.get("fee") or []
    if not isinstance(listed, list):
        raise NotUnderstood
    fees = [_fee(each, money) for each in listed]
    total = said.get("total_sum")
    total_minor = sum(each.balance_minor for each in fees) if total is None else _minor(total, money)
    return owed(money, total_minor, fees)


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, InvalidOperation):
        raise NotUnderstood from None
    if not isinstance(said, dict):
        raise NotUnderstood
    return said


def _no_number(_text: str) -> None:
    raise NotUnderstood


def _fee(said: Any, money: Currency) -> MemberFee:
    if not isinstance(said, dict):
        raise NotUnderstood
    kind = said.get("type")
    kind = kind if isinstance(kind, dict) else {}
    words = _words(kind.get("desc")) or _words(kind.get("value"))
    return MemberFee(_words(said.get("title")), words, _minor(said.get("balance"), money))


def _words(said: Any) -> str:
    return without_unseen(said)[:_WORDS_LIMIT].strip() if isinstance(said, str) else ""


def _currency(code: Any) -> Currency:
    try:
        return currency(str(code))
    except ValueError:
        raise NotUnderstood from None


def _minor(said: Any, money: Currency) -> int:
    """Minor units of a decimal as it was written, be it a number or a text. Raises ``NotUnderstood``."""
    try:
        amount = Decimal(said) if isinstance(said, str | Decimal) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or abs(amount) >= _LARGEST:
        raise NotUnderstood
    units = amount.scaleb(money.exponent)
    whole = units.to_integral_value()
    if units != whole:
        places = -int(amount.as_tuple().exponent)
        if places < _NOISY_PLACES or abs(whole.scaleb(-money.exponent) - amount) > _NOISE:
            raise NotUnderstood
    return int(whole)


def _failure(status: int, body: bytes) -> State:
    codes = _error_codes(body)
    if status == _BAD and codes & _UNKNOWN_CODES:
        return State.UNKNOWN
    if status in (401, 403) or codes & _REFUSED_CODES:
        return State.REFUSED
    if status == _BUSY:
        return State.BUSY
    return State.NOT_REACHED if status >= 500 else State.NOT_UNDERSTOOD  # noqa: PLR2004


def _error_codes(body: bytes) -> set[str]:
    try:
        errors = _json(body)["errorList"]["error"]
        return {str(each["errorCode"]) for each in errors}
    except (NotUnderstood, KeyError, TypeError):
        return set()
