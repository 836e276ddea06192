import io

import openpyxl
import pytest

from amerce.access.can import NotAllowed
from amerce.bulk import lines
from amerce.bulk.errors import FileEmpty, FileTooLarge, FileUnreadable
from amerce.bulk.models import IdLine, IdList
from amerce.bulk.save_list import list_facts, save_list
from amerce.inputs.errors import RowNotFound
from amerce.patrons.models import PatronIdentifier
from tests.bulk.waiving import parts, preview, told, waive_in_bulk
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def save(library, content: bytes | str, name: str = "ids.txt", kind: IdList.Kind = IdList.Kind.USERS):
    raw = content.encode() if isinstance(content, str) else content
    return save_list(actor=library.staff("user_manager"), at=NOON, kind=kind, content=raw, name=name)


def excel(*rows: tuple) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def add_identifier(library, patron, value: str, kind: str) -> None:
    PatronIdentifier.objects.create(
        institution=library.institution, patron=patron, type=kind, value=value, folded=value.lower()
    )


def test_users_are_found_by_any_identifier_in_any_case_and_bad_lines_keep_their_numbers(library):
    ada, bob = library.new_patron("ada"), library.new_patron("bob")
    add_identifier(library, ada, "B1", "BARCODE")
    for patron in (ada, bob):
        add_identifier(library, patron, "S9", f"KIND{patron.pk}")

    facts = save(library, "user_id\nJDOE\n\n b1 \nnobody\njdoe\nS9\n")

    assert (facts.lines, facts.good, facts.bad) == (5, 2, 3)
    assert [(each.number, each.text, each.problem) for each in facts.bad_lines] == [
        (5, "nobody", "unknown"),
        (6, "jdoe", "repeated"),
        (7, "S9", "several"),
    ]
    good = IdLine.objects.filter(problem="").order_by("number").values_list("number", "patron_id", "text")
    assert list(good) == [(2, library.patron.pk, ""), (4, ada.pk, "")]


def test_fees_are_named_by_id_and_those_of_others_are_unknown(library, other_library):
    mine, theirs = library.charge(100), other_library.charge(100)

    facts = save(library, f"{mine.pk}\n{theirs.pk}\n12a\n{'9' * 40}\n", kind=IdList.Kind.FEES)

    assert [(each.number, each.problem) for each in facts.bad_lines] == [
        (2, "unknown"),
        (3, "unreadable"),
        (4, "unknown"),
    ]
    assert IdLine.objects.get(problem="").fee_id == mine.pk


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"primary_id;name\r\njdoe;Jane\r\nada;Ada\r\n"),
        ("a.csv", b'\xef\xbb\xbf"jdoe","Doe, Jane"\n"ada",""\n'),
        ("a.TXT", b"jdoe\r\nada"),
        ("a.xlsx", excel(("User ID", "Name"), ("jdoe", "Jane"), (None, None), ("ada", 1))),
    ],
)
def test_text_csv_and_excel_files_are_read(library, name, content):
    library.new_patron("ada")

    facts = save(library, content, name)

    assert (facts.good, facts.bad) == (2, 0)


def test_an_id_of_digits_that_excel_keeps_as_a_number_is_found(library):
    library.new_patron("21234000000012")

    assert save(library, excel((21234000000012,), (21234000000012.0,)), "a.xlsx").good == 1


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (b"", "a.txt", FileEmpty),
        (b"\n \n", "a.txt", FileEmpty),
        (b"user_id\n", "a.csv", FileEmpty),
        (b"PK\x03\x04 no such file", "a.xlsx", FileUnreadable),
        (b"\x00\x01", "a.txt", FileUnreadable),
        (b"x" * (lines.BYTES_LIMIT + 1), "a.txt", FileTooLarge),
        (b"1\n" * (lines.LINES_LIMIT + 1), "a.txt", FileTooLarge),
    ],
)
def test_what_cannot_be_read_is_refused_whole(library, content, name, refusal):
    with pytest.raises(refusal):
        save(library, content, name)

    assert not IdList.objects.exists()


def test_an_excel_file_that_unpacks_to_too_much_is_refused(library, monkeypatch):
    monkeypatch.setattr(lines, "_UNPACKED_LIMIT", 100)

    with pytest.raises(FileTooLarge):
        save(library, excel(("jdoe",)), "a.xlsx")


def test_only_who_waives_in_bulk_keeps_and_sees_lists(library, other_library):
    facts = save(library, "jdoe\n")

    with pytest.raises(NotAllowed):
        list_facts(library.manager, facts.id_list.pk)
    with pytest.raises(RowNotFound):
        list_facts(other_library.staff("user_manager"), facts.id_list.pk)


def test_only_the_named_users_are_waived_and_who_owes_nothing_is_reported(library):
    ada, bob = library.new_patron("ada"), library.new_patron("bob")
    library.charge(100, patron=ada)
    library.charge(200)
    facts = save(library, "ada\nbob\n")

    assert parts(preview(library, id_list_id=facts.id_list.pk)) == {"waived": (1, 1, 100)}
    waiver = waive_in_bulk(library, id_list_id=facts.id_list.pk)

    assert waiver.run.counts == {"looked_at": 2, "patrons": 1, "fees": 1, "total_minor": 100, "skipped": 1}
    assert told(waiver.run) == [("bulk_waiving.nothing_named", {"line": 2, "patron_id": bob.pk, "fee_id": None})]


def test_only_the_named_fees_are_waived_but_the_users_whole_debt_is_held_against_the_threshold(library):
    named, other = library.charge(100), library.charge(900)
    facts = save(library, f"{named.pk}", kind=IdList.Kind.FEES)
    chosen = {"id_list_id": facts.id_list.pk}

    assert parts(preview(library, threshold_minor=999, **chosen)) == {"above_threshold": (1, 1, 100)}
    assert parts(preview(library, threshold_minor=1000, **chosen)) == {"waived": (1, 1, 100)}
    assert waive_in_bulk(library, **chosen).run.counts["total_minor"] == 100
    other.refresh_from_db()
    assert other.remaining_minor == 900


def test_a_cell_longer_than_any_is_refused_in_a_sentence(library):
    with pytest.raises(FileUnreadable):
        save(library, '"' + "a" * 200_000, "ids.csv")
    assert not IdList.objects.exists()
