import json
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from amerce.ledger.digest import DigestUnreadable, check_digests, write_digest
from amerce.ledger.models import Idempotency, PatronAccount, Transfer
from amerce.ledger.verify import verify
from tests.databases import ENGINE
from tests.ledger.busy import Busy
from tests.ledger.tamper import recompute_chain, tamper
from tests.world import NOON

pytestmark = [pytest.mark.money]
NIGHT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "off-site" / "ledger-digests.jsonl"


@pytest.mark.django_db
def test_a_digest_is_one_line_on_the_state_of_every_account(library, file):
    # given
    Busy.at(library)

    # when
    digest = write_digest(file, NIGHT)

    # then
    assert json.loads(file.read_text()) == {
        "at": "2026-03-03T02:00:00+00:00",
        "upto": Transfer.objects.latest("pk").pk,
        "accounts": 1,
        "transfers": 16,
        "sha256": digest.sha256,
        "records_upto": Idempotency.objects.latest("pk").pk,
        "records": 3,
        "records_sha256": digest.records_sha256,
        "previous": "0" * 64,
    }
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_the_digest_of_one_account_is_the_hash_of_its_head(library, file):
    from hashlib import sha256

    # given
    library.charge(1000)
    account = PatronAccount.objects.get()

    # when
    digest = write_digest(file, NIGHT)

    # then
    assert digest.sha256 == sha256(f"{account.pk}:{account.head_hash}\n".encode()).hexdigest()
    assert digest.records_sha256 == sha256(b"").hexdigest()


@pytest.mark.django_db
def test_every_line_still_stands_when_the_ledger_went_on(library, other_library, file):
    # given
    write_digest(file, NIGHT)
    library.charge(1000)
    write_digest(file, NIGHT)
    Busy.at(library)
    other_library.charge(300)
    write_digest(file, NIGHT)
    library.charge(200)

    # then
    assert len(file.read_text().splitlines()) == 3
    assert check_digests(file) is None
    assert verify(against=file).findings == []


@pytest.mark.django_db
def test_who_recomputed_everything_is_found_by_the_first_digest_after_the_change(library, file):
    # given
    library.charge(1000)
    write_digest(file, NIGHT)
    fee = library.charge(500)
    second = write_digest(file, NIGHT)
    write_digest(file, NIGHT)
    tamper("UPDATE ledger_transfer SET actor_name = 'nobody' WHERE fee_id = %s", fee.pk)

    # when
    recompute_chain(PatronAccount.objects.get())

    # then
    assert verify().findings == []
    finding = check_digests(file)
    assert finding is not None
    assert finding.row == "digest of 2026-03-03T02:00:00+00:00 (line 2)"
    assert finding.expected == f"sha256 {second.sha256} as written then"
    assert verify(against=file).findings == [finding]


@pytest.mark.django_db
def test_a_deleted_idempotency_record_is_found(library, file):
    # given
    Busy.at(library)
    write_digest(file, NIGHT)

    # when
    tamper("DELETE FROM ledger_idempotency WHERE key = 'a'")

    # then
    assert verify().findings == []
    assert str(check_digests(file)) == (
        "digest of 2026-03-03T02:00:00+00:00 (line 1): expected records 3 as written then, found 2 now"
    )


@pytest.mark.django_db
def test_a_database_put_back_from_an_older_copy_is_found(library, file):
    # given
    library.charge(1000)
    fee = library.charge(500)
    write_digest(file, NIGHT)

    # when
    tamper("DELETE FROM ledger_transfer WHERE fee_id = %s", fee.pk)

    # then
    assert str(check_digests(file)) == (
        "digest of 2026-03-03T02:00:00+00:00 (line 1): expected transfers 2 as written then, found 1 now"
    )


@pytest.mark.django_db
def test_a_line_taken_out_of_the_file_is_found(library, file):
    # given
    for amount in (100, 200, 300):
        library.charge(amount)
        write_digest(file, NIGHT)
    first, _, third = file.read_text().splitlines(keepends=True)

    # when
    file.write_text(first + third)

    # then
    finding = check_digests(file)
    assert finding is not None
    assert finding.row == "digest of 2026-03-03T02:00:00+00:00 (line 2)"
    assert finding.expected.startswith("previous ")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "line"),
    [("", 0), ("no json\n", 1), ("{}\n", 1), ("[]\n", 1), ('{"upto": "1"}\n', 1)],
)
def test_a_file_that_holds_no_digest_is_refused_by_its_line(file, text, line):
    # given
    file.parent.mkdir()
    file.write_text(text)

    # then
    with pytest.raises(DigestUnreadable) as refusal:
        check_digests(file)
    assert refusal.value.line == line


@pytest.mark.django_db
@pytest.mark.parametrize("bad", [b"\xff\xfe\n", b"\x80", b"[" * 100_000 + b"\n"])
def test_a_file_that_is_no_text_is_refused_by_its_line_and_does_not_grow(library, file, bad):
    # given
    write_digest(file, NIGHT)
    file.write_bytes(file.read_bytes() + bad)
    before = file.read_bytes()

    # then
    for use in (check_digests, lambda path: write_digest(path, NIGHT), lambda path: verify(against=path)):
        with pytest.raises(DigestUnreadable) as refusal:
            use(file)
        assert refusal.value.line == 2
    assert file.read_bytes() == before


@pytest.mark.django_db
def test_a_missing_file_is_refused(file):
    with pytest.raises(DigestUnreadable) as refusal:
        check_digests(file)
    assert refusal.value.line == 0


@pytest.mark.django_db
def test_nothing_is_appended_to_a_file_with_a_torn_last_line(library, file):
    # given
    write_digest(file, NIGHT)
    torn = file.read_text() + '{"at": "2026-'
    file.write_text(torn)

    # when
    with pytest.raises(DigestUnreadable) as refusal:
        write_digest(file, NIGHT)

    # then
    assert refusal.value.line == 2
    assert file.read_text() == torn


@pytest.mark.skipif(ENGINE != "postgresql", reason="SQLite has one writer, its ids are committed in order")
def test_the_bound_waits_for_a_writer_who_has_taken_a_lower_id(flushable, library, file):
    # given
    fee = library.charge(1000)
    written, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            library.charge(500)
            written.set()
            may_commit.wait(10)
        connection.close()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert written.wait(10)
    threading.Timer(0.5, may_commit.set).start()

    # when
    digest = write_digest(file, NIGHT)
    writer.join()

    # then
    assert digest.transfers == 2
    assert digest.upto > Transfer.objects.get(fee=fee).pk
    assert check_digests(file) is None


def test_the_night_is_written_at_the_time_it_was_told(db, file):
    assert write_digest(file, NOON).at == "2026-03-02T12:00:00+00:00"
