"""Whether the database has the tables that this program works on."""

from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from amerce.cli.refusal import Refusal


def refuse_pending_migrations() -> None:
    """Looks before it connects: SQLite would make an empty file."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).is_file():
        raise Refusal("Run amerce migrate first.")
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refusal("Run amerce migrate first.")
