"""Manage Item Returns, and the return of one loan from the patron's list."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amerce.charges.models import Fee, FeeType
from amerce.circulation.models import Loan, Request, TermsOfUse
from amerce.web.returns import late_by
from tests.charges.acts import Desk as ChargingDesk
from tests.circulation.lending import lend
from tests.web.account import Desk, field_value, open_record, text, words
from tests.world import Library

pytestmark = pytest.mark.django_db
SCAN = {"HX-Request": "true", "HX-Target": "returns"}


@pytest.fixture
def client(sign_in: Callable[..., Client], library: Library) -> Client:
    TermsOfUse.objects.filter(institution=library.institution).update(overdue_rate_minor=150, grace_minutes=0)
    return sign_in("circulation_desk_operator")


@pytest.fixture
def manager(client: Client, sign_in: Callable[..., Client]) -> Client:
    return sign_in("circulation_desk_manager")


def late(library: Library, title: str = "Pnin", *, days: int = 2) -> Loan:
    return lend(
        library, item=library.new_item(title), due_at=timezone.now() - timedelta(days=days) + timedelta(hours=1)
    )


def scan(client: Client, loan: Loan, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/returns/", {"barcode": loan.item.barcode, **more}, headers=SCAN)


def test_a_scan_returns_the_item_at_this_desk_and_says_what_it_cost(client: Client, library: Library) -> None:
    loan = late(library)

    answer = scan(client, loan)

    back = Loan.objects.get(pk=loan.pk)
    assert back.returned_at is not None
    assert back.returned_desk == library.desk
    said = words(answer)
    assert "Returned: Pnin. Late by " in said
    assert "charged $3.00." in said
    assert "Doe, Jane jdoe" in said


def test_what_the_nightly_job_charged_is_part_of_the_fine_that_is_said(client: Client, library: Library) -> None:
    loan = late(library, days=3)
    ChargingDesk(library).accrue(loan, 300)

    said = words(scan(client, loan))

    assert "Returned: Pnin. Late by 3 days, charged $4.50." in said
    assert "$4.50 $1.50 of it now" in said


@pytest.mark.parametrize(
    ("due", "returned", "said"),
    [
        (datetime(2026, 11, 27, 0, 12, tzinfo=UTC), datetime(2026, 11, 29, 23, 12, tzinfo=UTC), "3 days"),
        (datetime(2026, 11, 27, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 28, 9, 0, tzinfo=UTC), "1 day"),
        (datetime(2026, 11, 27, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 29, 0, 0, tzinfo=UTC), "1 day"),
        (datetime(2026, 11, 27, 20, 0, tzinfo=UTC), datetime(2026, 11, 28, 1, 30, tzinfo=UTC), "5 hours"),
        (datetime(2026, 11, 27, 20, 0, tzinfo=UTC), datetime(2026, 11, 27, 20, 0, 30, tzinfo=UTC), "1 minute"),
        (datetime(2026, 11, 27, 20, 0, tzinfo=UTC), datetime(2026, 11, 27, 20, 0, tzinfo=UTC), ""),
    ],
)
def test_how_late_is_told_in_the_days_that_a_fine_counts(
    library: Library, due: datetime, returned: datetime, said: str
) -> None:
    assert late_by(Loan(due_at=due, returned_at=returned), library.institution) == said


def test_a_return_dated_back_says_what_it_took_back(sign_in: Callable[..., Client], library: Library) -> None:
    loan = late(library, days=3)
    ChargingDesk(library).accrue(loan, 300)
    in_time = loan.due_at - timedelta(hours=2)

    said = words(scan(sign_in("circulation_desk_manager"), loan, returned_at=in_time.strftime("%Y-%m-%dT%H:%M")))

    assert "Returned: Pnin. Returns of this session" in said
    assert "in time $3.00 taken back" in said


def test_the_list_is_of_this_session_and_a_new_one_begins_from_the_menu(client: Client, library: Library) -> None:
    first, second = late(library, "Pnin"), late(library, "Stoner")
    since = field_value(text(client.get("/returns/")), "since")

    scan(client, first, since=since)
    both = words(scan(client, second, since=since))
    anew = words(client.get("/returns/"))

    assert both.index("Stoner", both.index("Waits for it next")) < both.index("Pnin", both.index("Waits for it next"))
    assert "Pnin" not in anew
    assert "Pnin" in words(client.get(f"/returns/?since={since}"))


def test_who_waits_for_it_next_is_said(manager: Client, library: Library) -> None:
    loan = late(library)
    for number, name in enumerate(("First", "Second")):
        Request.objects.create(
            institution=library.institution,
            patron=library.new_patron(name, first_name=name, last_name="Waiting"),
            item=loan.item,
            pickup=library.library,
            placed_at=timezone.now() - timedelta(days=5 - number),
        )

    said = words(scan(manager, loan))

    assert "Returned: Pnin. Requested: put it on the hold shelf of Main Library for Waiting, First." in said
    assert "Waiting, Second" not in said


def test_who_waits_is_named_only_to_those_with_the_clearance_for_names(client: Client, library: Library) -> None:
    loan = late(library)
    waiting = library.new_patron("W1", first_name="First", last_name="Waiting")
    Request.objects.create(
        institution=library.institution,
        patron=waiting,
        item=loan.item,
        pickup=library.library,
        placed_at=loan.loaned_at,
    )
    back, again = words(scan(client, loan)), words(scan(client, loan))

    assert "Returned: Pnin. Requested: put it on the hold shelf of Main Library for another patron." in back
    assert "not on loan. Requested: put it on the hold shelf of Main Library for another patron." in again
    assert "Waiting, First" not in back + again


def test_what_nobody_knows_is_refused_at_the_field(client: Client, library: Library) -> None:
    answer = client.post("/returns/", {"barcode": "nothing"}, headers=SCAN)

    assert answer.status_code == 422
    assert "No item has the barcode nothing." in words(answer)
    assert 'data-refused="nothing"' in text(answer)


def test_what_is_not_on_loan_is_refused(client: Client, library: Library) -> None:
    answer = client.post("/returns/", {"barcode": library.new_item().barcode}, headers=SCAN)

    assert answer.status_code == 422
    assert "is not on loan" in words(answer)


def test_who_waits_for_what_is_not_on_loan_is_said(manager: Client, library: Library) -> None:
    item = library.new_item("Pnin")
    Request.objects.create(
        institution=library.institution,
        patron=library.patron,
        item=item,
        pickup=library.library,
        placed_at=timezone.now(),
    )

    answer = manager.post("/returns/", {"barcode": item.barcode}, headers=SCAN)

    assert answer.status_code == 422
    said = "This item is not on loan. Requested: put it on the hold shelf of Main Library for Doe, Jane."
    assert said in words(answer)


def test_a_card_opens_its_record(client: Client, library: Library) -> None:
    answer = client.post("/returns/", {"barcode": "JDOE"}, headers=SCAN)

    assert answer["HX-Redirect"] == f"/patron-services/{library.patron.pk}/"


def test_only_who_may_backdate_is_asked_when(client: Client, sign_in: Callable[..., Client], library: Library) -> None:
    manager = sign_in("circulation_desk_manager")
    assert "returned_at" not in text(client.get("/returns/"))
    assert "returned_at" in text(manager.get("/returns/"))
    loan = late(library, days=3)
    in_time = (loan.due_at - timedelta(hours=1)).astimezone(library.institution.zone)

    assert scan(client, loan, returned_at=in_time.strftime("%Y-%m-%dT%H:%M")).status_code == 403
    answer = scan(manager, loan, returned_at=in_time.strftime("%Y-%m-%dT%H:%M"))

    assert answer.status_code == 200
    assert "Returned: Pnin." in words(answer)
    assert "in time" in words(answer)
    assert Loan.objects.get(pk=loan.pk).returned_at == in_time.replace(second=0, microsecond=0)


@pytest.mark.parametrize("typed", ["yesterday", "2026-13-40T10:00"])
def test_a_moment_that_is_none_is_refused(sign_in: Callable[..., Client], library: Library, typed: str) -> None:
    loan = late(library)

    answer = scan(sign_in("circulation_desk_manager"), loan, returned_at=typed)

    assert answer.status_code == 422
    assert "Write the date and the time, or leave the field empty." in words(answer)
    assert Loan.objects.get(pk=loan.pk).returned_at is None


def test_a_moment_to_come_is_refused(sign_in: Callable[..., Client], library: Library) -> None:
    loan = late(library)

    answer = scan(sign_in("circulation_desk_manager"), loan, returned_at="2999-01-01T10:00")

    assert answer.status_code == 422
    assert Loan.objects.get(pk=loan.pk).returned_at is None


def test_a_row_of_the_loans_returns_that_loan(sign_in: Callable[..., Client], library: Library) -> None:
    desk: Desk = open_record(sign_in, library, "circulation_desk_operator")
    kept, brought = late(library, "Stoner"), late(library, "Pnin")

    answer = desk.post("returns/", {"only": brought.pk, "loan": [kept.pk]}, follow=True)

    assert "Returned: Pnin." in words(answer)
    assert Loan.objects.get(pk=kept.pk).returned_at is None
    assert Loan.objects.get(pk=brought.pk).returned_at is not None


def test_a_row_of_an_old_list_returns_nobody_elses_loan(sign_in: Callable[..., Client], library: Library) -> None:
    desk = open_record(sign_in, library, "circulation_desk_operator")
    brought = late(library, "Pnin")
    desk.post("returns/", {"only": brought.pk})
    since = lend(library, item=brought.item, patron=library.new_patron("next"), due_at=timezone.now())

    answer = desk.post("returns/", {"only": brought.pk}, follow=True)

    assert "This item is not on loan." in words(answer)
    assert Loan.objects.get(pk=since.pk).returned_at is None


def test_a_disabled_type_stops_no_return(client: Client, library: Library) -> None:
    FeeType.objects.filter(code="OVERDUEFINE").update(is_enabled=False)
    loan = late(library)

    scan(client, loan)

    assert Loan.objects.get(pk=loan.pk).returned_at is not None
    assert Fee.objects.get().type.code == "OVERDUEFINE"


def test_who_may_only_look_is_refused(sign_in: Callable[..., Client], library: Library) -> None:
    loan, auditor = late(library), sign_in("auditor")

    assert auditor.get("/returns/").status_code == 403
    assert scan(auditor, loan).status_code == 403
    assert "Manage Item Returns" not in words(auditor.get("/"))


def test_fifty_returns_take_as_many_queries_as_five(client: Client, library: Library) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    since = field_value(text(client.get("/returns/")), "since")

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            client.get(f"/returns/?since={since}")
        return len(made)

    for number in range(5):
        scan(client, late(library, f"Volume {number}"), since=since)
    few = queries()
    for number in range(5, 20):
        scan(client, late(library, f"Volume {number}"), since=since)

    assert queries() == few
