"""Fixtures of all tests. The database itself comes from ``tests/databases.py``."""

import os
from collections.abc import Iterator

import pytest

from tests.databases import ENGINE


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Put SQLite's test database in a file: threads and processes share it as they do in production."""
    from django.conf import settings

    if ENGINE == "sqlite":
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        name = f"{os.environ['AMERCE_TEST_FOLDER']}/test-{worker}.sqlite3"
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = name


@pytest.fixture(autouse=True)
def fast_passwords(settings) -> None:  # type: ignore[no-untyped-def]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nobody_listens() -> None:
    """What one test knew of an institution's webhooks is nothing to the next, whose institution has the same id."""
    from amerce.webhooks.listening import forget

    forget()


@pytest.fixture
def flushable(transactional_db: None) -> Iterator[None]:
    """For tests that commit for real: the guards step aside only while the database is emptied afterwards."""
    from amerce.ledger.guards import install_guards, remove_guards

    install_guards()
    yield
    remove_guards()


@pytest.fixture
def library():  # type: ignore[no-untyped-def]
    """A small institution in US dollars; see ``tests/world.py``."""
    from tests.world import Library

    return Library.new("MAIN")


@pytest.fixture
def other_library():  # type: ignore[no-untyped-def]
    """A second institution in the same database."""
    from tests.world import Library

    return Library.new("OTHER")


@pytest.fixture
def counting_jobs(settings) -> None:  # type: ignore[no-untyped-def]
    """The jobs of ``tests/jobs/counting.py`` in place of the real ones."""
    from tests.jobs import counting

    counting.stumbles.clear()
    settings.AMERCE_JOBS = "tests.jobs.counting.JOBS"
