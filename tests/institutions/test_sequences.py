import pytest
from django.db import transaction

from amerce.institutions.models import NumberSequence
from amerce.institutions.sequences import RECEIPT, next_number
from tests.world import Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def test_numbers_follow_one_another_from_the_first(library: Library) -> None:
    assert [next_number(library.institution.pk, RECEIPT) for _ in range(3)] == [10_001, 10_002, 10_003]


def test_a_number_that_was_taken_and_rolled_back_is_taken_again(library: Library) -> None:
    with transaction.atomic():
        next_number(library.institution.pk, RECEIPT)
        transaction.set_rollback(True)

    assert next_number(library.institution.pk, RECEIPT) == 10_001


def test_each_institution_counts_for_itself(library: Library, other_library: Library) -> None:
    next_number(library.institution.pk, RECEIPT)

    assert next_number(other_library.institution.pk, RECEIPT) == 10_001


def test_a_sequence_that_is_not_there_is_said(library: Library) -> None:
    with pytest.raises(NumberSequence.DoesNotExist):
        next_number(library.institution.pk, "nothing")
