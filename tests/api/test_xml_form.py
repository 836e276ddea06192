"""The tree written and read as XML."""

import pytest

from amerce.api.tree import Malformed
from amerce.api.xml_form import from_xml, to_xml


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
        b"<a " + b" ".join(b'a%d=""' % number for number in range(51)) + b"/>",
        ("<a " + " ".join(f'a{number}=""' for number in range(51)) + "/>").encode("utf-16"),
        b"\xff\xfe",
    ],
)
def test_xml_that_is_broken_or_clever_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        from_xml(body)


def test_elements_of_the_same_name_are_one_list() -> None:
    assert from_xml(b"<r><a>1</a><b/><a>2</a><a>3</a></r>") == {"a": ["1", "2", "3"], "b": ""}
