"""The limit of the bursar's files: the same elements by a cursor of the database and bare lxml, and the same rows read.

Why only what every line of the bench's has: an element that is empty is written by a way of its own, and costs less.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from amerce.perf.bulk_limit import id_list
from amerce.perf.ground import Ground
from amerce.perf.plain import Plain

_XB = "http://com/exlibris/urm/rep/externalsysfinesfees/xmlbeans"
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_AT_ONCE = 2000
_RUN = """
    SELECT r.number, i.code, i.currency_code, i.time_zone FROM bursar_bursarrun r
    JOIN institutions_institution i ON i.id = r.institution_id WHERE r.id = %s"""
_ROWS = """
    SELECT l.patron_id, p.primary_id, p.last_name, p.first_name, n.text, t.code, f.owner_id, o.code,
           COALESCE((SELECT b.at FROM ledger_transfer b WHERE b.fee_id = l.fee_id AND b.id < l.transfer_id
                     ORDER BY b.id DESC LIMIT 1), f.created_at),
           f.title, i.call_number, s.name, i.location_code, f.due_at, f.barcode, x.amount_minor, x.vat_minor,
           f.bursar_transaction_id
    FROM bursar_bursarline l
    JOIN ledger_transfer x ON x.id = l.transfer_id
    JOIN patrons_patron p ON p.id = l.patron_id
    JOIN charges_fee f ON f.id = l.fee_id
    JOIN charges_feetype t ON t.id = f.type_id
    JOIN patrons_note n ON n.id = f.note_id
    JOIN institutions_library o ON o.id = f.owner_id
    JOIN circulation_item i ON i.id = f.item_id
    JOIN institutions_library s ON s.id = i.library_id
    WHERE l.run_id = %s AND l.state = 'posted' ORDER BY l.id"""
_FEES = """
    SELECT bursar_transaction_id, id, patron_id, transferred_minor FROM charges_fee
    WHERE institution_id = %s AND bursar_transaction_id <> '' AND bursar_transaction_id IN ({places})"""
_EARLIER = "SELECT fee_id, amount_minor FROM bursar_bursarpayment WHERE file_id = %s AND fee_id IN ({ids})"
_PAYMENT = """institution_id, file_id, position, transaction_id, sum_text, currency_code, amount_minor, fee_id,
    patron_id, outcome, applied_minor, excess_minor, transfer_id"""


@dataclass(frozen=True)
class _Manner:
    institution_code: str
    currency_code: str
    zone: ZoneInfo
    read_moment: Callable[[Any], datetime]

    def moment(self, stored: Any) -> str:
        return self.read_moment(stored).astimezone(self.zone).strftime("%m/%d/%Y %H:%M:%S %Z")


def write(plain: Plain, run_id: int, path: Path) -> int:
    """Write the file of the run to ``path``; how many fees."""
    ((number, code, currency_code, zone),) = plain.rows(_RUN, run_id)
    manner = _Manner(code, currency_code, ZoneInfo(zone), plain.read_moment)
    rows, count = plain.stream(_ROWS, run_id, at_once=_AT_ONCE), 0
    with path.open("wb") as out:
        out.write(_HEAD)
        with etree.xmlfile(out, encoding="UTF-8") as xml, xml.element(_tag("xml-fragment"), nsmap={"xb": _XB}):
            with _element(xml, 1, "userExportedFineFees"):
                _leaf(xml, 2, "exportNumber", str(number))
            with _element(xml, 1, "userExportedFineFees"), _element(xml, 2, "userExportedList"):
                for _patron_id, group in groupby(rows, key=lambda row: row[0]):
                    mine = list(group)
                    _patron(xml, mine, manner)
                    count += len(mine)
            xml.write("\n")
        out.write(b"\n")
    return count


def read(ground: Ground, plain: Plain, file_id: int, path: Path, *, limit: int) -> Iterator[int]:
    """Keep each line of the file with the fee that it names, so many at once; how many."""
    line, patron = _tag("userFineFee"), _tag("userExportedFineFeesList")
    names = (
        _tag("bursarTransactionId"),
        f"{_tag('compositeSum')}/{_tag('sum')}",
        f"{_tag('compositeSum')}/{_tag('currency')}",
    )
    lines: list[list[str]] = []
    position = 0
    for _event, element in etree.iterparse(str(path), tag=(line, patron)):
        if element.tag == line:
            lines.append([element.findtext(each) for each in names])
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
        if len(lines) == limit:
            yield _keep(ground, plain, file_id, position, lines)
            position, lines = position + limit, []
    if lines:
        yield _keep(ground, plain, file_id, position, lines)


def _keep(ground: Ground, plain: Plain, file_id: int, position: int, lines: Sequence[Sequence[str]]) -> int:
    places = ", ".join(["%s"] * len(lines))
    with plain.transaction():
        found = plain.rows(_FEES.format(places=places), ground.institution_id, *(line[0] for line in lines))
        fees = {row[0]: row[1:] for row in found}
        assert not plain.rows(_EARLIER.format(ids=id_list(row[1] for row in found)), file_id)
        rows, total_minor = [], 0
        for number, (transaction_id, sum_text, currency_code) in enumerate(lines, position + 1):
            fee_id, patron_id, transferred_minor = fees.pop(transaction_id)  # a second line would not find it
            amount_minor = int(Decimal(sum_text) * 100)
            assert currency_code == "USD" and transferred_minor * amount_minor > 0
            total_minor += amount_minor
            rows.append(
                (
                    ground.institution_id, file_id, number, transaction_id, sum_text, currency_code, amount_minor,
                    fee_id, patron_id, "pending", 0, 0, None,
                )
            )  # fmt: skip
        plain.insert_all("bursar_bursarpayment", _PAYMENT, rows, needs_ids=False)
        plain.run("UPDATE bursar_bursarimport SET line_minor = line_minor + %s WHERE id = %s", total_minor, file_id)
    return len(lines)


def _patron(xml: Any, rows: Sequence[Any], manner: _Manner) -> None:
    _patron_id, primary_id, last_name, first_name, *_ = rows[0]
    with _element(xml, 3, "userExportedFineFeesList"):
        with _element(xml, 4, "user"):
            _leaf(xml, 5, "type", "userName")
            _leaf(xml, 5, "value", primary_id)
            with _element(xml, 5, "owneredEntity"):
                _leaf(xml, 6, "InstitutionId", "null")
        _leaf(xml, 4, "patronName", ", ".join(filter(None, (last_name, first_name))) or primary_id)
        with _element(xml, 4, "finefeeList"):
            for row in rows:
                _fee(xml, row, manner)


def _fee(xml: Any, row: Sequence[Any], manner: _Manner) -> None:
    (
        comment, fee_type, owner_id, owner_code, last_at, title, call_number, library, location, due_at, barcode,
        amount_minor, vat_minor, transaction_id,
    ) = row[4:]  # fmt: skip
    with _element(xml, 5, "userFineFee"):
        _leaf(xml, 6, "fineFeeComment", comment)
        _leaf(xml, 6, "fineFeeType", fee_type)
        with _element(xml, 6, "owneredEntity"):
            _leaf(xml, 7, "InstitutionId", manner.institution_code)
            _leaf(xml, 7, "libraryId", str(owner_id))
            _leaf(xml, 7, "libraryCode", owner_code)
        _leaf(xml, 6, "lastTransactionDate", manner.moment(last_at))
        _leaf(xml, 6, "itemTitle", title)
        _leaf(xml, 6, "itemCallNumebr", call_number)
        _leaf(xml, 6, "itemLibrary", library)
        _leaf(xml, 6, "itemLocation", location)
        _leaf(xml, 6, "itemInternalLocation", location)
        _leaf(xml, 6, "itemDueDate", manner.moment(due_at))
        _leaf(xml, 6, "itemBarcode", barcode)
        with _element(xml, 6, "compositeSum"):
            _leaf(xml, 7, "currency", manner.currency_code)
            _leaf(xml, 7, "sum", _amount(amount_minor))
            _leaf(xml, 7, "vat", _amount(vat_minor))
        _leaf(xml, 6, "bursarTransactionId", transaction_id)


def _leaf(xml: Any, depth: int, name: str, text: str) -> None:
    assert text
    xml.write("\n" + "\t" * depth)
    with xml.element(_tag(name)):
        xml.write(text)


@contextmanager
def _element(xml: Any, depth: int, name: str) -> Iterator[None]:
    xml.write("\n" + "\t" * depth)
    with xml.element(_tag(name)):
        yield
        xml.write("\n" + "\t" * depth)


def _tag(name: str) -> str:
    return f"{{{_XB}}}{name}"


def _amount(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}".rstrip("0").rstrip(".")
