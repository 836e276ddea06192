"""What was left by a process that was killed while it wrote goes a day later, by the next run."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from amerce.bursar.parts import sweep_parts
from amerce.bursar.places import kept, kept_whole
from tests.bursar.desk import Clerk
from tests.world import NOON

pytestmark = pytest.mark.django_db


def left_over(clerk: Clerk, name: str, age: timedelta) -> Path:
    path = kept(clerk.library.institution.pk, "parts", name)
    path.write_bytes(b"half")
    at = (NOON - age).timestamp()
    os.utime(path, (at, at))
    return path


def test_a_file_is_written_among_the_parts_of_its_institution_and_then_moved(clerk: Clerk) -> None:
    path = kept(clerk.library.institution.pk, "runs", "1", "a.xml")

    with kept_whole(path) as out:
        out.write(b"all")
        (part,) = kept(clerk.library.institution.pk, "parts", "-").parent.iterdir()

    assert (path.read_bytes(), part.exists(), part.name.startswith("a.xml.")) == (b"all", False, True)


@pytest.mark.parametrize("job", ["export", "import"])
def test_the_next_run_removes_what_is_older_than_a_day_and_ours_only(clerk: Clerk, job: str) -> None:
    profile = clerk.profile()
    day, hexadecimal = timedelta(days=1), "0123456789abcdef" * 2
    old = left_over(clerk, f"SIS-1-20260101.xml.{hexadecimal}.part", day + timedelta(seconds=1))
    young = left_over(clerk, f"SIS-2-20260101.xml.{hexadecimal}.part", day - timedelta(seconds=1))
    others = left_over(clerk, "notes.part", 9 * day)

    if job == "export":
        clerk.export(profile)
    else:
        clerk.take_in(profile)

    assert [each.exists() for each in (old, young, others)] == [False, True, True]


def test_where_nothing_was_written_yet_there_is_nothing_to_remove(clerk: Clerk) -> None:
    sweep_parts(clerk.library.institution.pk, NOON)
