"""The data of a letter as Alma's ``notification_data``, for libraries that have XSL letters of their own.

Why from the facts of the letter: the XML says what the letter said, whatever was changed since. Names are Alma's,
its spelling mistakes included (``fine_fee_ammount``).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lxml import etree

from amerce.institutions.models import Institution
from amerce.letters.alma_pieces import Facts, Pieces, add, fill
from amerce.letters.kinds import KINDS, LetterKind
from amerce.letters.models import Letter


def notification_xml(letter: Letter, institution: Institution) -> bytes:
    """``letter`` as XML, indented, in UTF-8."""
    root = etree.Element("notification_data")
    made = Pieces(letter, institution)
    made.common(root)
    _BODIES[KINDS[LetterKind(letter.kind)].folder](made, root)
    etree.indent(root)
    made_xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made_xml


def _notification(made: Pieces, root: Any) -> None:
    made.fees(root, "fines_fees_list")
    total_minor = made.facts["total_minor"]
    fill(root, total_fines_amount=made.plain(total_minor), total_fines_currency=made.code)
    fee = add(root, "fine_fee_notification_fee_amount")
    if made.facts.get("notification_fee_minor"):
        minor = made.facts["notification_fee_minor"]
        fill(fee, sum=made.plain(minor), normalized_sum=made.money(minor), currency=made.code)
    fill(root, profile_name=made.facts.get("profile", ""))


def _receipt(made: Pieces, root: Any) -> None:
    fill(
        root,
        currency=made.code,
        transaction_id=made.facts["receipt"],
        receipt_id=made.facts["receipt"],
        total_amount_paid=made.plain(made.facts["total_minor"]),
    )
    made.fees(root, "user_fines_fees_list")


def _activity(made: Pieces, root: Any) -> None:
    for name, key, by_library in (
        ("item_loans", "loans", "loans_by_library"),
        ("overdue_item_loans", "overdue_loans", "overdue_loans_by_library"),
    ):
        loans: Sequence[Facts] = made.facts[key]
        listed = add(root, name)
        for each in loans:
            made.loan(add(listed, "item_loan"), each)
        grouped = add(root, by_library)
        for library in dict.fromkeys(each["library"] for each in loans):
            group = add(grouped, "library_loans_for_display")
            add(add(group, "organization_unit"), "name", library)
            inside = add(group, "item_loans")
            for each in loans:
                if each["library"] == library:
                    made.loan(add(inside, "overdue_and_lost_loan_notification_display"), each)
    owed = add(root, "organization_fee_list")
    for each in made.facts["owed"]:
        add(owed, "string", f"{each['owner']}: {made.money(each['total_minor'])}")
    fill(root, total_fee=made.money(made.facts["total_minor"]))


def _of_a_loan(made: Pieces, root: Any) -> None:
    made.loan(add(root, "item_loan"), made.facts["loan"])
    made.fees(root, "fines_fees_list")
    total_minor = made.facts.get("refund_minor", made.facts.get("total_minor", 0))
    fill(root, total_fines_amount=made.plain(total_minor))


def _overdue(made: Pieces, root: Any) -> None:
    fill(root, notification_type=f"OverdueNotificationType{made.facts['number']}")
    _of_a_loan(made, root)
    fee = add(root, "overdue_notification_fee_amount")
    if made.facts["fee_minor"]:
        minor = made.facts["fee_minor"]
        fill(fee, sum=made.plain(minor), normalized_sum=made.money(minor), currency=made.code)


def _request(made: Pieces, root: Any) -> None:
    request = made.facts["request"]
    fill(
        add(root, "request"),
        title=request["title"],
        author=request["author"],
        create_date=made.day(request["placed_at"]),
        pickup_library=request["pickup"],
        system_notes=made.facts["note"],
    )


def _staff(made: Pieces, root: Any) -> None:
    """Letters that Alma has not: their facts by our names."""
    for name, value in made.facts.items():
        if name in ("institution", "patron", "number", "currency", "today"):
            continue
        if isinstance(value, list):
            listed = add(root, name)
            for each in value:
                inside = each if isinstance(each, Mapping) else {"text": each}
                fill(add(listed, "row"), **{key: made.value(key, told) for key, told in inside.items()})
        else:
            add(root, name, made.value(name, value))


_BODIES: dict[str, Callable[[Pieces, Any], None]] = {
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
