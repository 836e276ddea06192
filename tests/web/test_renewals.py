"""Renewing one loan, the ticked ones, or all."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amerce.circulation.models import BlockRule, Loan
from amerce.events.models import Event
from tests.circulation.lending import lend
from tests.web.account import Desk, field_value, open_record, text, words
from tests.world import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Callable[..., Client], library: Library) -> Desk:
    return open_record(sign_in, library, "circulation_desk_operator")


@pytest.fixture
def loans(library: Library) -> list[Loan]:
    due_at = timezone.now() + timedelta(days=3)
    return [lend(library, item=library.new_item(title), due_at=due_at) for title in ("Pnin", "Stoner", "Emma")]


def renewals(loans: list[Loan]) -> list[int]:
    return [Loan.objects.get(pk=each.pk).renewals for each in loans]


def test_one_is_renewed_whatever_else_is_ticked(desk: Desk, loans: list[Loan]) -> None:
    answer = desk.post("renewals/", {"only": loans[0].pk, "loan": [loans[1].pk]}, follow=True)

    assert renewals(loans) == [1, 0, 0]
    assert "Renewed: Pnin. Due " in words(answer)


def test_those_that_are_ticked_are_renewed(desk: Desk, loans: list[Loan]) -> None:
    answer = desk.post("renewals/", {"loan": [loans[0].pk, loans[2].pk]}, follow=True)

    assert renewals(loans) == [1, 0, 1]
    assert "2 loans renewed." in words(answer)


def test_all_are_renewed_but_those_whose_status_forbids_it(desk: Desk, loans: list[Loan]) -> None:
    Loan.objects.filter(pk=loans[1].pk).update(status="LOST")

    answer = desk.post("renewals/", {"of": "all"}, follow=True)

    assert renewals(loans) == [1, 0, 1]
    assert "2 loans renewed." in words(answer)


def test_one_that_is_refused_says_why_and_keeps_no_other_from_being_renewed(desk: Desk, loans: list[Loan]) -> None:
    Loan.objects.filter(pk=loans[1].pk).update(renewals=3)

    answer = desk.post("renewals/", {"loan": [each.pk for each in loans]}, follow=True)

    assert renewals(loans) == [1, 3, 1]
    said = words(answer)
    assert "2 loans renewed." in said
    assert "Not renewed: Stoner." in said


def test_nothing_ticked_renews_nothing(desk: Desk, loans: list[Loan]) -> None:
    answer = desk.post("renewals/", follow=True)

    assert renewals(loans) == [0, 0, 0]
    assert "Nothing is selected. Tick at least one loan." in words(answer)


def test_loans_of_somebody_else_are_left_alone(desk: Desk, library: Library) -> None:
    others = [lend(library, patron=library.new_patron("other"), due_at=timezone.now() + timedelta(days=3))]

    desk.post("renewals/", {"loan": [others[0].pk]})

    assert renewals(others) == [0]


def test_who_may_only_look_is_refused(sign_in: Callable[..., Client], library: Library, loans: list[Loan]) -> None:
    auditor = open_record(sign_in, library, "auditor")

    assert auditor.post("renewals/", {"of": "all"}).status_code == 403
    assert renewals(loans) == [0, 0, 0]


def test_the_same_form_sent_twice_renews_once(desk: Desk, library: Library, loans: list[Loan]) -> None:
    page = desk.client.get(f"/patron-services/{library.patron.pk}/?display=all").content.decode()
    form = {"loan": [loans[0].pk], "seen": field_value(page, "seen")}

    desk.post("renewals/", form)
    again = desk.post("renewals/", form, follow=True)

    assert renewals(loans) == [1, 0, 0]
    assert "Pnin was renewed before, due " in words(again)
    assert "Nothing was renewed twice." in words(again)
    assert Event.objects.filter(name="loan.renewed").count() == 1

    page = desk.client.get(f"/patron-services/{library.patron.pk}/?display=all").content.decode()
    desk.post("renewals/", {"loan": [loans[0].pk], "seen": field_value(page, "seen")})

    assert renewals(loans) == [2, 0, 0]


def test_a_moment_that_is_none_is_no_reason_to_fail(desk: Desk, loans: list[Loan]) -> None:
    for seen in ("yesterday", "2026-13-45T99:00", "2026-03-02T12:00"):
        assert desk.post("renewals/", {"loan": [loans[0].pk], "seen": seen}).status_code == 302

    assert renewals(loans) == [3, 0, 0]


def test_loans_of_a_blocked_patron_are_renewed_for_a_reason_by_who_may_override(
    sign_in: Callable[..., Client], library: Library, loans: list[Loan]
) -> None:
    BlockRule.objects.create(institution=library.institution, amount_minor=1000)
    library.charge(1000)
    operator, manager = open_record(sign_in, library, "circulation_desk_operator"), open_record(sign_in, library)
    ticked = {"loan": [loans[0].pk, loans[2].pk]}

    refused = operator.post("renewals/", ticked, follow=True)
    offered = manager.post("renewals/", ticked)

    assert words(refused).count("This patron is blocked: owes $10.00 or more.") == 1
    assert "override_reason" not in text(refused)
    assert offered.status_code == 422
    assert 'name="override_reason"' in text(offered)
    assert renewals(loans) == [0, 0, 0]

    done = manager.post("renewals/", {**ticked, "override_reason": "Exam tomorrow"}, follow=True)

    assert renewals(loans) == [1, 0, 1]
    assert "2 loans renewed." in words(done)
    assert words(manager.get("history/")).count("In spite of a block: Exam tomorrow") == 2
