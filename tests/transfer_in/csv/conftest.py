import shutil
from pathlib import Path

import pytest

FILES = Path(__file__).with_name("files")


@pytest.fixture
def folder(tmp_path) -> Path:  # type: ignore[no-untyped-def]
    """A copy of our own small files, with the columns of the real ones, that a test may spoil."""
    for each in FILES.iterdir():
        shutil.copy(each, tmp_path)
    return tmp_path
