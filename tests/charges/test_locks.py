import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from amerce.charges.errors import FeeNotFound
from amerce.charges.locks import lock_account, lock_fees
from amerce.ledger.models import PatronAccount
from amerce.patrons.queries import PatronNotFound
from tests.charges.acts import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_the_account_is_made_when_the_patron_is_first_charged(desk: Desk) -> None:
    assert not PatronAccount.objects.exists()

    desk.charge(100)

    assert PatronAccount.objects.get().patron_id == desk.patron.pk


def test_an_account_is_locked_only_for_a_patron_of_this_institution(desk: Desk) -> None:
    for patron_id in (0, desk.patron.pk + 1, 2**63):
        with pytest.raises(PatronNotFound), transaction.atomic():
            lock_account(desk.library.institution.pk, patron_id)

    assert not PatronAccount.objects.exists()


@pytest.mark.parametrize("fee_id", [0, 1, 2**63 - 1, 2**63], ids=["zero", "nobody's", "highest", "higher"])
def test_a_fee_that_there_is_not_is_not_found_whatever_its_number(desk: Desk, fee_id: int) -> None:
    with pytest.raises(FeeNotFound) as refusal, transaction.atomic():
        lock_fees(desk.library.institution.pk, desk.patron.pk, [fee_id], None)

    assert refusal.value.fee_id == fee_id


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks the whole database at BEGIN")
def test_the_account_is_locked_before_the_fees_and_they_by_id(desk: Desk) -> None:
    fees = [desk.charge(100, days_ago=days) for days in (1, 5, 3)]

    with CaptureQueriesContext(connection) as captured:
        desk.pay(*reversed(fees))

    locks = [each["sql"] for each in captured if "FOR UPDATE" in each["sql"]]
    assert ["patronaccount" in locks[0], "charges_fee" in locks[1]] == [True, True]
    assert 'ORDER BY "charges_fee"."id" ASC' in locks[1]
