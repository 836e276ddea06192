import pytest

from amerce.patrons.folding import fold_id, name_tokens


@pytest.mark.parametrize(
    ("typed", "folded"),
    [(" AbC ", "abc"), ("ｊｄｏｅ", "jdoe"), ("Straße", "strasse"), ("", ""), (" \t\n", ""), ("a b", "a b")],
)
def test_an_id_has_no_case_width_or_space_around_it(typed: str, folded: str) -> None:
    assert fold_id(typed) == folded
    assert fold_id(folded) == folded


@pytest.mark.parametrize(
    ("names", "tokens"),
    [
        (("Élodie", "Moreau-Kant"), {"elodie", "moreau", "kant"}),
        (("", ""), set()),
        (("Ødegård",), {"ødegard"}),
        (("Nguyễn Thị",), {"nguyen", "thi"}),
        (("O'Brien",), {"o", "brien"}),
        (("山田 太郎",), {"山田", "太郎"}),
        (("Ann", "Ann"), {"ann"}),
        (("x" * 300,), {"x" * 100}),
    ],
)
def test_a_name_is_its_words_without_case_and_accents(names: tuple[str, ...], tokens: set[str]) -> None:
    assert name_tokens(*names) == tokens
