"""Files that are wrong in every way known: each is one sentence with the position, and costs no memory."""

import tracemalloc
from pathlib import Path

import pytest

from amerce.bursar import parse_file
from amerce.bursar.parse_file import FileRejected, ReadLine
from amerce.bursar.read_file import LinesGone, read_file, read_lines
from amerce.bursar.sentences import rejected
from tests.bursar.desk import XB, payments

GOOD = payments(("ABC32", "10.00"), ("ABC33", " 0.5 "))
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))


def read(tmp_path: Path, content: bytes):  # type: ignore[no-untyped-def]
    path = tmp_path / "file.xml"
    path.write_bytes(content)
    return read_file(path, tmp_path / "file.lines")


def test_what_is_read_are_the_number_and_the_lines(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)

    assert (found.export_number, found.count) == ("77", 2)
    lines, end = read_lines(tmp_path / "file.lines", 0, 1)
    assert lines == [ReadLine("ABC32", "10.00", "USD")]
    assert read_lines(tmp_path / "file.lines", end, 9)[0] == [ReadLine("ABC33", "0.5", "USD")]


@pytest.mark.parametrize("left", [b"", b'["ABC32", "10'])
def test_lines_that_are_not_there_as_they_were_are_told_and_do_not_read_as_none(tmp_path: Path, left: bytes) -> None:
    read(tmp_path, GOOD)
    (tmp_path / "file.lines").write_bytes(left)

    with pytest.raises(LinesGone):
        read_lines(tmp_path / "file.lines", 0, 9)
    (tmp_path / "file.lines").unlink()
    with pytest.raises(LinesGone):
        read_lines(tmp_path / "file.lines", 0, 9)


def test_of_a_file_that_is_refused_no_lines_are_left(tmp_path: Path) -> None:
    with pytest.raises(FileRejected):
        read(tmp_path, GOOD[:-40])

    assert [each.name for each in tmp_path.iterdir()] == ["file.xml"]


def test_the_content_is_the_same_for_the_same_number_and_lines(tmp_path: Path) -> None:
    first = read(tmp_path, GOOD)
    spaced = read(tmp_path, GOOD.replace(b"><", b">\n\t<"))
    other = read(tmp_path, GOOD.replace(b"<xb:exportNumber>77", b"<xb:exportNumber>78"))

    assert first.content == spaced.content != other.content
    assert first.sha256 != spaced.sha256


@pytest.mark.parametrize(
    ("content", "reason", "sentence"),
    [
        (b"", "malformed", "line 1, column 1"),
        (b"no xml at all", "malformed", "line 1, column 1"),
        (b"<", "malformed", "line 1, column"),
        (b"<a>", "root", "“a” at line 1"),
        (b"<broken", "root", "“broken” at line 1"),
        (GOOD[:60], "malformed", "line 2, column"),
        (GOOD[:-40], "malformed", "line 2, column"),
        (GOOD.replace(b"</xb:sum>", b"</xb:summ>", 1), "malformed", "line 2, column"),
        (GOOD.replace(XB.encode(), b"http://example.org/other"), "namespace", "“http://example.org/other” at line 2"),
        (b"<html/>", "root", "“html” at line 1"),
        (GOOD.replace(b"ABC32", b"\xff\xfe"), "encoding", "line 2, column"),
        (GOOD.replace(b'"UTF-8"', b'"no-such"'), "encoding", "line 1, column"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]><x>&l9;</x>", "doctype", "line 2"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "doctype", "line 1"),
        (payments(), "empty", "no payment"),
        (GOOD.replace(b"ABC32", b"9" * 200), "long", "line 2"),
        (f'<xb:xml-fragment xmlns:xb="{XB}">'.encode() + b"<a>" * 300, "depth", "line 1"),
        (GOOD.replace(b"</xb:sum>", b"</xb:sum>\n<xb:sum>1000</xb:sum>", 1), "unclear", "At line 3 a value"),
        (GOOD.replace(b">10.00<", b">10<xb:a/>.00<"), "unclear", "At line 2 a value"),
        (GOOD.replace(b"<xb:compositeSum>", b"<xb:compositeSum/><xb:compositeSum>", 1), "unclear", "twice"),
        (GOOD.replace(b"</xb:userFineFee>", b"<xb:bursarTransactionId>B</xb:bursarTransactionId></xb:userFineFee>", 1),
         "unclear", "twice"),
        (GOOD.replace(b"</xb:exportNumber>", b"</xb:exportNumber><xb:exportNumber>78</xb:exportNumber>"),
         "unclear", "twice"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_one_sentence_with_the_position(
    tmp_path: Path, content: bytes, reason: str, sentence: str
) -> None:
    with pytest.raises(FileRejected) as refused:
        read(tmp_path, content)

    said = rejected(refused.value.reason, refused.value.data)
    assert (refused.value.reason, sentence in said, said.count("\n")) == (reason, True, 0)


@pytest.mark.parametrize(
    "kind", ["<n{}/>", "<n n{}=''/>", "<n xmlns='{}'/>", "<n xmlns:n{} = ''/>", '<n a=">" n{}=""/>', "<?n{}?>"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_of_names_that_nobody_knows_is_refused_before_they_fill_the_memory(
    tmp_path: Path, kind: str, encoding: str
) -> None:
    path = tmp_path / "names.xml"
    with path.open("w", encoding=encoding) as out:
        out.write(f'<xb:xml-fragment xmlns:xb="{XB}">')
        for fee in range(40):
            names = "".join(kind.format(f"{fee}.{number}") for number in range(10_000))
            out.write(f"<xb:userFineFee>{names}</xb:userFineFee>")
        out.write("</xb:xml-fragment>")

    with pytest.raises(FileRejected) as refused:
        read_file(path, tmp_path / "names.lines")

    assert refused.value.reason == "names"


def test_names_of_one_long_tag_are_seen_too(tmp_path: Path) -> None:
    tag = "<n " + " ".join(f"n{each}=''" for each in range(80_000)) + "/>"

    with pytest.raises(FileRejected) as refused:
        read(tmp_path, f'<xb:xml-fragment xmlns:xb="{XB}">{tag * 8}</xb:xml-fragment>'.encode())

    assert refused.value.reason in ("names", "nothing")


def test_what_looks_like_a_name_in_a_text_is_none_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse_file, "_LOOKED_AT", 1)
    lines = GOOD.split(b"<xb:userFineFee>", 1)
    titles = "".join(
        f"<xb:userFineFee><xb:itemTitle>w{each}='1' &lt;a{each} b{each}=\"{each}\"&gt; https://x/?y{each}=z</xb:itemTitle>"
        f"<xb:vat xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'/></xb:userFineFee><!--c{each}-->"
        for each in range(20_000)
    ).encode()

    assert read(tmp_path, lines[0] + titles + b"<xb:userFineFee>" + lines[1]).count == 20_002


def test_values_and_comments_are_no_names_however_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse_file, "_LOOKED_AT", 1)
    count = 2 * parse_file._NAMES_LIMIT
    said = payments(*((f"LU{number:08}", "1") for number in range(count)))
    written = (
        said.replace(b">LU", b"><!--no.-->LU")
        .replace(b">LU", b"><![CDATA[LU")
        .replace(b"</xb:bursarTransactionId>", b"]]></xb:bursarTransactionId>")
    )

    found = read(tmp_path, written)

    assert (found.count, found.content) == (count, read(tmp_path, said).content)


@pytest.mark.parametrize("encoding", ["UTF-7", "EUC-JP"])
def test_an_encoding_in_which_names_could_hide_is_refused_by_its_name(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(FileRejected) as refused:
        read(tmp_path, GOOD.decode().replace("UTF-8", encoding).encode(encoding))

    said = rejected(refused.value.reason, refused.value.data)
    assert f"its encoding is “{encoding}”. It is taken in UTF-8" in said


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-16", "iso-8859-15", "Windows-1252", "us-ascii"])
def test_an_encoding_of_the_west_is_taken(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, GOOD.decode().replace("UTF-8", encoding).encode(encoding)).count == 2


@pytest.mark.parametrize("before", [b"", b"<xb:a>", b'<?xml version="1.0"?>'])
def test_a_gigabyte_of_spaces_is_refused_after_the_first_megabytes(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "spaces.xml"
    root = f'<xb:xml-fragment xmlns:xb="{XB}">'.encode() if before == b"<xb:a>" else b""
    with path.open("wb") as out:
        out.write(root + before)
        for _ in range(64):
            out.write(b" " * (1 << 24))
        out.truncate(1 << 30)

    tracemalloc.start()
    with pytest.raises(FileRejected) as refused:
        read_file(path, tmp_path / "lines")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (refused.value.reason in ("nothing", "malformed"), peak < 20_000_000) == (True, True)


def test_a_file_larger_than_any_is_not_read_at_all(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    with path.open("wb") as out:
        out.truncate((1 << 30) + 1)

    with pytest.raises(FileRejected) as refused:
        read_file(path, tmp_path / "lines")

    assert rejected(refused.value.reason, refused.value.data).startswith("The file is larger than 1024 megabytes")
