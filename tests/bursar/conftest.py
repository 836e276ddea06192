"""A clerk, with files in a folder of the test's own, and a second look at the books after every test."""

from collections.abc import Iterator

import pytest

from tests.bursar.desk import Clerk
from tests.charges.acts import Desk
from tests.charges.checks import assert_books_agree
from tests.world import Library


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def books_agree(request: pytest.FixtureRequest) -> Iterator[None]:
    if not request.node.get_closest_marker("django_db"):
        yield
        return
    request.getfixturevalue("_django_db_helper")
    yield
    assert_books_agree()


@pytest.fixture
def clerk(library: Library) -> Clerk:
    return Clerk(library, Desk(library))
