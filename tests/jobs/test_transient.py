"""Which errors of the database go away by themselves, on both engines."""

import pytest
from django.db import OperationalError, ProgrammingError

from amerce.jobs.transient import is_busy, is_transient
from tests.jobs.locks import refused_lock

pytestmark = [pytest.mark.django_db, pytest.mark.money]


class _Told(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def test_a_lock_that_somebody_else_holds_is_tried_again_and_told_as_busy() -> None:
    error = refused_lock()

    assert is_transient(error) and is_busy(error)


@pytest.mark.parametrize(
    ("sqlstate", "transient", "busy"),
    [
        ("40P01", True, True), ("40001", True, True), ("53300", True, True), ("55P03", True, True),
        ("08006", True, False), ("57P01", True, False), (None, True, False), ("42P01", False, False),
    ],
)  # fmt: skip
def test_a_lost_connection_is_tried_again_but_nobody_is_told_that_nothing_was_done(
    sqlstate: str | None, transient: bool, busy: bool
) -> None:
    error = OperationalError("told by PostgreSQL")
    error.__cause__ = _Told(sqlstate)

    assert (is_transient(error), is_busy(error)) == (transient, busy)


def test_a_wrong_statement_is_neither() -> None:
    assert not is_transient(ProgrammingError("database is locked")) and not is_busy(ProgrammingError("locked"))
