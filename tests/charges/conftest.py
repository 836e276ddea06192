"""A desk to act at, and a second look at the books after every test."""

from collections.abc import Iterator

import pytest

from tests.charges.acts import Desk
from tests.charges.checks import assert_books_agree
from tests.world import Library


@pytest.fixture(autouse=True)
def books_agree(request: pytest.FixtureRequest) -> Iterator[None]:
    """When a test with a database is over, whatever it did, its books must agree."""
    if not request.node.get_closest_marker("django_db"):
        yield
        return
    request.getfixturevalue("_django_db_helper")  # so that this ends before the database is rolled back
    yield
    assert_books_agree()


@pytest.fixture
def desk(library: Library) -> Desk:
    """A manager's desk for the library's one patron."""
    return Desk(library)
