"""The limit of the bursar's books: the accounts of a chunk, locked, and what moved on them written, by hand."""

from datetime import datetime
from typing import Any

from amerce.access.actors import Actor
from amerce.perf.bulk_limit import ACCOUNTS, BOUND, EVENT, HAVE_ACCOUNTS, TRANSFER, id_list
from amerce.perf.canonical import canonical, hash_of_columns
from amerce.perf.ground import Ground
from amerce.perf.plain import Plain

_TYPES = "SELECT id, code FROM charges_feetype WHERE institution_id = %s"
_FEES = """
    SELECT id, status, original_minor, remaining_minor, transferred_minor, vat_rate_bp, bursar_transaction_id, owner_id,
           title, barcode
    FROM charges_fee WHERE institution_id = %s AND id IN ({ids}) ORDER BY id FOR UPDATE"""
_ACCOUNT = {"seq": "bigint", "head_hash": "text", "active_minor": "bigint", "transferred_minor": "bigint"}


class BooksLimit:
    """The accounts of a chunk, locked, and what moved on them."""

    def __init__(self, ground: Ground, plain: Plain, actor: Actor, at: datetime, patrons: set[int]) -> None:
        self._institution_id, self._plain, self._actor, self._at = ground.institution_id, plain, actor, at
        self._rows: list[tuple[Any, ...]] = []
        self._at_text, self._stored_at = canonical(at), plain.moment(at)
        self.amounts: list[int] = []
        ids = id_list(sorted(patrons))
        assert len(plain.rows(HAVE_ACCOUNTS.format(ids=ids), self._institution_id)) == len(patrons)
        rows = plain.rows(ACCOUNTS.format(ids=ids), self._institution_id)
        self.accounts = {row[0]: list(row[1:]) for row in rows}
        self.types = {code: pk for pk, code in plain.rows(_TYPES, self._institution_id)}

    def lock_fees(self, fee_ids: Any) -> dict[int, Any]:
        ids = id_list(sorted(fee_ids))
        fees = {row[0]: row for row in self._plain.rows(_FEES.format(ids=ids), self._institution_id)}
        assert not self._plain.rows(BOUND.format(ids=ids))
        return fees

    def move(  # noqa: PLR0917 the columns in their order
        self, account: list[Any], kind: str, debit: str, credit: str, amount_minor: int, fee_id: int,
        vat_minor: int = 0, credit_fee_id: int | None = None, note_id: int | None = None, note_hash: str = "",
    ) -> None:  # fmt: skip
        actor = self._actor
        account[1] += 1
        row = (
            self._institution_id, account[0], account[1], kind, debit, credit, amount_minor, vat_minor, "USD", fee_id,
            credit_fee_id, self._at_text, actor.account_id, actor.name, actor.library_id, actor.desk_id, "", "",
            note_id, note_hash, "", None, None, account[2],
        )  # fmt: skip
        account[2] = hash_of_columns(dict(zip(TRANSFER, row, strict=True)))
        self._rows.append((*row[:11], self._stored_at, *row[12:], account[2]))
        self.amounts.append(amount_minor)

    def write(
        self, table: str, types: dict[str, str], changed: list[tuple[Any, ...]], event: str, said: Any
    ) -> list[int]:
        """Transfers, accounts, fees, events; the ids of the transfers."""
        plain, actor = self._plain, self._actor
        made = plain.insert_all("ledger_transfer", ", ".join((*TRANSFER, "hash")), self._rows)
        rows = [(each[1], each[2], each[3], each[5], each[0]) for each in self.accounts.values()]
        plain.update_all("ledger_patronaccount", _ACCOUNT, rows)
        plain.update_all(table, types, changed)
        events = [
            (
                self._institution_id, event, self._stored_at, actor.account_id, actor.name, actor.library_id,
                actor.desk_id, patron_id, plain.json({"receipt": None, "lines": lines}),
            )
            for patron_id, lines in said
        ]  # fmt: skip
        plain.insert_all("events_event", EVENT, events, needs_ids=False)
        return made
