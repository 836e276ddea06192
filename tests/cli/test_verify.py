import argparse

import pytest

from amerce.charges.pay import pay
from amerce.cli import verify_command
from amerce.cli.main import main
from amerce.ledger.digest import write_digest
from amerce.ledger.models import PatronAccount, Transfer
from tests.ledger.tamper import recompute_chain, tamper
from tests.world import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_a_whole_ledger_is_counted_and_ends_with_zero(library, capsys):
    # given
    fee = library.charge(1000)
    pay(
        actor=library.manager,
        at=NOON,
        patron_id=library.patron.pk,
        fee_ids=[fee.pk],
        amount_minor=250,
        method="CASH",
        form_key="a",
    )

    # when
    code = main(["verify"])

    # then
    assert code == 0
    out, err = capsys.readouterr()
    assert out == (
        "The ledger is whole: 2 transfers, 1 accounts, 1 fees, 1 idempotency records, 27 checks.\n"
        "Trial balance USD 0.00: income -10.00, method 2.50, patron:active 7.50.\n"
    )
    assert err == ""


def test_an_empty_database_is_whole(capsys):
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == (
        "The ledger is whole: 0 transfers, 0 accounts, 0 fees, 0 idempotency records, 27 checks.\n"
    )


def test_the_first_bad_row_is_named_in_one_sentence_and_ends_with_one(library, capsys):
    # given
    fee = library.charge(1000)
    charge = Transfer.objects.get()
    tamper("UPDATE charges_fee SET remaining_minor = 0, status = 'CLOSED', closed_as = 'paid' WHERE id = %s", fee.pk)
    tamper("UPDATE ledger_transfer SET actor_name = 'nobody'")

    # when
    code = main(["verify"])

    # then
    assert code == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"amerce: The ledger is not whole at transfer {charge.pk}: expected hash ")
    assert err.count("\n") == 1
    assert f"fee {fee.pk}" in out
    assert "is whole" not in out


def test_digests_are_checked_when_a_file_is_named(library, tmp_path, capsys):
    # given
    library.charge(1000)
    file = tmp_path / "digests.jsonl"
    write_digest(file, NOON)
    assert main(["verify", "--against", str(file)]) == 0
    assert "28 checks" in capsys.readouterr().out
    tamper("UPDATE ledger_transfer SET actor_name = 'nobody'")
    recompute_chain(PatronAccount.objects.get())

    # when
    without, against = main(["verify"]), main(["verify", "--against", str(file)])

    # then
    assert (without, against) == (0, 1)
    assert "The ledger is not whole at digest of 2026-03-02T12:00:00+00:00 (line 1): expected sha256 " in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("text", "sentence"), [(None, "holds no digest."), ("", "holds no digest."), ("x\n", "line 1 is not a digest.")]
)
def test_a_file_without_digests_is_refused(tmp_path, capsys, text, sentence):
    # given
    file = tmp_path / "digests.jsonl"
    if text is not None:
        file.write_text(text)

    # when
    code = main(["verify", "--against", str(file)])

    # then
    assert code == 1
    assert capsys.readouterr().err == f"amerce: {file} {sentence}\n"


def test_one_institution_is_checked_alone(library, other_library, capsys):
    # given
    library.charge(1000)
    other_library.charge(500)
    tamper("UPDATE ledger_transfer SET actor_name = 'nobody' WHERE institution_id = %s", other_library.institution.pk)

    # then
    assert main(["verify", "--institution", "MAIN"]) == 0
    assert "1 transfers, 1 accounts, 1 fees" in capsys.readouterr().out
    assert main(["verify", "--institution", "OTHER"]) == 1
    assert main(["verify"]) == 1


def test_an_unknown_institution_is_refused(capsys):
    assert main(["verify", "--institution", "NOWHERE"]) == 1
    assert capsys.readouterr().err == "amerce: There is no institution NOWHERE.\n"


def test_an_unknown_option_is_wrong_usage():
    parser = argparse.ArgumentParser()
    verify_command.arguments(parser)
    with pytest.raises(SystemExit) as exit_:
        parser.parse_args(["--everything"])
    assert exit_.value.code == 2
