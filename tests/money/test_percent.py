import pytest

from amerce.money.amount import AmountError
from amerce.money.percent import format_percent, parse_percent_bp


@pytest.mark.parametrize(("text", "bp"), [("0", 0), ("100", 10_000), ("87.5", 8750), ("0.01", 1), (" 50 ", 5000)])
def test_a_percentage_is_read_into_hundredths(text: str, bp: int) -> None:
    assert parse_percent_bp(text) == bp


@pytest.mark.parametrize("text", ["", "100.01", "101", "-1", "10,5", ".5", "1e1", "50%", "0.005"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(AmountError):
        parse_percent_bp(text)


@pytest.mark.parametrize(("bp", "text"), [(0, "0"), (10_000, "100"), (8750, "87.5"), (1, "0.01"), (5000, "50")])
def test_a_percentage_is_written_as_it_is_typed(bp: int, text: str) -> None:
    assert format_percent(bp) == text
