import pytest

from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes, code_labels
from tests.world import Library

pytestmark = pytest.mark.django_db
REASONS = CodeEntry.Table.WAIVE_REASON


def test_a_code_that_is_no_longer_active_cannot_be_chosen_and_keeps_its_label(library: Library) -> None:
    institution = library.institution
    CodeEntry.objects.filter(institution=institution, table=REASONS, code="GOODWILL").update(is_active=False)

    assert "GOODWILL" not in {each.code for each in active_codes(institution.pk, REASONS)}
    assert code_labels(institution.pk, REASONS)["GOODWILL"] == "Goodwill"


def test_codes_come_in_the_order_of_their_table(library: Library) -> None:
    CodeEntry.objects.filter(institution=library.institution, table=REASONS, code="OTHER").update(position=0)

    assert active_codes(library.institution.pk, REASONS)[0].code == "OTHER"
    assert [each.code for each in active_codes(library.institution.pk, CodeEntry.Table.PAYMENT_METHOD)] == [
        "CASH",
        "CREDIT_CARD",
        "ONLINE",
    ]
