"""One tree, written and read as JSON and as XML."""

from typing import Any

import pytest

from amerce.api.tree import Malformed, Number, amount, from_json, from_xml, to_json, to_xml


@pytest.mark.parametrize(
    ("minor", "exponent", "digits"),
    [(500, 2, "5.0"), (7, 2, "0.07"), (-325, 2, "-3.25"), (0, 2, "0.0"), (1250, 3, "1.25"), (1500, 0, "1500.0"),
     (10**15 + 1, 2, "10000000000000.01")],
)  # fmt: skip
def test_an_amount_has_its_digits_and_at_least_one_place(minor: int, exponent: int, digits: str) -> None:
    assert amount(minor, exponent) == digits
    assert to_json({"a": amount(minor, exponent)}) == f'{{"a": {digits}}}'


def test_json_is_written_as_it_is_read() -> None:
    tree: dict[str, Any] = {"a": [1, True, None, 'é\n"', {}], "b": {"c": Number("0.30")}}

    assert to_json(tree) == '{"a": [1, true, null, "é\\n\\"", {}], "b": {"c": 0.30}}'
    assert from_json(to_json(tree).encode())["b"] == {"c": "0.30"}


def test_xml_has_attributes_wrappers_and_texts() -> None:
    tree = {
        "link": "x",
        "user_group": {"value": "22", "desc": "Officer"},
        "title": None,
        "preferred": True,
        "user_identifier": [{"value": "B1", "id_type": {"value": "BARCODE"}, "segment_type": "Internal"}],
        "note": "a < b & \x0bc",
    }

    assert to_xml("user", tree).decode() == (
        '<user link="x" preferred="true"><user_group desc="Officer">22</user_group><user_identifiers>'
        '<user_identifier segment_type="Internal"><value>B1</value><id_type>BARCODE</id_type></user_identifier>'
        "</user_identifiers><note>a &lt; b &amp; c</note></user>"
    )


def test_xml_is_read_back_as_it_was_written() -> None:
    tree = {
        "user_group": {"value": "22"},
        "user_identifier": [
            {"value": "B1", "status": "ACTIVE", "id_type": {"value": "BARCODE", "desc": "Barcode"}},
            {"value": "B2", "id_type": {"value": "OTHER"}},
        ],
        "contact_info": {"email": [{"preferred": True, "email_address": "a@b.c", "email_type": [{"value": "work"}]}]},
        "user_note": [],
    }

    assert from_xml(to_xml("user", tree)) == tree


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<user>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><user>&a;</user>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><user/>',
        b"<a>" * 100 + b"</a>" * 100,
        b"\xff\xfe",
    ],
)
def test_xml_that_is_broken_or_clever_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        from_xml(body)


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"[" * 100_000, b"[" * 30 + b"]" * 30, b"\xff"])
def test_json_that_is_broken_or_clever_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        from_json(body)


def test_elements_of_the_same_name_are_one_list() -> None:
    assert from_xml(b"<r><a>1</a><b/><a>2</a><a>3</a></r>") == {"a": ["1", "2", "3"], "b": ""}


@pytest.mark.parametrize("body", [b'{"a": "\\ud800"}', b'{"a": ["x\\u0000"]}', b'{"\\udfff": 1}'])
def test_what_no_database_takes_is_not_read(body: bytes) -> None:
    with pytest.raises(Malformed):
        from_json(body)
