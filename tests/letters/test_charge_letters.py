"""Who is charged at the desk is told, where the institution wants it."""

import pytest

from amerce.events.deliver import deliver_next
from amerce.events.models import EventDelivery
from amerce.letters.charge_letters import forget_wanted
from amerce.letters.configure import switch_kind
from amerce.letters.models import Letter
from tests.charges.acts import Desk
from tests.letters.writing import reach
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_it_is_written_once_it_is_turned_on(library: Library) -> None:
    forget_wanted()
    reach(library.patron, "email", "jane@example.org")
    desk = Desk(library)
    desk.charge(1000)
    assert not EventDelivery.objects.exists()

    switch_kind(actor=library.staff("user_administrator"), at=NOON, kind="FEE_CHARGED", is_on=True)
    desk.charge(250)
    while deliver_next(now=NOON.replace(year=2027)):
        pass

    letter = Letter.objects.get()
    assert (letter.kind, letter.subject, letter.to) == ("FEE_CHARGED", "Charged: $2.50", "jane@example.org")
    forget_wanted()
