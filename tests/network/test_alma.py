"""What a server of the Alma dialect says is read from its text, and bounded."""

import json

import pytest

from amerce.money.amount import Currency
from amerce.network.alma import ANSWER_LIMIT, NotUnderstood, Question, ask, read_fees
from amerce.network.answer import Answer, MemberFee, State
from tests.network.asking import KEY, NOTHING, OWES, alma_error, in_alma
from tests.outbound.receiver import Receiver, says

CAD = Currency("CAD", 2)


def question(receiver: Receiver, **changed: object) -> Question:
    said = {
        "base_url": f"http://127.0.0.1:{receiver.port}",
        "api_key": KEY,
        "identifier": "jdoe",
        "identifier_type": "",
        "timeout_s": 5,
    }
    return Question(**{**said, **changed})  # type: ignore[arg-type]


def test_fees_are_read_with_title_type_and_balance(receiver: Receiver) -> None:
    receiver.answer = in_alma(OWES)

    answer = ask(question(receiver))

    fees = (MemberFee("The leopard", "Overdue fine", 500), MemberFee("", "Credit", -150))
    assert answer == Answer(State.OWES, CAD, 350, fees, 2)
    (got,) = receiver.got
    assert (got.method, got.path) == ("GET", "/almaws/v1/users/jdoe/fees?status=ACTIVE&format=json")
    assert got.headers["Authorization"] == f"apikey {KEY}"
    assert got.body == b""


def test_an_identifier_is_sent_as_one_part_of_the_address_with_its_type(receiver: Receiver) -> None:
    receiver.answer = in_alma(NOTHING)

    ask(question(receiver, identifier="a/../b?c=d é", identifier_type="BARCODE"))

    path = "/almaws/v1/users/a%2F..%2Fb%3Fc%3Dd%20%C3%A9/fees?status=ACTIVE&format=json&user_id_type=BARCODE"
    assert receiver.got[0].path == path


def test_who_owes_nothing_has_no_key_of_fees(receiver: Receiver) -> None:
    receiver.answer = in_alma(NOTHING)

    assert ask(question(receiver)) == Answer(State.NOTHING, Currency("USD", 2), 0)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (alma_error("401861"), State.UNKNOWN),
        (alma_error("401651"), State.UNKNOWN),
        (alma_error("401890"), State.UNKNOWN),
        (alma_error("402119"), State.NOT_UNDERSTOOD),
        (alma_error("UNAUTHORIZED"), State.REFUSED),
        (alma_error("UNAUTHORIZED", 401), State.REFUSED),
        (alma_error("FORBIDDEN", 403), State.REFUSED),
        (says(401, b"<html>"), State.REFUSED),
        (alma_error("PER_SECOND_THRESHOLD", 429), State.BUSY),
        (says(503, b""), State.NOT_REACHED),
        (says(302, b"", Location="http://127.0.0.1/"), State.NOT_UNDERSTOOD),
        (says(200, b"<fees/>"), State.NOT_UNDERSTOOD),
        (says(404, b"[]"), State.NOT_UNDERSTOOD),
        (says(200, b"[" * 100_000), State.NOT_UNDERSTOOD),
        (says(200, b'{"fee":[],"currency":"USD","x":"' + b"x" * ANSWER_LIMIT + b'"}'), State.NOT_UNDERSTOOD),
    ],
)
def test_what_fails_is_an_answer_as_well(receiver: Receiver, answer: object, state: State) -> None:
    receiver.answer = answer  # type: ignore[assignment]

    assert ask(question(receiver)) == Answer(state)


def test_a_server_that_hangs_could_not_be_reached(receiver: Receiver) -> None:
    receiver.answer = receiver.hang

    assert ask(question(receiver, timeout_s=1)) == Answer(State.NOT_REACHED)


def test_an_address_in_a_private_network_is_not_called(receiver: Receiver, settings) -> None:  # type: ignore[no-untyped-def]
    settings.AMERCE_OUTBOUND_HOSTS = []

    assert ask(question(receiver)) == Answer(State.NOT_REACHED)
    assert receiver.got == []


@pytest.mark.parametrize(
    ("balance", "currency", "minor"),
    [
        ("5", "USD", 500),
        ("5.0", "USD", 500),
        ("0.07", "USD", 7),
        ("1.10", "USD", 110),
        ("4.35", "USD", 435),
        ("0.30000000000000004", "USD", 30),
        ("0.09999999999999998", "USD", 10),
        ("1.4E+1", "USD", 1400),
        ("-3.25", "USD", -325),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ('"12.50"', "USD", 1250),
    ],
)
def test_amounts_are_read_from_their_text(balance: str, currency: str, minor: int) -> None:
    body = f'{{"fee":[{{"balance":{balance}}}],"currency":"{currency}"}}'

    answer = read_fees(body.encode())

    assert (answer.fees[0].balance_minor, answer.total_minor) == (minor, minor)


@pytest.mark.parametrize(
    "body",
    [
        '{"fee":[{"balance":0.005}],"currency":"USD"}',
        '{"fee":[{"balance":1.004987654321}],"currency":"USD"}',
        '{"fee":[{"balance":NaN}],"currency":"USD"}',
        '{"fee":[{"balance":Infinity}],"currency":"USD"}',
        '{"fee":[{"balance":1e400}],"currency":"USD"}',
        '{"fee":[{"balance":1e999999999999999999999}],"currency":"USD"}',
        '{"fee":[{"balance":"five"}],"currency":"USD"}',
        '{"fee":[{"balance":true}],"currency":"USD"}',
        '{"fee":[{"balance":null}],"currency":"USD"}',
        '{"fee":[{}],"currency":"USD"}',
        '{"fee":["x"],"currency":"USD"}',
        '{"fee":{"balance":1},"currency":"USD"}',
        '{"fee":[],"currency":"XQQ"}',
        '{"fee":[],"currency":["USD"]}',
        '{"fee":[]}',
        '{"total_sum":"1,5","currency":"USD"}',
        "[]",
        "",
        "\xff",
    ],
)
def test_what_is_no_amount_is_not_guessed_at(body: str) -> None:
    with pytest.raises(NotUnderstood):
        read_fees(body.encode("latin-1"))


def test_of_many_fees_the_first_are_kept_and_the_total_is_of_all() -> None:
    fees = [{"balance": 0.1, "title": "\u202eevil" + "x" * 1000, "type": "no mapping"}] * 150
    answer = read_fees(json.dumps({"fee": fees, "currency": "USD"}).encode())

    assert (len(answer.fees), answer.count, answer.total_minor) == (100, 150, 1500)
    assert len(answer.fees[0].title) == 300
    assert answer.fees[0].title.startswith("evil")
