import pytest

from amerce.charges.assess import assess
from amerce.charges.errors import OwnerUnknown
from amerce.charges.models import Fee
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NameTaken, OutOfDate, RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import Desk, Library
from amerce.institutions.queries import open_desks, open_libraries
from amerce.institutions.save_desk import DeskFacts, save_desk
from tests.circulation.configuring import nothing_configured
from tests.world import NOON

pytestmark = pytest.mark.django_db
SYSTEM = "general_system_administrator"


def test_a_desk_is_added_renamed_and_closed_and_stays_in_its_library(library):
    actor = library.staff(SYSTEM)
    law = Library.objects.create(institution=library.institution, code="LAW", name="Law")
    facts = DeskFacts(library_id=library.library.pk, code="DESK2", name="Reserves")
    row = save_desk(actor=actor, at=NOON, facts=facts).row_id

    after = DeskFacts(library_id=law.pk, code="X", name="Reading room", is_active=False)
    save_desk(actor=actor, at=NOON, facts=after, desk_id=row)

    kept = Desk.objects.get(pk=row)
    assert (kept.library, kept.code, kept.name, kept.is_active) == (library.library, "DESK2", "Reading room", False)
    assert Event.objects.filter(name="desk.changed").last().data == {  # type: ignore[union-attr]
        "row": row,
        "before": {"library_id": library.library.pk, "code": "DESK2", "name": "Reserves", "is_active": True},
        "after": {"library_id": library.library.pk, "code": "DESK2", "name": "Reading room", "is_active": False},
    }


def test_a_code_and_a_name_are_a_desks_own_within_its_library(library):
    actor = library.staff(SYSTEM)
    law = Library.objects.create(institution=library.institution, code="LAW", name="Law")

    save_desk(actor=actor, at=NOON, facts=DeskFacts(library_id=law.pk, code="DESK1", name="Circulation Desk 1"))
    for code, name in (("desk1", "Other"), ("OTHER", "circulation desk 1")):
        with nothing_configured(), pytest.raises(NameTaken):
            save_desk(actor=actor, at=NOON, facts=DeskFacts(library_id=library.library.pk, code=code, name=name))


def test_what_cannot_be_is_refused(library, other_library):
    actor, desk = library.staff(SYSTEM), library.desk.pk
    facts = DeskFacts(library_id=library.library.pk, code="NEW", name="New")

    with nothing_configured(), pytest.raises(ChoiceUnknown):
        save_desk(actor=actor, at=NOON, facts=DeskFacts(library_id=other_library.library.pk, code="N", name="N"))
    with nothing_configured(), pytest.raises(NameMissing):
        save_desk(actor=actor, at=NOON, facts=DeskFacts(library_id=library.library.pk, code="NEW", name=""))
    with nothing_configured(), pytest.raises(OutOfDate):
        save_desk(actor=actor, at=NOON, facts=facts, desk_id=desk, expected_stamp=stamp_of("before"))
    with nothing_configured(), pytest.raises(RowNotFound):
        save_desk(actor=actor, at=NOON, facts=facts, desk_id=other_library.desk.pk)


def test_a_desk_is_open_while_its_library_is(library):
    institution = library.institution.pk
    closed = Desk.objects.create(
        institution=library.institution, library=library.library, code="OLD", name="Old", is_active=False
    )

    assert list(open_desks(institution)) == [library.desk] and closed not in open_desks(institution)
    Library.objects.update(is_active=False)
    assert not open_desks(institution).exists() and not open_libraries(institution).exists()


def test_a_closed_library_owns_nothing_new_that_is_charged_by_hand(library):
    law = Library.objects.create(institution=library.institution, code="LAW", name="Law", is_active=False)

    with pytest.raises(OwnerUnknown):
        assess(
            actor=library.manager,
            at=NOON,
            patron_id=library.patron.pk,
            type_code="OTHER",
            amount_minor=100,
            owner_library_id=law.pk,
        )
    assert not Fee.objects.exists()
