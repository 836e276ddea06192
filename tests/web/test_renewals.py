"""Renewing one loan, the ticked ones, or all."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amerce.circulation.models import Loan
from tests.circulation.lending import lend
from tests.web.account import Desk, open_record, words
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
