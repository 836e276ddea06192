"""The activity report says what a patron has and owes."""

from datetime import timedelta

import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.activity_report import activity_report, send_activity_report
from amerce.letters.errors import LetterKindOff, NoAddress
from amerce.letters.models import Letter, LetterSwitch
from tests.charges.acts import Desk
from tests.circulation.lending import lend
from tests.letters.writing import parsed, reach
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def send(library: Library, key: str = "one", role: str = "circulation_desk_operator") -> Letter:
    return send_activity_report(actor=library.staff(role), at=NOON, patron_id=library.patron.pk, form_key=key)


def test_it_has_loans_overdue_loans_and_fines_by_owner(library: Library) -> None:
    # given
    desk = Desk(library)
    desk.charge(1000)
    desk.charge(250, "CARDRENEWAL")
    desk.dispute(desk.charge(700))
    now, late = lend(library), lend(library)
    late.due_at = NOON - timedelta(days=3)
    late.save()

    # when
    report = activity_report(library.operator, library.patron.pk, at=NOON)

    # then
    assert [each.pk for each in report.loans] == [now.pk]
    assert [each.pk for each in report.overdue] == [late.pk]
    assert [(each.owner, each.total_minor) for each in report.owed] == [
        ("Main Library", 1000),
        ("MAIN University", 250),
    ]
    assert report.total_minor == 1250


def test_it_is_sent_once_for_one_form(library: Library) -> None:
    reach(library.patron, "email", "jane@example.org")
    Desk(library).charge(1000)
    loan = lend(library)

    letter = send(library)

    assert send(library).pk == letter.pk
    assert send(library, "two").pk != letter.pk
    assert letter.about == [f"loan:{loan.pk}"]
    text = parsed(bytes(letter.body)).get_body(("plain",))
    assert text is not None
    assert "Total: $10.00" in text.get_content()
    assert "The leopard" in text.get_content()


def test_it_is_refused_without_an_address_a_privilege_or_when_it_is_off(library: Library) -> None:
    with pytest.raises(NoAddress):
        send(library)
    with pytest.raises(NotAllowed):
        send(library, role="auditor")
    reach(library.patron, "email", "jane@example.org")
    LetterSwitch.objects.create(institution=library.institution, kind="ACTIVITY_REPORT", is_on=False)
    with pytest.raises(LetterKindOff):
        send(library)

    assert not Letter.objects.exists()
