"""The pieces that Alma's letters have in common: the head with sender and receiver, fees, loans, amounts and days.

Why apart from ``alma_xml.py``: that says what each kind of letter holds, this how one thing is written in any of them.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from amerce.institutions.models import Institution
from amerce.letters.house import short_day
from amerce.letters.kinds import KINDS, LetterKind
from amerce.letters.models import Letter
from amerce.money.amount import currency
from amerce.money.format import format_plain

Facts = Mapping[str, Any]


class Pieces:
    """Writes the facts of one letter into elements."""

    def __init__(self, letter: Letter, institution: Institution) -> None:
        self.letter, self.institution = letter, institution
        self.facts: Facts = letter.facts
        self.kind = KINDS[LetterKind(letter.kind)]
        self.code: str = self.facts.get("currency", institution.currency_code)

    def common(self, root: Any) -> None:
        house, patron = self.facts.get("institution", {}), self.facts.get("patron", {})
        address = list(house.get("address", []))
        fill(
            add(root, "general_data"),
            address_from=house.get("email", ""),
            current_date=self.day(self.facts.get("today")),
            letter_name=self.kind.alma_name,
            letter_type=self.kind.alma_type,
            subject=self.letter.subject,
        )
        add(add(root, "languages"), "string", self.letter.language)
        unit = add(root, "organization_unit")
        fill(unit, name=house.get("name", ""), code=house.get("code", ""))
        lines = {f"line{number}": line for number, line in enumerate(address, 1)}
        fill(add(unit, "address"), **lines)
        fill(add(unit, "email"), email=house.get("email", ""))
        fill(add(unit, "phone"), phone=house.get("phone", ""))
        receiver = add(add(root, "receivers"), "receiver")
        self.user(add(receiver, "user"), patron)
        fill(
            receiver,
            preferred_language=patron.get("language") or self.letter.language,
            user_email=patron.get("email", "") or self.letter.to,
        )
        self.user(add(root, "user_for_printing"), patron)

    def user(self, into: Any, patron: Facts) -> None:
        lines = [*patron.get("address_lines", []), "", "", "", "", ""][:5]
        fill(
            into,
            name=patron.get("name", ""),
            first_name=patron.get("first_name", ""),
            last_name=patron.get("last_name", ""),
            **{f"address{number}": line for number, line in enumerate(lines, 1)},
            city=patron.get("city", ""),
            country=patron.get("country", ""),
            email=patron.get("email", ""),
            phone=patron.get("phone", ""),
            user_group=patron.get("group", ""),
        )
        identifiers = add(into, "identifiers")
        for each in patron.get("identifiers", []):
            fill(add(identifiers, "code_value"), code=each["code"], value=each["value"])

    def fees(self, root: Any, name: str) -> None:
        listed = add(root, name)
        for fee in self.facts.get("fees", []):
            self.fee(add(listed, "user_fines_fees"), fee)

    def fee(self, into: Any, fee: Facts) -> None:
        fill(
            into,
            bursar_transaction_id=fee["bursar_transaction_id"],
            create_date=self.day(fee["created_at"]),
            fine_comment=fee["comment"],
        )
        self.amount(add(into, "fine_fee_ammount"), fee["remaining_minor"], vat=self._vat(fee))
        fill(into, fine_fee_type=fee["type"], fine_fee_type_display=fee["type_label"])
        transactions = add(into, "fines_fee_transactions")
        for each in fee["transactions"]:
            self.transaction(add(transactions, "fines_fee_transaction"), each)
        fill(
            into,
            item_barcode=fee["barcode"],
            item_call_number=fee["call_number"],
            item_id=fee["item_id"],
            item_loan_id=fee["loan_id"],
            item_title=fee["title"],
            library_id=fee["owner_code"],
            owner=fee["owner"],
            status_date=self.day(fee["status_at"]),
            user_group=self.facts.get("patron", {}).get("group", ""),
        )

    def transaction(self, into: Any, each: Facts) -> None:
        fill(into, created_by_id=each["by"], library_id=each["library"])
        fill(
            add(into, "transaction_ammount"),
            currency=self.code,
            sum=self.plain(each["amount_minor"]),
            vat=self.plain(each["vat_minor"]),
        )
        fill(
            into,
            transaction_amount_display=self.money(each["amount_minor"]),
            transaction_date=self.day(each["at"]),
            transaction_id=each["id"],
            transaction_method=each["method"],
            transaction_note=each["comment"],
            transaction_payment_method_display=each["method_label"],
            transaction_reason=each["reason"],
            transaction_reference_number=each["reference"],
            transaction_type_display=each["type"],
        )

    def loan(self, into: Any, loan: Facts) -> None:
        fill(
            into,
            title=loan["title"],
            description=loan["description"],
            author=loan["author"],
            barcode=loan["barcode"],
            call_number=loan["call_number"],
            due_date=self.day(loan["due_at"]),
            normalized_fine=self.money(loan["fine_minor"]),
            library_name=loan["library"],
        )

    def amount(self, into: Any, minor: int, *, vat: int | None = None) -> None:
        fill(into, currency=self.code, normalized_sum=self.money(minor), sum=self.plain(minor))
        if vat is not None:
            fill(into, vat=self.plain(vat))

    def plain(self, minor: int) -> str:
        return format_plain(minor, currency(self.code))

    def money(self, minor: int) -> str:
        """As Alma's letters have it: ``41.10 USD``."""
        return f"{self.plain(minor)} {self.code}"

    def value(self, name: str, value: Any) -> str:
        """A fact of ours by what its name ends with."""
        if name.endswith("_minor"):
            return self.plain(value)
        if isinstance(value, bool):
            return str(value).lower()
        return self.day(value) if name.endswith("_at") else str(value)

    def day(self, text: str | None) -> str:
        if not text:
            return ""
        at = datetime.fromisoformat(text).astimezone(self.institution.zone).date() if "T" in text else None
        return short_day(at or date.fromisoformat(text), self.institution.locale)

    @staticmethod
    def _vat(fee: Facts) -> int:
        gross, rate = Decimal(fee["remaining_minor"]), Decimal(fee["vat_rate_bp"])
        return int((gross * rate / (10_000 + rate)).to_integral_value(rounding="ROUND_HALF_UP"))


def add(parent: Any, name: str, text: str | None = None) -> Any:
    made = etree.SubElement(parent, name)
    if text is not None:
        made.text = text
    return made


def fill(parent: Any, **texts: str) -> None:
    for name, text in texts.items():
        add(parent, name, text)
