"""Which database errors go away by themselves, so that trying again is right and giving up is not."""

from django.db import InterfaceError, OperationalError

_SQLITE_WORDS = ("locked", "busy")
_POSTGRESQL_CLASSES = ("08", "40", "53", "55P03", "57P")
"""Connection lost, deadlock or serialization, out of resources, lock not available, server going down."""
_BUSY_CLASSES = ("40", "53", "55P03")


def is_transient(error: BaseException) -> bool:
    """Whether the same statement may well succeed in a moment: nothing of it was written."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if type(cause).__module__.startswith("sqlite3"):
        return any(word in str(error) for word in _SQLITE_WORDS)
    state = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(_POSTGRESQL_CLASSES)


def is_busy(error: BaseException) -> bool:
    """Whether others are in the way and nothing was done: whoever asked may be told so.

    Of a connection that was lost nobody knows that: it may have been lost after the commit.
    """
    if not is_transient(error):
        return False
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    return type(cause).__module__.startswith("sqlite3") or (state or "").startswith(_BUSY_CLASSES)
