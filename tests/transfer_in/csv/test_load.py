from datetime import UTC, datetime

import pytest

from amerce.circulation.models import Item, Loan
from amerce.events.models import Event
from amerce.institutions.models import Institution, Library
from amerce.patrons.models import NameToken, Patron, PatronIdentifier, UserGroup
from amerce.provision.institution import provision_institution
from tests.transfer_in.csv.loading import AT, counts, load, row_counts

pytestmark = [pytest.mark.django_db, pytest.mark.money]

EVERYTHING_MADE = [("books.csv", 4, 0, 0, 0), ("borrowers.csv", 3, 0, 0, 1), ("checkouts.csv", 3, 0, 0, 0)]
EVERYTHING_THERE = [("books.csv", 0, 4, 0, 0), ("borrowers.csv", 0, 3, 0, 1), ("checkouts.csv", 0, 3, 0, 0)]


def write_mapping(folder, text):
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_database_gets_the_institution_its_library_and_everything_in_the_files(folder):
    loaded = load(folder)

    institution = Institution.objects.get()
    assert counts(loaded) == EVERYTHING_MADE
    assert (institution.code, institution.currency_code, institution.time_zone) == ("MAIN", "USD", "UTC")
    assert Library.objects.get().code == "MAIN"
    assert Event.objects.get().data == {
        "source": "csv",
        "made": {"books.csv": 4, "borrowers.csv": 3, "checkouts.csv": 3},
    }


def test_an_item_keeps_what_the_mapping_names_and_no_value_is_empty(folder):
    load(folder)

    item = Item.objects.get(source_id="2")
    assert (item.title, item.barcode, item.library.code) == (
        "Étude sur les marées : un atlas /",
        "39007000000012",
        "MAIN",
    )
    assert (item.author, item.publisher, item.published, item.language) == ("", "", "©2003.", "fre")
    assert (item.material_type, item.location_code, item.price_minor) == ("Book", "GEN", None)


def test_a_borrower_gets_a_primary_id_of_six_digits_and_no_name(folder):
    load(folder)

    patron = Patron.objects.get(primary_id="B000129")
    assert (patron.primary_folded, patron.first_name, patron.last_name) == ("b000129", "", "")
    assert (patron.group, patron.created_at) == (None, datetime(2020, 5, 30, tzinfo=UTC))
    assert Patron.objects.get(primary_id="B000002").created_at == AT


def test_an_unknown_group_is_made_with_its_label_and_a_known_one_is_used(folder):
    loaded = load(folder)

    assert loaded.new_groups == ["Faculty and Staff"]
    made = UserGroup.objects.get(code="Faculty and Staff")
    assert made.label == "Faculty and Staff"
    assert Patron.objects.get(primary_id="B000001").group == made
    assert Patron.objects.get(primary_id="B000002").group.code == "58"


def test_who_has_no_group_gets_the_default_group(folder):
    institution = provision_institution(code="MAIN", name="Main Library")
    institution.default_user_group = UserGroup.objects.get(code="22")
    institution.save()

    load(folder)

    assert Patron.objects.get(primary_id="B000129").group.code == "22"


def test_a_row_without_any_value_is_skipped_and_its_line_reported(folder):
    loaded = load(folder)

    assert loaded.files[1].skipped_lines == [4]


def test_what_cannot_be_seen_is_taken_out_and_its_lines_reported(folder):
    books = folder / "books.csv"
    lines = books.read_text().splitlines()
    lines[1] = lines[1].replace(",", ",\x98\u202e", 1)
    books.write_text("\n".join(lines) + "\n")

    loaded = load(folder)
    again = load(folder)

    assert (loaded.files[0].cleaned, loaded.files[0].cleaned_lines) == (1, [2])
    assert not Item.objects.filter(title__regex="[\x98\u202e]").exists()
    assert again.files[0].unchanged == loaded.files[0].made, "what was cleaned is the same again"


def test_a_loan_is_out_and_due_at_the_end_of_its_day_in_the_librarys_zone(folder):
    provision_institution(code="WEST", name="West", time_zone="America/Los_Angeles")

    load(folder, institution_code="WEST")

    loan = Loan.objects.get(item__source_id="1")
    assert (loan.patron.primary_id, loan.library.code, loan.returned_at) == ("B000129", "MAIN", None)
    assert loan.loaned_at == datetime(2019, 5, 15, 7, 0, tzinfo=UTC)
    assert loan.due_at == datetime(2024, 7, 1, 6, 59, 59, tzinfo=UTC)


def test_loading_twice_changes_nothing(folder):
    load(folder)
    before = row_counts()

    again = load(folder)

    assert counts(again) == EVERYTHING_THERE
    assert (again.new_groups, row_counts()) == ([], before)


def test_a_dry_run_counts_the_same_and_writes_nothing(folder):
    dry = load(folder, is_dry_run=True)

    assert counts(dry) == EVERYTHING_MADE
    assert dry.new_groups == ["Faculty and Staff"]
    assert row_counts() == [0] * 7


def test_a_dry_run_after_loading_finds_everything_there(folder):
    load(folder)
    before = row_counts()

    assert counts(load(folder, is_dry_run=True)) == EVERYTHING_THERE
    assert row_counts() == before


def test_what_was_changed_here_stays_as_it_is_and_is_reported(folder):
    load(folder)
    Item.objects.filter(source_id="1").update(title="The salt road, corrected")
    Patron.objects.filter(primary_id="B000001").update(group=UserGroup.objects.get(code="22"))
    Loan.objects.filter(item__source_id="1").update(returned_at=AT)

    again = load(folder)

    assert counts(again) == [("books.csv", 0, 3, 1, 0), ("borrowers.csv", 0, 2, 1, 1), ("checkouts.csv", 0, 2, 1, 0)]
    assert Item.objects.get(source_id="1").title == "The salt road, corrected"
    assert Loan.objects.get(item__source_id="1").returned_at == AT


def test_a_group_that_only_a_differing_row_names_is_not_made(folder):
    load(folder)
    path = folder / "borrowers.csv"
    path.write_text(path.read_text().replace("129,NA", "129,Alumni"))
    before = row_counts()

    for is_dry_run in (True, False):
        again = load(folder, is_dry_run=is_dry_run)
        assert (counts(again)[1], again.new_groups) == (("borrowers.csv", 0, 2, 1, 1), [])
    assert row_counts() == before


def test_files_can_be_given_one_by_one_when_what_they_name_is_here(folder):
    load(folder / "books.csv", folder / "borrowers.csv")

    assert counts(load(folder / "checkouts.csv")) == [("checkouts.csv", 3, 0, 0, 0)]


def test_two_institutions_are_loaded_apart(folder):
    load(folder, institution_code="ONE")
    load(folder, institution_code="TWO")

    for code in ("ONE", "TWO"):
        assert Item.objects.filter(institution__code=code).count() == 4
        assert Loan.objects.filter(institution__code=code).count() == 3
        assert Patron.objects.filter(institution__code=code, primary_id="B000129").count() == 1


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read(folder):
    path = folder / "borrowers.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert counts(load(folder)) == EVERYTHING_MADE


def test_another_librarys_csv_needs_a_mapping_and_no_code(folder):
    (folder / "leser.csv").write_text(
        "Nummer,Name,Vorname,Mail,Karte,Gruppe,Ablauf\n"
        "S-1,Moreau-Kant,Élodie,elodie@example.org,4711,Studierende,31.12.2026\n"
        "S-2,Özil,-,-,-,-,-\n",
        encoding="utf-8",
    )
    (folder / "medien.csv").write_text("Id,Strichcode,Titel,Preis\nm1,900,Das Meer,12.50\n", encoding="utf-8")
    (folder / "leihen.csv").write_text(
        "Medium,Nummer,von,bis,zurück\nm1,S-1,01.02.2024,01.03.2024,05.03.2024\nm1,S-2,06.03.2024,06.04.2024,-\n",
        encoding="utf-8",
    )
    mapping = write_mapping(
        folder,
        """
        [institution]
        code = "STADT"
        name = "Stadtbibliothek"
        currency = "EUR"
        locale = "de_DE"
        time_zone = "Europe/Berlin"
        [library]
        code = "HAUPT"
        [values]
        none = ["-", ""]
        dates = ["%d.%m.%Y"]
        [items]
        file = "medien.csv"
        columns = { source_id = "Id", barcode = "Strichcode", title = "Titel", price = "Preis" }
        [patrons]
        file = "leser.csv"
        primary_id = "{}"
        default_group = "Gast"
        identifiers = { BARCODE = "Karte" }
        [patrons.columns]
        id = "Nummer"
        last_name = "Name"
        first_name = "Vorname"
        email = "Mail"
        group = "Gruppe"
        expires_on = "Ablauf"
        [loans]
        file = "leihen.csv"
        columns = { item = "Medium", patron = "Nummer", loaned_on = "von", due_on = "bis", returned_on = "zurück" }
        """,
    )

    loaded = load(folder, mapping=mapping)

    patron = Patron.objects.get(primary_id="S-1")
    assert counts(loaded) == [("medien.csv", 1, 0, 0, 0), ("leser.csv", 2, 0, 0, 0), ("leihen.csv", 2, 0, 0, 0)]
    assert (patron.display_name, patron.contacts.get().text, str(patron.expires_on)) == (
        "Moreau-Kant, Élodie",
        "elodie@example.org",
        "2026-12-31",
    )
    assert PatronIdentifier.objects.get().patron == patron
    assert set(NameToken.objects.filter(patron=patron).values_list("token", flat=True)) == {"elodie", "moreau", "kant"}
    assert Patron.objects.get(primary_id="S-2").group.label == "Gast"
    assert Item.objects.get().price_minor == 1250
    assert Loan.objects.get(patron=patron).returned_at == datetime(2024, 3, 4, 23, 0, tzinfo=UTC)
    assert Loan.objects.get(returned_at=None).due_at == datetime(2024, 4, 6, 21, 59, 59, tzinfo=UTC)
    assert counts(load(folder, mapping=mapping)) == [
        ("medien.csv", 0, 1, 0, 0),
        ("leser.csv", 0, 2, 0, 0),
        ("leihen.csv", 0, 2, 0, 0),
    ]
