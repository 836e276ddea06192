"""A file that cannot be what it should is refused with a line, and costs nothing."""

import pytest

from amerce.config_file.errors import FileRefused
from amerce.config_file.parts.all import PARTS
from amerce.config_file.read import SIZE_LIMIT, read_file
from amerce.money.amount import Currency

USD = Currency("USD", 2)
LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "Line 1: The file is empty."),
        ("# nothing\n", "Line 1: The file is empty."),
        ("x", "Line 1: The file has to be a mapping of names to values."),
        ("balance_blocks: []\n", "Line 1: The file needs amerce_configuration."),
        ("amerce_configuration: 2\n", "Line 1: amerce_configuration has to be one of 1, not “2”."),
        (
            "amerce_configuration: 1\nbalance_block: []\n",
            "Line 2: The file knows no “balance_block”. Did you mean “balance_blocks”?",
        ),
        (
            "amerce_configuration: 1\n\tx: 1\n",
            "Line 2: This is not YAML: found character '\\t' that cannot start any token.",
        ),
        ("a: 1\n---\nb: 2\n", "Line 2: This is not YAML: but found another document."),
        ("a: \x00\n", "Line 1: This is not YAML: it holds a character that cannot stand in text."),
        (LAUGHS, "Line 1: Write each value where it belongs: & and * are not taken."),
        ("[" * 13, "Line 1: Nothing here is nested more than 12 deep."),
        (" " * (SIZE_LIMIT + 1), "Line 1: The file has more than 5,000,000 characters."),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(text: str, fault: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_file(text, PARTS, USD)

    assert str(refused.value) == fault


def test_a_part_that_is_left_out_is_left_alone_and_one_without_rows_is_not_the_same() -> None:
    assert read_file("amerce_configuration: 1\nbalance_blocks: []\n", PARTS, USD).values == {"balance_blocks": []}

    with pytest.raises(FileRefused) as refused:
        read_file("amerce_configuration: 1\nclosings:\n", PARTS, USD)
    assert str(refused.value) == "Line 2: closings has to be a list of rows."


def test_the_line_of_each_part_and_row_is_known() -> None:
    text = (
        "amerce_configuration: 1\nbalance_blocks:\n- user_group: null\n  amount: 5\n- {user_group: '22', amount: 6}\n"
    )

    file = read_file(text, PARTS, USD)

    lines = {("balance_blocks",): 2, ("balance_blocks", ""): 3, ("balance_blocks", "22"): 5}
    assert {name: line for name, line in file.lines.items() if name[0] == "balance_blocks"} == lines
