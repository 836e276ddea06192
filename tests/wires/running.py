"""Running programs of others as they are published, in the environment that ``make`` gives them, against a server here.

Why an environment of their own: one of them brings another urllib3 than everything else has.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).parent / "programs"
INSTALLED = Path(__file__).parents[2] / ".venv" / "wires"
TAKES_AT_MOST_S = 120

needs_programs = pytest.mark.skipif(
    not (INSTALLED / "bin").is_dir() and "CI" not in os.environ, reason="make .venv/.wires installs the programs"
)


def ran(program: str, url: str, key: str) -> dict[str, Any]:
    """What ``program`` says of its visit to the dialect at ``url``."""
    runner = INSTALLED / "bin" / ("node" if program.endswith(".js") else "python")
    env = {
        "PATH": os.environ["PATH"],
        "NODE_PATH": str(INSTALLED / "node_modules"),
        "ALMA_URL": f"{url}/almaws/v1",
        "ALMA_KEY": key,
    }
    done = subprocess.run(
        [runner, PROGRAMS / program],
        env=env, capture_output=True, text=True, timeout=TAKES_AT_MOST_S, check=False, cwd=INSTALLED,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
