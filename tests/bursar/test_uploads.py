"""Uploaded files of payments lie under names of their own until their import takes them."""

import os
from datetime import timedelta
from errno import ENOSPC

import pytest

from amerce.access.can import NotAllowed
from amerce.bursar.errors import FileTooLarge
from amerce.bursar.read_file import SIZE_LIMIT
from amerce.bursar.uploads import drop_upload, keep_upload, own_name, uploaded
from tests.bursar.desk import Clerk, data_dir
from tests.world import NOON

pytestmark = pytest.mark.django_db


def test_two_files_of_one_name_do_not_meet_and_keep_their_own_name(clerk: Clerk) -> None:
    names = [
        keep_upload(actor=clerk.clerk, at=at, name="C:\\paid.xml", size=2, pieces=[b"a", b"b"])
        for at in (NOON, NOON + timedelta(seconds=1))
    ]

    assert len(set(names)) == 2
    for each in names:
        assert own_name(each) == "paid.xml"
        assert uploaded(clerk.library.institution.pk, each).read_bytes() == b"ab"


def test_nothing_is_left_of_one_for_which_the_disk_has_no_room(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space left"):
        clerk.upload(b"a" * 100)

    assert [each for each in data_dir().rglob("*") if each.is_file()] == []


@pytest.mark.parametrize("name", ["paid.xml", "2026-paid.xml", "20260301-paid.xml"])
def test_a_name_without_the_moment_is_a_file_s_own(name: str) -> None:
    assert own_name(name) == name


def test_one_that_is_too_large_or_sent_by_who_may_not_is_refused_and_not_kept(clerk: Clerk) -> None:
    with pytest.raises(FileTooLarge):
        keep_upload(actor=clerk.clerk, at=NOON, name="a.xml", size=SIZE_LIMIT + 1, pieces=[b"a"])
    with pytest.raises(NotAllowed):
        keep_upload(actor=clerk.library.staff("auditor"), at=NOON, name="a.xml", size=1, pieces=[b"a"])

    assert [each for each in data_dir().rglob("*") if each.is_file()] == []


def test_one_that_no_import_was_queued_for_can_be_removed(clerk: Clerk) -> None:
    name = keep_upload(actor=clerk.clerk, at=NOON, name="a.xml", size=1, pieces=[b"a"])

    drop_upload(clerk.library.institution.pk, name)
    drop_upload(clerk.library.institution.pk, name)

    assert not uploaded(clerk.library.institution.pk, name).exists()
