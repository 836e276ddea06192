"""Changing money rows behind the ledger's back, as somebody who owns the database could."""

from django.db import connection

from amerce.ledger.guards import install_guards, remove_guards
from amerce.ledger.hashing import transfer_hash
from amerce.ledger.models import NO_HASH, PatronAccount, Transfer


def tamper(sql: str, *params: object) -> None:
    """Take the guards away, change rows with raw SQL, put the guards back so that nobody sees them missing."""
    connection.check_constraints()
    remove_guards()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        assert cursor.rowcount > 0, "nothing was changed"
    connection.check_constraints()
    install_guards()


def rehash(transfer: Transfer) -> None:
    """Give one row the hash of what stands in it now."""
    transfer.refresh_from_db()
    tamper("UPDATE ledger_transfer SET hash = %s WHERE id = %s", transfer_hash(transfer), transfer.pk)


def recompute_chain(account: PatronAccount) -> None:
    """Everything somebody can do who knows how hashes are made: every row, every previous hash, the head."""
    previous_hash = NO_HASH
    for row in Transfer.objects.filter(account=account).order_by("seq"):
        row.previous_hash = previous_hash
        previous_hash = transfer_hash(row)
        tamper(
            "UPDATE ledger_transfer SET previous_hash = %s, hash = %s WHERE id = %s",
            row.previous_hash,
            previous_hash,
            row.pk,
        )
    tamper("UPDATE ledger_patronaccount SET head_hash = %s WHERE id = %s", previous_hash, account.pk)
