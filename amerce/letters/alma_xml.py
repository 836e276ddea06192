"""The data of a letter as Alma's ``notification_data``, for libraries that have XSL letters of their own.

Why from the facts of the letter: the XML says what the letter said, whatever was changed since. Names are Alma's,
its spelling mistakes included (``fine_fee_ammount``).
"""

from collections.abc import Callable, Mapping, Sequence
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


def notification_xml(letter: Letter, institution: Institution) -> bytes:
    """``letter`` as XML, indented, in UTF-8."""
    root = etree.Element("notification_data")
    made = _Maker(letter, institution)
    made.common(root)
    _BODIES[KINDS[LetterKind(letter.kind)].folder](made, root)
    etree.indent(root)
    made_xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made_xml


class _Maker:
    def __init__(self, letter: Letter, institution: Institution) -> None:
        self.letter, self.institution = letter, institution
        self.facts: Facts = letter.facts
        self.kind = KINDS[LetterKind(letter.kind)]
        self.code: str = self.facts.get("currency", institution.currency_code)

    def common(self, root: Any) -> None:
        house, patron = self.facts.get("institution", {}), self.facts.get("patron", {})
        address = list(house.get("address", []))
        _fill(
            _add(root, "general_data"),
            address_from=house.get("email", ""),
            current_date=self.day(self.facts.get("today")),
            letter_name=self.kind.alma_name,
            letter_type=self.kind.alma_type,
            subject=self.letter.subject,
        )
        _add(_add(root, "languages"), "string", self.letter.language)
        unit = _add(root, "organization_unit")
        _fill(unit, name=house.get("name", ""), code=house.get("code", ""))
        lines = {f"line{number}": line for number, line in enumerate(address, 1)}
        _fill(_add(unit, "address"), **lines)
        _fill(_add(unit, "email"), email=house.get("email", ""))
        _fill(_add(unit, "phone"), phone=house.get("phone", ""))
        receiver = _add(_add(root, "receivers"), "receiver")
        self.user(_add(receiver, "user"), patron)
        _fill(
            receiver,
            preferred_language=patron.get("language") or self.letter.language,
            user_email=patron.get("email", "") or self.letter.to,
        )
        self.user(_add(root, "user_for_printing"), patron)

    def user(self, into: Any, patron: Facts) -> None:
        lines = [*patron.get("address_lines", []), "", "", "", "", ""][:5]
        _fill(
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
        identifiers = _add(into, "identifiers")
        for each in patron.get("identifiers", []):
            _fill(_add(identifiers, "code_value"), code=each["code"], value=each["value"])

    def fees(self, root: Any, name: str) -> None:
        listed = _add(root, name)
        for fee in self.facts.get("fees", []):
            self.fee(_add(listed, "user_fines_fees"), fee)

    def fee(self, into: Any, fee: Facts) -> None:
        _fill(
            into,
            bursar_transaction_id=fee["bursar_transaction_id"],
            create_date=self.day(fee["created_at"]),
            fine_comment=fee["comment"],
        )
        self.amount(_add(into, "fine_fee_ammount"), fee["remaining_minor"], vat=self._vat(fee))
        _fill(into, fine_fee_type=fee["type"], fine_fee_type_display=fee["type_label"])
        transactions = _add(into, "fines_fee_transactions")
        for each in fee["transactions"]:
            self.transaction(_add(transactions, "fines_fee_transaction"), each)
        _fill(
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
        _fill(into, created_by_id=each["by"], library_id=each["library"])
        _fill(
            _add(into, "transaction_ammount"),
            currency=self.code,
            sum=self.plain(each["amount_minor"]),
            vat=self.plain(each["vat_minor"]),
        )
        _fill(
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
        _fill(
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
        _fill(into, currency=self.code, normalized_sum=self.money(minor), sum=self.plain(minor))
        if vat is not None:
            _fill(into, vat=self.plain(vat))

    def plain(self, minor: int) -> str:
        return format_plain(minor, currency(self.code))

    def money(self, minor: int) -> str:
        """As Alma's letters have it: ``41.10 USD``."""
        return f"{self.plain(minor)} {self.code}"

    def value(self, name: str, value: Any) -> str:
        """A fact of ours by what its name ends with."""
        if name.endswith("_minor"):
            return self.plain(value)
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


def _notification(made: _Maker, root: Any) -> None:
    made.fees(root, "fines_fees_list")
    total_minor = made.facts["total_minor"]
    _fill(root, total_fines_amount=made.plain(total_minor), total_fines_currency=made.code)
    fee = _add(root, "fine_fee_notification_fee_amount")
    if made.facts.get("notification_fee_minor"):
        minor = made.facts["notification_fee_minor"]
        _fill(fee, sum=made.plain(minor), normalized_sum=made.money(minor), currency=made.code)
    _fill(root, profile_name=made.facts.get("profile", ""))


def _receipt(made: _Maker, root: Any) -> None:
    _fill(
        root,
        currency=made.code,
        transaction_id=made.facts["receipt"],
        receipt_id=made.facts["receipt"],
        total_amount_paid=made.plain(made.facts["total_minor"]),
    )
    made.fees(root, "user_fines_fees_list")


def _activity(made: _Maker, root: Any) -> None:
    for name, key, by_library in (
        ("item_loans", "loans", "loans_by_library"),
        ("overdue_item_loans", "overdue_loans", "overdue_loans_by_library"),
    ):
        loans: Sequence[Facts] = made.facts[key]
        listed = _add(root, name)
        for each in loans:
            made.loan(_add(listed, "item_loan"), each)
        grouped = _add(root, by_library)
        for library in dict.fromkeys(each["library"] for each in loans):
            group = _add(grouped, "library_loans_for_display")
            _add(_add(group, "organization_unit"), "name", library)
            inside = _add(group, "item_loans")
            for each in loans:
                if each["library"] == library:
                    made.loan(_add(inside, "overdue_and_lost_loan_notification_display"), each)
    owed = _add(root, "organization_fee_list")
    for each in made.facts["owed"]:
        _add(owed, "string", f"{each['owner']}: {made.money(each['total_minor'])}")
    _fill(root, total_fee=made.money(made.facts["total_minor"]))


def _of_a_loan(made: _Maker, root: Any) -> None:
    made.loan(_add(root, "item_loan"), made.facts["loan"])
    made.fees(root, "fines_fees_list")
    total_minor = made.facts.get("refund_minor", made.facts.get("total_minor", 0))
    _fill(root, total_fines_amount=made.plain(total_minor))


def _overdue(made: _Maker, root: Any) -> None:
    _fill(root, notification_type=f"OverdueNotificationType{made.facts['number']}")
    _of_a_loan(made, root)
    fee = _add(root, "overdue_notification_fee_amount")
    if made.facts["fee_minor"]:
        minor = made.facts["fee_minor"]
        _fill(fee, sum=made.plain(minor), normalized_sum=made.money(minor), currency=made.code)


def _request(made: _Maker, root: Any) -> None:
    request = made.facts["request"]
    _fill(
        _add(root, "request"),
        title=request["title"],
        author=request["author"],
        create_date=made.day(request["placed_at"]),
        pickup_library=request["pickup"],
        system_notes=made.facts["note"],
    )


def _staff(made: _Maker, root: Any) -> None:
    """Letters that Alma has not: their facts by our names."""
    for name, value in made.facts.items():
        if name in ("institution", "patron", "number", "currency", "today"):
            continue
        if isinstance(value, list):
            listed = _add(root, name)
            for each in value:
                inside = each if isinstance(each, Mapping) else {"text": each}
                _fill(_add(listed, "row"), **{key: made.value(key, told) for key, told in inside.items()})
        else:
            _add(root, name, made.value(name, value))


_BODIES: dict[str, Callable[[_Maker, Any], None]] = {
    "fines_fees_notification": _notification,
    "payment_receipt": _receipt,
    "fee_charged": _notification,
    "activity_report": _activity,
    "overdue": _overdue,
    "lost": _of_a_loan,
    "lost_refund": _of_a_loan,
    "request_cancelled": _request,
    "bursar_run": _staff,
    "till": _staff,
}


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    made = etree.SubElement(parent, name)
    if text is not None:
        made.text = text
    return made


def _fill(parent: Any, **texts: str) -> None:
    for name, text in texts.items():
        _add(parent, name, text)
