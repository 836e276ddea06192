from dataclasses import replace

import pytest

from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameTaken, RowNotFound, TextTooLong
from amerce.institutions.models import Printer
from amerce.institutions.save_printer import EmailNotTaken, PrinterFacts, PrinterNotReached, save_printer
from tests.circulation.configuring import nothing_configured
from tests.world import NOON

pytestmark = pytest.mark.django_db
SYSTEM = "general_system_administrator"
FACTS = PrinterFacts(code="FRONT", name="Front desk", email="front@library.example")


def test_a_printer_is_added_and_changed_with_its_code_as_it_was(library):
    actor = library.staff(SYSTEM)
    row = save_printer(actor=actor, at=NOON, facts=FACTS).row_id

    after = PrinterFacts(code="X", name="Back room", library_id=library.library.pk, queue="lp-back", is_active=False)
    save_printer(actor=actor, at=NOON, facts=after, printer_id=row)

    kept = Printer.objects.get(pk=row)
    assert PrinterFacts.of(kept) == replace(after, code="FRONT")
    assert (kept.updated_by, kept.updated_at) == (actor.name, NOON)
    assert Event.objects.filter(name="printer.changed").count() == 2
    with nothing_configured():
        assert not save_printer(actor=actor, at=NOON, facts=after, printer_id=row).is_changed


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"email": ""}, PrinterNotReached),
        ({"queue": "lp"}, PrinterNotReached),
        ({"email": "front"}, EmailNotTaken),
        ({"email": "x" * 250 + "@a.example"}, TextTooLong),
        ({"email": "", "queue": "x" * 201}, TextTooLong),
        ({"library_id": 10**9}, ChoiceUnknown),
    ],
)
def test_what_cannot_be_is_refused(library, said, error):
    actor = library.staff(SYSTEM)

    with nothing_configured(), pytest.raises(error):
        save_printer(actor=actor, at=NOON, facts=replace(FACTS, **said))


def test_names_are_its_own_and_rows_the_institutions(library, other_library):
    actor = library.staff(SYSTEM)
    theirs = save_printer(actor=other_library.staff(SYSTEM), at=NOON, facts=FACTS).row_id
    save_printer(actor=actor, at=NOON, facts=FACTS)

    with nothing_configured(), pytest.raises(NameTaken):
        save_printer(actor=actor, at=NOON, facts=replace(FACTS, code="front", name="Other"))
    with nothing_configured(), pytest.raises(RowNotFound):
        save_printer(actor=actor, at=NOON, facts=FACTS, printer_id=theirs)
