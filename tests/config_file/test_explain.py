"""The page about the file says what the code takes."""

from pathlib import Path

from amerce.config_file.explain import explain
from amerce.config_file.parts.all import PARTS

PAGE = Path(__file__).parents[2] / "docs/reference/config-file.md"


def test_the_page_is_what_explain_prints() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page[page.index("## ") :] == explain(PARTS)
