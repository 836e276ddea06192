"""E-mail receipt: what was paid or given back under one number, to the patron (row A7)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.charges.queries import receipt
from amerce.charges.statements import money_leaves, money_sign, standing_after, titles_before, uses_credit
from amerce.inputs.errors import RowNotFound
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import code_labels
from amerce.ledger.models import Transfer
from amerce.letters.errors import LetterKindOff, NoAddress
from amerce.letters.facts import fee_facts, transaction_facts
from amerce.letters.kinds import LetterKind
from amerce.letters.models import Letter
from amerce.letters.press import NewLetter
from amerce.letters.write import write_letters


def send_receipt(*, actor: Actor, at: datetime, patron_id: int, number: int) -> Letter:
    """Write the receipt ``number`` to the patron by e-mail; asked again, it answers the letter of before.

    Raises ``NotAllowed``, ``RowNotFound`` when the patron has no such receipt, ``NoAddress``, ``LetterKindOff``.
    """
    require(actor, Privilege.LETTER_SEND)
    with transaction.atomic():
        rows = receipt(actor, number)
        if not rows or rows[0].account.patron_id != patron_id:
            raise RowNotFound(number)
        letter = NewLetter(
            kind=LetterKind.PAYMENT_RECEIPT,
            patron_id=patron_id,
            channels=(Letter.Channel.EMAIL,),
            data=receipt_data(actor, patron_id, number, rows),
            key=f"receipt:{number}",
        )
        written = write_letters(actor=actor, at=at, letters=[letter])
        if not written:
            raise LetterKindOff
        if written[0].state == Letter.State.NO_ADDRESS:
            raise NoAddress
        return written[0]


def receipt_data(actor: Actor, patron_id: int, number: int, rows: Sequence[Transfer]) -> dict[str, Any]:
    """What the letter says, from the transfers of the receipt."""
    first = rows[0]
    titles = titles_before(actor, patron_id, first.at)
    standing = standing_after(actor, patron_id, rows[-1].seq, sorted({each.fee_id for each in rows}))
    labels = code_labels(actor.institution_id, CodeEntry.Table.PAYMENT_METHOD)
    is_refund = first.kind == "REFUND"
    turned = -1 if is_refund else 1
    transactions = transaction_facts(actor.institution_id, rows)
    fees = {each.fee_id: each.fee for each in rows}
    lines = [
        {
            "label": row.fee.type.label,
            "title": titles.get(row.fee_id, row.fee.title),
            "amount_minor": row.amount_minor * money_sign(row) * turned,
            "vat_minor": row.vat_minor,
            "method_label": labels.get(row.method, row.method),
            "reference": row.external_transaction_id,
            "is_credit": uses_credit(row),
            "is_taken_back": row.corrects_id is not None and money_leaves(row),
        }
        for row in rows
    ]
    place = " · ".join(each.name for each in (first.library, first.desk) if each)
    return {
        "receipt": str(number),
        "is_refund": is_refund,
        "paid_at": first.at.isoformat(),
        "place": place,
        "by": first.actor_name,
        "lines": lines,
        "fees": fee_facts(fees.values(), transactions),
        "total_minor": sum(row.amount_minor * money_sign(row) for row in rows if row.method) * turned,
        "credits_minor": sum(row.amount_minor * money_sign(row) for row in rows if uses_credit(row)) * turned,
        "balance_minor": standing.balance_minor,
    }
