"""The file for the bursar, to the byte: a golden file of ours in the structure that receivers parse."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

import amerce.bursar
from amerce.bursar.file_rows import FileRow
from amerce.bursar.write_file import Manner, write_rows
from amerce.money.amount import currency
from tests.bursar.desk import Clerk

SCHEMA = etree.XMLSchema(file=str(Path(amerce.bursar.__file__).with_name("bursar.xsd")))
GOLDEN = Path(__file__).with_name("golden.xml")
AT = datetime(2026, 3, 2, 18, 5, 9, tzinfo=UTC)


def row(**columns: object) -> FileRow:
    plain = {
        "patron_id": 7, "identifier": "21234", "patron_name": "Moreau, Élodie", "comment": "",
        "fee_type": "OVERDUEFINE",
        "library_id": 3, "library_code": "MAIN", "last_at": AT, "title": "The leopard & <other> stories",
        "call_number": "PQ4843 .A62", "item_library": "Main Library", "location": "STACKS", "due_at": AT,
        "barcode": "39007000000001", "amount_minor": 30000, "vat_minor": 0, "transaction_id": "ABC0000000032",
    }  # fmt: skip
    return FileRow(**{**plain, **columns})  # type: ignore[arg-type]


ROWS = [
    row(),
    row(amount_minor=50, vat_minor=5, comment="Wet", fee_type="DAMAGEDITEMFINE", transaction_id="ABC0000000033"),
    row(
        patron_id=8, identifier="21235", patron_name="Okafor, Ray", fee_type="CREDIT", amount_minor=-325,
        library_id=None,
        library_code="", title="", call_number="", item_library="", location="", barcode="", due_at=None,
        transaction_id="912",
    ),
]  # fmt: skip


def written(rows: list[FileRow], **manner: object) -> bytes:
    plain = {
        "institution_code": "CALDER", "currency": currency("USD"), "zone": ZoneInfo("America/Phoenix"),
        "identifier_type": "02", "writes_zone": True,
    }  # fmt: skip
    out = BytesIO()
    write_rows(out, 4711, rows, Manner(**{**plain, **manner}))  # type: ignore[arg-type]
    return out.getvalue()


def test_the_file_is_the_golden_one_to_the_byte_and_fits_the_schema() -> None:
    content = written(ROWS)

    assert content.decode() == GOLDEN.read_text(encoding="utf-8")
    SCHEMA.assertValid(etree.fromstring(content))


def test_named_by_the_primary_id_the_institution_is_the_word_null_and_the_zone_can_be_left_out() -> None:
    content = written(ROWS[:1], identifier_type="", writes_zone=False).decode()

    assert "<xb:type>userName</xb:type>" in content
    assert "<xb:InstitutionId>null</xb:InstitutionId>" in content
    assert "<xb:lastTransactionDate>03/02/2026 11:05:09</xb:lastTransactionDate>" in content


@pytest.mark.parametrize(
    ("code", "minor", "text"),
    [("USD", 30000, "300"), ("USD", 50, "0.5"), ("USD", -325, "-3.25"), ("JPY", 300, "300"), ("KWD", 1250, "1.25")],
)
def test_sums_have_no_trailing_zeros(code: str, minor: int, text: str) -> None:
    assert f"<xb:sum>{text}</xb:sum>" in written([row(amount_minor=minor)], currency=currency(code)).decode()


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert "<xb:itemTitle>Bell</xb:itemTitle>" in written([row(title="Be\x07ll")]).decode()


@pytest.mark.django_db
@pytest.mark.money
def test_what_a_run_writes_fits_the_schema(clerk: Clerk) -> None:
    item = clerk.library.new_item()
    clerk.library.charge(1000, item=item, days_ago=3)
    clerk.desk.charge(250, "CARDRENEWAL")
    clerk.desk.charge(325, "CREDIT")

    clerk.export(clerk.profile(rows="both"))

    root = etree.fromstring(clerk.delivered())
    SCHEMA.assertValid(root)
    names = {"xb": root.nsmap["xb"]}
    assert root.xpath("//xb:lastTransactionDate/text()", namespaces=names)[0] == "02/27/2026 12:00:00 UTC"
    assert root.xpath("//xb:itemTitle/text()", namespaces=names) == ["The leopard"]
