"""Deleting a patron leaves nothing that says who it was, whatever of money or loans has to stay."""

import pytest

from amerce.circulation.delete_patron import Deleted, delete_patron
from amerce.institutions.models import Printer
from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from amerce.letters.models import Letter, PrintBatch
from amerce.patrons.models import Patron
from tests.charges.acts import Desk
from tests.jobs.running import run
from tests.letters.writing import reach, write_one
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def delete(library: Library) -> Deleted:
    actor = library.staff("user_manager", at_desk=False)
    return delete_patron(actor=actor, at=NOON, patron_id=library.patron.pk)


def test_a_record_with_letters_alone_is_deleted_as_a_whole(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    letter = write_one(library, kind="ACTIVITY_REPORT")

    assert delete(library) == Deleted(library.patron.pk, is_erased=False)

    assert not Patron.objects.filter(pk=library.patron.pk).exists()
    letter.refresh_from_db()
    assert (letter.patron_id, letter.erased_at, letter.state) == (None, NOON, "done")


def test_letters_say_no_more_who_it_was_when_money_keeps_the_record(library: Library) -> None:
    # given
    reach(library.patron, "email", "jane@example.org")
    desk = Desk(library)
    desk.pay(desk.charge(500))
    printer = Printer.objects.create(institution=library.institution, code="P", name="Office", queue="lp")
    write_one(library, kind="PAYMENT_RECEIPT", key="a")
    write_one(library, key="b", channels=("print",), printer_id=printer.pk)
    run(library, "print-letters")
    Letter.objects.filter(key="a").update(state="sent", error="550 <jane@example.org> is unknown", sent_at=NOON)
    other = library.new_patron("kim")
    kept = write_one(library, key="c", patron_id=other.pk)

    # when
    assert delete(library) == Deleted(library.patron.pk, is_erased=True)

    # then
    for letter in Letter.objects.exclude(pk=kept.pk):
        said = (letter.patron_id, letter.to, letter.subject, letter.error, letter.facts, letter.about, letter.pdf)
        assert said == (None, "", "", "", {}, [], None)
        assert (bytes(letter.body), letter.erased_at) == (b"", NOON)
    assert list(Letter.objects.order_by("key").values_list("state", flat=True)) == ["sent", "done", "no_address"]
    assert bytes(PrintBatch.objects.get().pdf) == b""
    assert "Jane" not in str(list(Letter.objects.exclude(pk=kept.pk).values()))
    assert Transfer.objects.filter(account__patron=library.patron.pk).count() == 2
    assert verify().findings == []
