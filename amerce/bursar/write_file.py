"""The file for the bursar, written patron by patron (``docs/reference/bursar-file.md``).

Why every quirk: programs in many universities parse this form as it is, misspelt names and all.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import IO

from lxml import etree

from amerce.bursar.file_rows import FileRow, file_rows
from amerce.bursar.models import BursarProfile, BursarRun
from amerce.bursar.places import kept_whole
from amerce.institutions.models import Institution
from amerce.money.amount import Currency

NAMESPACE = "http://com/exlibris/urm/rep/externalsysfinesfees/xmlbeans"
PRIMARY_ID_TYPE = "userName"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_DECLARATION = f' xmlns:xb="{NAMESPACE}"'.encode()
_NIL = f"{{{_XSI}}}nil"
_NO_INSTITUTION = "null"
_UNSEEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


@dataclass(frozen=True)
class Written:
    """What is in a file: fees, their sum in minor units, bytes and the SHA-256 of them."""

    count: int
    sum_minor: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Manner:
    """How a profile wants it written."""

    institution_code: str
    currency: Currency
    zone: tzinfo
    identifier_type: str
    writes_zone: bool

    @classmethod
    def of(cls, profile: BursarProfile) -> "Manner":
        institution: Institution = profile.institution
        return cls(
            institution.code, institution.currency, institution.zone, profile.identifier_type, profile.writes_zone
        )

    def moment(self, at: datetime) -> str:
        """``09/12/2023 15:22:06 MST``; without the zone where the profile leaves it out."""
        local = at.astimezone(self.zone)
        return local.strftime("%m/%d/%Y %H:%M:%S %Z" if self.writes_zone else "%m/%d/%Y %H:%M:%S")

    def amount(self, minor: int) -> str:
        """Without trailing zeros: ``300``, ``0.5``, ``-3.25``."""
        plain = f"{Decimal(minor).scaleb(-self.currency.exponent):f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain


def file_name(run: BursarRun) -> str:
    """``PROFILECODE-JOBID-TIMESTAMP.xml``; the same whenever it is asked."""
    return f"{run.profile.code}-{run.number}-{run.started_at:%Y%m%d%H%M%S}.xml"


def write_file(run: BursarRun, path: Path, only_sha256: str = "") -> Written:
    """Write the file of the run to ``path``, whole or not at all; where ``only_sha256`` is given, no other bytes."""
    with suppress(_OtherBytes), kept_whole(path) as out:
        counting = _Counting(out)
        count, sum_minor = write_rows(counting, run.number, file_rows(run), Manner.of(run.profile))
        written = Written(count, sum_minor, counting.size, counting.sha256.hexdigest())
        if only_sha256 not in ("", written.sha256):
            raise _OtherBytes
    return written


def write_rows(out: IO[bytes], number: int, rows: Iterable[FileRow], manner: Manner) -> tuple[int, int]:
    """Write a file of ``rows`` that belong together by patron, one patron at a time; how many, and their sum."""
    count = sum_minor = 0
    out.write(_HEAD)
    with etree.xmlfile(out, encoding="UTF-8") as xml, xml.element(_tag("xml-fragment"), nsmap={"xb": NAMESPACE}):
        with _line(xml, 1), xml.element(_tag("userExportedFineFees")):
            _leaf(xml, 2, "exportNumber", str(number))
            xml.write("\n\t")
        with _line(xml, 1), xml.element(_tag("userExportedFineFees")):
            with _line(xml, 2), xml.element(_tag("userExportedList")):
                for _patron_id, group in groupby(rows, key=lambda row: row.patron_id):
                    mine = list(group)
                    xml.write("\n\t\t\t")
                    xml.flush()
                    out.write(_without_declaration(_patron(mine, manner)))
                    count += len(mine)
                    sum_minor += sum(row.amount_minor for row in mine)
                xml.write("\n\t\t")
            xml.write("\n\t")
        xml.write("\n")
    out.write(b"\n")
    return count, sum_minor


class _OtherBytes(Exception):
    """What would be written is not what was asked for."""


class _line:  # noqa: N801 - reads as a word of the file
    """Begin a line of so many tabs before what follows."""

    def __init__(self, xml: "etree._IncrementalFileWriter", depth: int) -> None:
        xml.write("\n" + "\t" * depth)

    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def _leaf(xml: "etree._IncrementalFileWriter", depth: int, name: str, text: str) -> None:
    with _line(xml, depth), xml.element(_tag(name)):
        xml.write(text)


def _without_declaration(element: "etree._Element") -> bytes:
    """The element as it stands inside the root, which has declared the prefix already."""
    written: bytes = etree.tostring(element, encoding="UTF-8", xml_declaration=False)
    return written.replace(_DECLARATION, b"", 1)


def _patron(rows: list[FileRow], manner: Manner) -> "etree._Element":
    first = rows[0]
    root = etree.Element(_tag("userExportedFineFeesList"), nsmap={"xb": NAMESPACE})
    user = _sub(root, "user")
    identifier_type = manner.identifier_type if first.is_named else ""
    _sub(user, "type", identifier_type or PRIMARY_ID_TYPE)
    _sub(user, "value", first.identifier)
    owner = _sub(user, "owneredEntity")
    _sub(owner, "InstitutionId", manner.institution_code if identifier_type else _NO_INSTITUTION)
    _sub(root, "patronName", first.patron_name)
    fees = _sub(root, "finefeeList")
    for row in rows:
        _fee(fees, row, manner)
    etree.indent(root, space="\t", level=3)
    return root


def _fee(parent: "etree._Element", row: FileRow, manner: Manner) -> None:
    fee = _sub(parent, "userFineFee")
    _text_or_nil(fee, "fineFeeComment", row.comment)
    _sub(fee, "fineFeeType", row.fee_type)
    owner = _sub(fee, "owneredEntity")
    _sub(owner, "InstitutionId", manner.institution_code)
    if row.library_id is not None:
        _sub(owner, "libraryId", str(row.library_id))
        _sub(owner, "libraryCode", row.library_code)
    _sub(fee, "lastTransactionDate", manner.moment(row.last_at))
    _sub(fee, "itemTitle", row.title)
    _sub(fee, "itemCallNumebr", row.call_number)
    _sub(fee, "itemLibrary", row.item_library)
    _sub(fee, "itemLocation", row.location)
    _sub(fee, "itemInternalLocation", row.location)
    _text_or_nil(fee, "itemDueDate", manner.moment(row.due_at) if row.due_at else "")
    _sub(fee, "itemBarcode", row.barcode)
    amounts = _sub(fee, "compositeSum")
    _sub(amounts, "currency", manner.currency.code)
    _sub(amounts, "sum", manner.amount(row.amount_minor))
    _text_or_nil(amounts, "vat", manner.amount(row.vat_minor) if row.vat_minor else "")
    _sub(fee, "bursarTransactionId", row.transaction_id)


def _sub(parent: "etree._Element", name: str, text: str = "") -> "etree._Element":
    made = etree.SubElement(parent, _tag(name))
    if text:
        made.text = text.translate(_UNSEEN)
    return made


def _text_or_nil(parent: "etree._Element", name: str, text: str) -> None:
    if text:
        _sub(parent, name, text)
    else:
        etree.SubElement(parent, _tag(name), nsmap={"xsi": _XSI}).set(_NIL, "true")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


class _Counting(BytesIO):
    """Passes bytes on to ``out``, counting and hashing them."""

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__()
        self.out, self.size, self.sha256 = out, 0, hashlib.sha256()

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.size += len(data)
        self.sha256.update(data)
        return self.out.write(data)
