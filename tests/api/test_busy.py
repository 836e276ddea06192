"""A database that is busy is said to be, in both dialects: the same call may be sent again."""

import pytest

from amerce.api.alma.errors import error_of
from amerce.api.v1.problems import problem_of
from tests.jobs.locks import refused_lock

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_lock_that_somebody_else_holds_is_answered_by_503() -> None:
    error = refused_lock()

    assert (problem_of(error, None).status, problem_of(error, None).code) == (503, "busy")
    assert error_of(error, None).status == 503
