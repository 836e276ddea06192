"""A lock that somebody else holds, and the database's own error for whoever waits for it in vain."""

from django.db import OperationalError, connection, transaction

from amerce.ledger.models import PatronAccount


def refused_lock() -> OperationalError:
    """What this engine raises in a second connection while the first one writes."""
    other = connection.copy()
    with transaction.atomic():
        PatronAccount.objects.update(seq=0)
        try:
            with other.cursor() as cursor:
                if connection.vendor == "sqlite":
                    cursor.execute("PRAGMA busy_timeout = 10")
                    cursor.execute("BEGIN IMMEDIATE")
                else:
                    with connection.cursor() as mine:
                        mine.execute("LOCK TABLE ledger_patronaccount IN ACCESS EXCLUSIVE MODE")
                    cursor.execute("SET lock_timeout = '10ms'")
                    cursor.execute("SELECT count(*) FROM ledger_patronaccount")
        except OperationalError as error:
            return error
        finally:
            other.close()
    raise AssertionError("the lock was given")
