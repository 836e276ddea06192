from collections.abc import Callable

import pytest
from django.db import OperationalError

from amerce.jobs.worker import run_errands
from tests.world import NOON

done: list[str] = []


def fruitful(*, now) -> bool:
    done.append(f"fruitful at {now:%H:%M}")
    return True


def idle(*, now) -> bool:
    done.append("idle")
    return False


def broken(*, now) -> bool:
    done.append("broken")
    raise ValueError("a fault of ours")


def locked(*, now) -> bool:
    raise OperationalError("database is locked") from _sqlite_error()


def _sqlite_error() -> Exception:
    import sqlite3

    return sqlite3.OperationalError("database is locked")


ONE_BREAKS: tuple[Callable[..., bool], ...] = (idle, broken, fruitful)
NOTHING = (idle, idle)
ALL_WAIT = (locked, fruitful)


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    done.clear()


def test_an_errand_that_breaks_does_not_keep_the_others_from_running(settings):
    settings.AMERCE_ERRANDS = "tests.jobs.test_errand.ONE_BREAKS"

    assert run_errands(clock=lambda: NOON) is True

    assert done == ["idle", "broken", "fruitful at 12:00"]


def test_errands_that_find_nothing_let_the_worker_rest(settings):
    settings.AMERCE_ERRANDS = "tests.jobs.test_errand.NOTHING"

    assert run_errands(clock=lambda: NOON) is False


def test_a_database_that_is_locked_is_the_workers_to_wait_for(settings):
    settings.AMERCE_ERRANDS = "tests.jobs.test_errand.ALL_WAIT"

    with pytest.raises(OperationalError):
        run_errands(clock=lambda: NOON)

    assert done == []
