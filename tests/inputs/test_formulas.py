"""What somebody typed is no formula in a spreadsheet, and a number stays one."""

import pytest

from amerce.inputs.formulas import no_formula


@pytest.mark.parametrize(
    "typed", ["=1+1", "+1", "-1+1", "@SUM(A1)", "-12.00|cmd", "\t=1", "-", "-1,5", "\n=1", "＝1+1", "＠A1"]
)
def test_what_begins_like_a_formula_gets_an_apostrophe(typed: str) -> None:
    assert no_formula(typed) == f"'{typed}"


@pytest.mark.parametrize("typed", ["-12.00", "-3", "0.00", "1250.50", "Pnin", "a=b"])
def test_a_number_and_any_other_text_stay_as_they_are(typed: str) -> None:
    assert no_formula(typed) == typed


def test_nothing_is_an_empty_cell() -> None:
    assert no_formula(None) == ""
