"""The databases of the bench are gone after it, also when it was ended half way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs.test_kill import wait_for

PROGRAM = """
import signal, sys
from amerce.perf.engines import own_database
with own_database(sys.argv[1], "") as environment:
    print(environment["AMERCE_DATA_DIR"], flush=True)
    signal.pause()
"""


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_bench_that_is_asked_to_end_removes_its_server_and_its_folder(engine: str, tmp_path: Path) -> None:
    # given
    begun = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, engine], env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE
    )
    assert begun.stdout
    folder = Path(begun.stdout.readline().decode().strip())
    said = folder / "postgresql" / "postmaster.pid"
    servers = [int(said.read_text().splitlines()[0])] if engine == "postgresql" else []
    assert folder.parent == tmp_path and all(is_there(each) for each in servers)

    # when
    begun.send_signal(signal.SIGTERM)

    # then
    assert begun.wait() == 128 + signal.SIGTERM
    assert not folder.exists()
    wait_for(lambda: not any(is_there(each) for each in servers))  # who has ended is there until somebody asks how
