"""A proxy borrows on the record of the other, and the event says who came (row F1)."""

from datetime import timedelta

import pytest

from amerce.charges.models import Fee
from amerce.circulation.checkout import checkout
from amerce.circulation.errors import NotProxy
from amerce.circulation.models import Item, Loan, Request, TermsOfUse
from amerce.circulation.place_request import place_request
from amerce.circulation.renew import renew
from amerce.circulation.return_item import return_item
from amerce.events.models import Event
from amerce.patrons.models import Patron, Proxy
from tests.charges.checks import nothing_written
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


@pytest.fixture
def item(library: Library) -> Item:
    return library.new_item(barcode="390070001")


@pytest.fixture
def proxy(library: Library) -> Patron:
    """May borrow for the library's one patron."""
    proxy = library.new_patron("helper", last_name="Helper")
    Proxy.objects.create(
        institution=library.institution, patron=library.patron, proxy=proxy, created_at=NOON, created_by="Operator"
    )
    return proxy


def lend(library: Library, *, patron: Patron, proxy_id: int) -> None:
    checkout(actor=library.operator, at=NOON, patron_id=patron.pk, barcode="390070001", proxy_id=proxy_id)


def test_the_loan_and_its_fine_are_the_patrons_and_the_event_says_who_came(library, item, proxy):
    TermsOfUse.objects.update(overdue_rate_minor=25)
    lend(library, patron=library.patron, proxy_id=proxy.pk)
    return_item(actor=library.operator, at=NOON + timedelta(days=30), barcode=item.barcode)

    told = Event.objects.get(name="loan.checked_out")
    assert (told.patron_id, told.data["proxy"]) == (library.patron.pk, proxy.pk)
    assert Loan.objects.get().patron_id == library.patron.pk
    assert (Fee.objects.get().patron_id, Fee.objects.get().original_minor) == (library.patron.pk, 50)


def test_a_renewal_and_a_request_say_who_came(library, item, proxy):
    lend(library, patron=library.patron, proxy_id=proxy.pk)
    whose = {"actor": library.operator, "at": NOON, "patron_id": library.patron.pk, "proxy_id": proxy.pk}
    renew(**whose, loan_ids=[Loan.objects.get().pk])
    place_request(**whose, barcode=library.new_item().barcode, pickup_library_id=library.library.pk)

    assert Event.objects.get(name="loan.renewed").data["proxy"] == proxy.pk
    assert Event.objects.get(name="request.placed").data["proxy"] == proxy.pk
    assert Request.objects.get().patron_id == library.patron.pk


def test_who_is_no_proxy_of_the_patron_borrows_nothing_for_them(library, other_library, item, proxy):
    stranger = library.new_patron("stranger")
    for patron, came in ((library.patron, stranger), (proxy, library.patron), (library.patron, other_library.patron)):
        with nothing_written(), pytest.raises(NotProxy) as refused:
            lend(library, patron=patron, proxy_id=came.pk)
        assert (refused.value.patron_id, refused.value.proxy_id) == (patron.pk, came.pk)

    assert not Loan.objects.exists()


@pytest.mark.parametrize("columns", [{"status": "inactive"}, {"expires_on": NOON.date() - timedelta(days=1)}])
def test_a_proxy_with_an_inactive_or_expired_record_borrows_nothing(library, item, proxy, columns):
    Patron.objects.filter(pk=proxy.pk).update(**columns)

    with nothing_written(), pytest.raises(NotProxy):
        lend(library, patron=library.patron, proxy_id=proxy.pk)


def test_a_proxy_may_borrow_until_the_last_day_of_the_record(library, item, proxy):
    Patron.objects.filter(pk=proxy.pk).update(expires_on=NOON.date())

    lend(library, patron=library.patron, proxy_id=proxy.pk)

    assert Loan.objects.get().patron_id == library.patron.pk
