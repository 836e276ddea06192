"""The XML of letters has Alma's names and shape."""

from pathlib import Path

import pytest
from lxml import etree

from amerce.letters.alma_xml import notification_xml
from amerce.letters.kinds import LetterKind
from amerce.letters.models import Letter, LetterSettings, LetterSwitch
from tests.letters.writing import reach, write_one
from tests.world import Library

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden"
"""To write one anew, delete it and run the test, then read the difference."""


def xml_of(library: Library, kind: str) -> bytes:
    reach(library.patron, "email", "jane@example.org")
    LetterSettings.objects.create(
        institution=library.institution, reply_to="ask@example.org", phone="555", address="1 Main Street\nSpringfield"
    )
    LetterSwitch.objects.create(institution=library.institution, kind="FEE_CHARGED", is_on=True)
    letter: Letter = write_one(library, kind=kind, key=kind)
    letter.refresh_from_db()
    return notification_xml(letter, library.institution)


@pytest.mark.parametrize("kind", LetterKind.values)
def test_a_letter_is_what_its_golden_file_says(library: Library, kind: str) -> None:
    made = xml_of(library, kind)
    golden = GOLDEN / f"{kind.lower()}.xml"
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(made)
        pytest.fail(f"{golden.name} is new: read it and run again")

    assert made.decode() == golden.read_text(encoding="utf-8")


def test_the_names_are_those_of_the_reference(library: Library) -> None:
    root = etree.fromstring(xml_of(library, "FINES_FEES_NOTIFICATION"))

    assert root.tag == "notification_data"
    assert root.findtext("general_data/letter_type") == "FulFinesFeesNotificationLetter"
    assert root.findtext("general_data/current_date") == "03/02/2026"
    assert root.findtext("receivers/receiver/user_email") == "jane@example.org"
    fee = root.find("fines_fees_list/user_fines_fees")
    assert fee is not None
    assert fee.findtext("fine_fee_ammount/sum") == "4.50"
    assert fee.findtext("fine_fee_ammount/normalized_sum") == "4.50 USD"
    assert fee.findtext("fines_fee_transactions/fines_fee_transaction/transaction_ammount/currency") == "USD"
    assert root.findtext("total_fines_amount") == "23.50"
    assert root.findtext("fine_fee_notification_fee_amount/sum") == "1.00"


def test_the_activity_report_has_fees_by_owner(library: Library) -> None:
    root = etree.fromstring(xml_of(library, "ACTIVITY_REPORT"))

    assert root.findtext("organization_fee_list/string") == "Main Library: 23.50 USD"
    assert root.findtext("total_fee") == "23.50 USD"
    assert root.findtext("loans_by_library/library_loans_for_display/organization_unit/name") == "Main Library"
