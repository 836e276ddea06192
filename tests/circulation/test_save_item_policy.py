import pytest

from amerce.access.can import NotAllowed
from amerce.circulation.save_item_policy import add_item_policy, save_item_policy
from amerce.events.models import Event
from amerce.inputs.errors import NameMissing, NameTaken, RowNotFound, TextTooLong
from amerce.institutions.models import CodeEntry
from tests.circulation.configuring import administrator, item_policy, nothing_configured
from tests.world import NOON

pytestmark = pytest.mark.django_db


def test_a_policy_is_added_at_the_end_of_its_table(library):
    item_policy(library, "BOOK")

    entry_id = add_item_policy(actor=administrator(library), at=NOON, code=" SHORT ", label=" Short loan ")

    entry = CodeEntry.objects.get(pk=entry_id)
    assert (entry.table, entry.code, entry.label, entry.position, entry.is_active) == (
        "ItemPolicy", "SHORT", "Short loan", 2, True,
    )  # fmt: skip
    assert (entry.updated_by, entry.updated_at) == ("main-fulfillment_administrator", NOON)
    assert Event.objects.get(name="code_table.changed").data == {
        "table": "ItemPolicy", "code": "SHORT", "before": None, "after": {"label": "Short loan", "is_active": True},
    }  # fmt: skip


def test_a_policy_is_renamed_and_taken_out_of_use_with_its_code_as_it_was(library):
    entry = item_policy(library, "SHORT", "Short loan")

    assert save_item_policy(
        actor=administrator(library), at=NOON, entry_id=entry.pk, label="By the hour", is_active=False
    )

    entry.refresh_from_db()
    assert (entry.code, entry.label, entry.is_active, entry.updated_at) == ("SHORT", "By the hour", False, NOON)
    data = Event.objects.get(name="code_table.changed").data
    assert data["before"] == {"label": "Short loan", "is_active": True}
    assert data["after"] == {"label": "By the hour", "is_active": False}


def test_the_same_again_writes_nothing(library):
    entry, actor = item_policy(library, "SHORT", "Short loan"), administrator(library)

    with nothing_configured():
        assert not save_item_policy(actor=actor, at=NOON, entry_id=entry.pk, label="Short loan", is_active=True)


@pytest.mark.parametrize(
    ("code", "label", "error"),
    [
        ("", "Short", NameMissing),
        ("SHORT", " ", NameMissing),
        ("x" * 61, "Short", TextTooLong),
        ("SHORT", "x" * 201, TextTooLong),
        ("book", "Other", NameTaken),
        ("OTHER", "the BOOK", NameTaken),
    ],
)
def test_what_cannot_be_added_is_refused(library, code, label, error):
    item_policy(library, "BOOK", "The book")
    actor = administrator(library)

    with nothing_configured(), pytest.raises(error):
        add_item_policy(actor=actor, at=NOON, code=code, label=label)


def test_a_label_that_is_taken_is_refused(library):
    item_policy(library, "BOOK", "Book")
    entry, actor = item_policy(library, "SHORT"), administrator(library)

    with nothing_configured(), pytest.raises(NameTaken):
        save_item_policy(actor=actor, at=NOON, entry_id=entry.pk, label="book", is_active=True)


def test_a_policy_of_another_institution_or_another_table_is_not_found(library, other_library):
    theirs = item_policy(other_library, "SHORT").pk
    reason = CodeEntry.objects.filter(institution=library.institution, table="FineFeeTransactionReason")[0].pk
    actor = administrator(library)

    for entry_id in (theirs, reason, 0, 10**30):
        with nothing_configured(), pytest.raises(RowNotFound):
            save_item_policy(actor=actor, at=NOON, entry_id=entry_id, label="Mine", is_active=True)


def test_who_may_not_configure_is_refused(library):
    entry, actor = item_policy(library, "SHORT"), library.manager

    with nothing_configured(), pytest.raises(NotAllowed):
        add_item_policy(actor=actor, at=NOON, code="NEW", label="New")
    with nothing_configured(), pytest.raises(NotAllowed):
        save_item_policy(actor=actor, at=NOON, entry_id=entry.pk, label="New", is_active=True)
