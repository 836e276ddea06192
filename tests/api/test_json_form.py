"""The tree written and read as JSON."""

from typing import Any

import pytest

from amerce.api.json_form import from_json, to_json
from amerce.api.tree import Malformed, Number


def test_json_is_written_as_it_is_read() -> None:
    tree: dict[str, Any] = {"a": [1, True, None, 'é\n"', {}], "b": {"c": Number("0.30")}}

    assert to_json(tree) == '{"a": [1, true, null, "é\\n\\"", {}], "b": {"c": 0.30}}'
    assert from_json(to_json(tree).encode())["b"] == {"c": "0.30"}


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"[" * 100_000, b"[" * 30 + b"]" * 30, b"\xff"])
def test_json_that_is_broken_or_clever_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        from_json(body)


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 2}', b'{"a": {"b": 1, "b": 1}}', b'[{"a": 1, "\\u0061": 2}]'])
def test_a_name_that_stands_twice_is_refused_and_not_guessed(body: bytes) -> None:
    with pytest.raises(Malformed):
        from_json(body)


@pytest.mark.parametrize("body", [b'{"a": "\\ud800"}', b'{"a": ["x\\u0000"]}', b'{"\\udfff": 1}'])
def test_what_no_database_takes_is_not_read(body: bytes) -> None:
    with pytest.raises(Malformed):
        from_json(body)
