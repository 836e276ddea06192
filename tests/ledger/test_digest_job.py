import json

import pytest

from amerce.jobs.models import JobRun
from amerce.ledger.digest import FILE_NAME
from amerce.ledger.digest_job import LEDGER_DIGEST
from tests.jobs.running import run
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_it_writes_one_line_into_the_data_folder_each_time(library: Library, settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.DATA_DIR = tmp_path
    library.charge(500)

    ended = run(library, "ledger-digest")
    run(library, "ledger-digest")

    lines = [json.loads(line) for line in (tmp_path / FILE_NAME).read_text().splitlines()]
    assert ended.state == JobRun.State.DONE
    assert LEDGER_DIGEST.summary(ended) == f"accounts=1 sha256={lines[0]['sha256']}"
    assert [(line["accounts"], line["transfers"]) for line in lines] == [(1, 1), (1, 1)]


def test_it_fails_visibly_when_the_file_is_broken_and_leaves_it_alone(library: Library, settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.DATA_DIR = tmp_path
    (tmp_path / FILE_NAME).write_text("torn\n")

    ended = run(library, "ledger-digest")

    assert ended.state == JobRun.State.FAILED
    assert ended.error.startswith("Line 1 of ")
    assert (tmp_path / FILE_NAME).read_text() == "torn\n"
