import pytest

from amerce.transfer_in.csv.mapping import read_mapping
from amerce.transfer_in.outcome import ImportRefused

PATRONS = '[patrons]\nfile = "b.csv"\ncolumns = { id = "id" }\n'


def test_the_mapping_that_comes_with_amerce_is_read():
    mapping = read_mapping()

    assert [file.name for file in mapping.files] == ["books.csv", "borrowers.csv", "checkouts.csv"]
    assert mapping.primary_id_of("129") == "B000129"
    assert mapping.none == {"", "NA"}
    assert str(mapping.day("2024-06-30T23:30:00Z")) == str(mapping.day("2024-06-30")) == "2024-06-30"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[patrons", "The mapping m.toml is not TOML: "),
        ("", "The mapping m.toml, key items: no file is described."),
        (PATRONS + "[fines]\n", "The mapping m.toml, key fines: nobody knows this key."),
        (PATRONS + 'pattern = "x"\n', "The mapping m.toml, key patrons.pattern: nobody knows this key."),
        ("patrons = 1\n", "The mapping m.toml, key patrons: a section in brackets is needed."),
        ('[patrons]\nfile = "b.csv"\n', "The mapping m.toml, key patrons.columns.id: it is needed."),
        ('[patrons]\ncolumns = { id = "id" }\n', "The mapping m.toml, key patrons.file: a file name without"),
        (
            '[patrons]\nfile = "../b.csv"\ncolumns = { id = "id" }\n',
            "The mapping m.toml, key patrons.file: a file name without",
        ),
        (
            PATRONS + 'primary_id = "{0.__class__}"\n',
            "The mapping m.toml, key patrons.primary_id: it is written as “B{:06}” or “{}”.",
        ),
        (
            PATRONS + '[values]\ndates = ["%Y %Y"]\n',
            "The mapping m.toml, key values.dates: %Y %Y is no format of a date.",
        ),
        (PATRONS + "[values]\nnone = 1\n", "The mapping m.toml, key values.none: a list of texts is needed."),
        (PATRONS + '[institution]\ncurrency = "XXY"\n', "The mapping m.toml, key institution.currency: “XXY” is not"),
        (PATRONS + '[institution]\nlocale = "xx_YY"\n', "The mapping m.toml, key institution.locale: “xx_YY” is not"),
        (
            PATRONS + '[institution]\ntime_zone = "Mars/Base"\n',
            "The mapping m.toml, key institution.time_zone: “Mars/Base” is not known.",
        ),
        (PATRONS + '[library]\ncode = ""\n', "The mapping m.toml, key library.code: 1 to 60 characters are needed."),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_by_the_name_of_the_key(tmp_path, text, sentence):
    path = tmp_path / "m.toml"
    path.write_text(text)

    with pytest.raises(ImportRefused) as refusal:
        read_mapping(path)

    assert str(refusal.value).replace(str(path), "m.toml").startswith(sentence)


def test_a_mapping_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ImportRefused) as refusal:
        read_mapping(tmp_path / "m.toml")

    assert str(refusal.value) == f"The mapping {tmp_path}/m.toml cannot be read."
