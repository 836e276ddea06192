"""Each kind of value: what is taken, what is refused with which sentence, and that what is written is read again."""

from datetime import date, time
from typing import Any

import pytest
import yaml

from amerce.config_file.reading import Faulty, Reading, Shape
from amerce.config_file.scalars import Amount, Choice, Day, Flag, Number, Percent, Span, Text
from amerce.config_file.shapes import REQUIRED, Field, ListOf, MapOf, Maybe, Row, Table
from amerce.money.amount import Currency

USD = Currency("USD", 2)
YEN = Currency("JPY", 0)


def read(shape: Shape, text: str, currency: Currency = USD) -> Any:
    """The value of ``text``, or its faults as ``line: sentence``."""
    reading = Reading(currency)
    try:
        return shape.read(yaml.compose(text, Loader=yaml.SafeLoader), reading, ("it",))
    except Faulty:
        return [f"{each.line}: {each.sentence}" for each in reading.faults]


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        (Text(), "0022", "0022"),
        (Text(), "no", "no"),
        (Text(), "2026-12-24", "2026-12-24"),
        (Text(), "", None),
        (Text(), '""', ""),
        (Flag(), "true", True),
        (Flag(), "False", False),
        (Number(0, 10), "10", 10),
        (Number(0, 10), "0", 0),
        (Amount(), "12.50", 1250),
        (Amount(), "12", 1200),
        (Amount(), "0.00", 0),
        (Percent(), "87.5", 8750),
        (Percent(), "0", 0),
        (Choice(["day", "week"]), "week", "week"),
        (Day(), "2026-12-24", date(2026, 12, 24)),
        (Span(), "09:00-17:30", (time(9), time(17, 30))),
        (Span(), "09:00-24:00", (time(9), time(0))),
        (Maybe(Number(1, 5)), "null", None),
        (Maybe(Number(1, 5)), "~", None),
        (ListOf(Number()), "[1, 2]", [1, 2]),
        (MapOf(["a", "b"], Flag()), "{b: true}", {"b": True}),
    ],
)
def test_what_may_be_written_is_read(shape: Shape, text: str, value: Any) -> None:
    if text:
        assert read(shape, text) == value


@pytest.mark.parametrize(
    ("shape", "text", "sentence"),
    [
        (Text(3), "four", "it has to be text of at most 3 characters, not “four”."),
        (Text(), "[a]", "it has to be text of at most 200 characters."),
        (Flag(), "yes", "it has to be true or false, not “yes”."),
        (Flag(), "null", "it has to be true or false."),
        (Number(0, 10), "11", "it has to be a whole number from 0 to 10, not “11”."),
        (Number(0, 10), "-1", "it has to be a whole number from 0 to 10, not “-1”."),
        (Number(0, 10), "1.0", "it has to be a whole number from 0 to 10, not “1.0”."),
        (Number(0, 10), "0x1", "it has to be a whole number from 0 to 10, not “0x1”."),
        (Number(0, 10), "²", "it has to be a whole number from 0 to 10, not “²”."),
        (Amount(), "0,30", "it has to be an amount such as 12.50, not “0,30”."),
        (Amount(), "0.005", "it has to be an amount such as 12.50, not “0.005”."),
        (Amount(), "-1", "it has to be an amount such as 12.50, not “-1”."),
        (Amount(), "1e3", "it has to be an amount such as 12.50, not “1e3”."),
        (Amount(), ".nan", "it has to be an amount such as 12.50, not “.nan”."),
        (Percent(), "100.01", "it has to be a percentage from 0 to 100 such as 87.5, not “100.01”."),
        (Choice(["day", "week"]), "month", "it has to be one of day, week, not “month”."),
        (Day(), "24.12.2026", "it has to be a day such as 2026-12-24, not “24.12.2026”."),
        (Day(), "2026-02-30", "it has to be a day such as 2026-12-24, not “2026-02-30”."),
        (Span(), "9 to 5", "it has to be times such as 09:00-17:30, not “9 to 5”."),
        (ListOf(Number()), "1", "it has to be a list of a whole number from 0 to 4611686018427387904."),
        (MapOf(["monday"], Flag()), "{mondy: true}", "it knows no “mondy”. Did you mean “monday”?"),
        (MapOf(["monday"], Flag()), "{x: true}", "it knows no “x”. There are: monday."),
        (MapOf(["a"], Flag()), "{a: true, a: false}", "it has “a” twice."),
        (MapOf(["a"], Flag()), "a", "it has to be a mapping of names to values."),
    ],
)
def test_what_may_not_be_written_is_refused_in_a_sentence(shape: Shape, text: str, sentence: str) -> None:
    assert read(shape, text) == [f"1: {sentence}"]


def test_an_amount_has_the_decimals_of_the_currency() -> None:
    assert read(Amount(), "300", YEN) == 300
    assert read(Amount(), "300.5", YEN) == ["1: it has to be an amount such as 12.50, not “300.5”."]


TABLE = Table(
    ("code",),
    Row(
        {
            "code": Field(Text(5), "Its code."),
            "days": Field(Number(1, 9), "Some days.", 3),
            "fee": Field(Maybe(Amount()), "What it costs.", None),
        }
    ),
)


def test_a_row_has_its_defaults_for_what_is_left_out() -> None:
    assert read(TABLE, "- code: A\n- {code: B, days: 9, fee: 1.00}\n") == [
        {"code": "A", "days": 3, "fee": None},
        {"code": "B", "days": 9, "fee": 100},
    ]


def test_every_fault_is_told_with_its_line() -> None:
    text = "- code: A\n  days: 10\n  fe: 1.00\n- days: 1\n- code: C\n- code: C\n"

    assert read(TABLE, text) == [
        "2: it.days has to be a whole number from 1 to 9, not “10”.",
        "3: it knows no “fe”. Did you mean “fee”?",
        "4: it needs code.",
        "6: it has “C” twice.",
    ]


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Text(), "no"),
        (Text(), "0022"),
        (Flag(), False),
        (Number(), 7),
        (Amount(), 1250),
        (Percent(), 8750),
        (Day(), date(2026, 12, 24)),
        (Span(), (time(9), time(0))),
        (Maybe(Amount()), None),
        (TABLE, [{"code": "22", "days": 1, "fee": 5}]),
    ],
)
def test_what_is_written_is_read_again(shape: Shape, value: Any) -> None:
    written = shape.write(value, USD)
    text = yaml.safe_dump(str(written) if isinstance(written, str) else _plain(written), allow_unicode=True)

    assert read(shape, text) == value


def _plain(written: Any) -> Any:
    if isinstance(written, list):
        return [_plain(each) for each in written]
    if isinstance(written, dict):
        return {name: _plain(each) for name, each in written.items()}
    return str(written) if isinstance(written, str) else written


def test_a_field_without_a_default_is_needed() -> None:
    assert Field(Text(), "x").default is REQUIRED
