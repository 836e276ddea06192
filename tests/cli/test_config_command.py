"""``amerce config``: what a systems librarian reads on the terminal."""

from pathlib import Path

import pytest

from amerce.circulation.models import TermsOfUse
from amerce.cli.main import main
from tests.circulation.configuring import nothing_configured
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(library: Library, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Path:
    """The configuration as it was dumped."""
    assert main(["config", "dump"]) == 0
    path = tmp_path / "amerce.yaml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    return path


def test_a_file_is_checked_first_and_loaded_then(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("overdue_rate: 0.25", "overdue_rate: 0.30"))
    told = ["  terms_of_use Standard loan", '      overdue_rate: "0.25" -> "0.30"']

    with nothing_configured():
        assert main(["config", "load", "--dry-run", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [*told, "1 change. Nothing was written."]

    assert main(["config", "load", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [*told, "1 change made."]
    assert TermsOfUse.objects.get().overdue_rate_minor == 30

    assert main(["config", "load", str(file)]) == 0
    assert capsys.readouterr().out == "Nothing to change: all of it is so already.\n"


def test_secrets_that_no_file_holds_are_asked_for_with_their_page(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "amerce.yaml"
    path.write_text(
        """amerce_configuration: 1
bursar_profiles:
- {code: SIS, name: Student accounts, destination: sftp, host: sis.example, username: amerce, secret_name: vault 7}
- {code: HERE, name: By hand}
letters: {sms_url: 'https://sms.example/send'}
webhooks:
- {name: Campus, url: 'https://hooks.example/in', events: [fee.paid]}
""",
        encoding="utf-8",
    )
    asked = [
        "The token of the SMS gateway https://sms.example/send is missing. "
        "Enter it at Configuration > Letter Settings.",
        "The password or private key of the bursar profile Student accounts, vault 7, is missing. "
        "Enter it at Configuration > Bursar Profiles > Student accounts.",
        "Nobody has seen the secret of the webhook Campus. Renew it at Configuration > Webhooks > Campus, "
        "and enter it at the server that is told.",
    ]

    assert main(["config", "load", str(path)]) == 0

    told = capsys.readouterr().out.splitlines()
    assert told[told.index("4 changes made.") + 1 :] == asked
    assert main(["config", "load", str(path)]) == 0
    assert capsys.readouterr().out == "Nothing to change: all of it is so already.\n"


def test_faults_are_told_by_line_and_nothing_is_changed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("amerce_configuration: 1\nterm_of_use: []\n")

    with nothing_configured():
        assert main(["config", "load", str(file)]) == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "amerce: Line 2: The file knows no “term_of_use”. Did you mean “terms_of_use”?",
        "Nothing was changed.",
    ]


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file or directory."), (b"\xff\xfe", "UTF-8.")])
def test_what_cannot_be_read_is_said(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, reason: str
) -> None:
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_bytes(content)

    assert main(["config", "load", str(path)]) == 1

    assert capsys.readouterr().err.rstrip().endswith(reason)


def test_explain_names_every_part(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "explain"]) == 0

    assert "| overdue_rate | an amount such as 12.50 | 0.00 | For each begun overdue_unit of lateness. |" in (
        capsys.readouterr().out.splitlines()
    )
