"""The entry point: exit codes, and one sentence where a person would otherwise see a traceback."""

import os
import signal
import subprocess
import sys

import pytest


def amerce(*arguments: str, folder, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:  # type: ignore[no-untyped-def]
    environment = {**os.environ, "AMERCE_DATA_DIR": str(folder)}
    environment.pop("AMERCE_DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "amerce.cli.main", *arguments],
        env=environment,
        check=False,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("command", [("verify",), ("work",), ("job", "run", "overdue-fines"), ("import", "csv", ".")])
def test_without_tables_it_says_what_to_run_first(tmp_path, command) -> None:  # type: ignore[no-untyped-def]
    ended = amerce(*command, folder=tmp_path)

    assert (ended.returncode, ended.stderr) == (1, "amerce: Run amerce migrate first.\n")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_command_is_wrong_usage(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert amerce("frobnicate", folder=tmp_path).returncode == 2


def test_migrate_makes_the_folder_and_says_so(tmp_path) -> None:  # type: ignore[no-untyped-def]
    ended = amerce("migrate", folder=tmp_path / "new")

    assert (ended.returncode, ended.stdout) == (0, "The database is up to date.\n")
    assert (tmp_path / "new" / "amerce.sqlite3").is_file()


def test_what_it_writes_is_the_owners_alone(tmp_path) -> None:  # type: ignore[no-untyped-def]
    amerce("migrate", folder=tmp_path / "new")

    modes = [path.stat().st_mode & 0o077 for path in (tmp_path / "new", tmp_path / "new" / "amerce.sqlite3")]
    assert modes == [0, 0]


def test_it_ends_quietly_when_nobody_reads_on(tmp_path) -> None:  # type: ignore[no-untyped-def]
    reading, writing = os.pipe()
    os.close(reading)

    ended = amerce("migrate", folder=tmp_path, stdout=writing)

    assert (ended.returncode, ended.stderr) == (128 + signal.SIGPIPE, "")
    os.close(writing)
