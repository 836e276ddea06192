import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NameTaken, OutOfDate, RowNotFound, TextTooLong
from amerce.inputs.stamp import stamp_of
from amerce.institutions.code_tables import (
    MAY_CHANGE,
    add_code,
    code_facts,
    code_table,
    get_code,
    remove_code,
    restore_code,
    save_code,
)
from amerce.institutions.models import CodeEntry
from amerce.institutions.queries import active_codes, code_labels
from amerce.institutions.rows import LastInUse
from tests.circulation.configuring import nothing_configured
from tests.world import NOON

pytestmark = pytest.mark.django_db
REASONS, PHONES = CodeEntry.Table.WAIVE_REASON, CodeEntry.Table.PHONE_TYPE


@pytest.fixture
def actor(library):  # type: ignore[no-untyped-def]
    return library.staff("user_administrator")


def entry(library, code: str, table: str = REASONS) -> CodeEntry:  # type: ignore[no-untyped-def]
    return CodeEntry.objects.get(institution=library.institution, table=table, code=code)


def test_a_row_is_added_at_the_end(library, actor):
    row = add_code(actor=actor, at=NOON, table=REASONS, code=" STRIKE ", label=" Public transport strike ").row_id

    added = code_table(actor, REASONS)[-1]
    assert (added.pk, added.code, added.label, added.position) == (row, "STRIKE", "Public transport strike", 8)
    assert (added.updated_by, added.updated_at) == (actor.name, NOON)
    assert Event.objects.get(name="code_table.changed").data == {
        "table": "FineFeeTransactionReason",
        "code": "STRIKE",
        "before": None,
        "after": {"label": "Public transport strike", "is_active": True},
    }


def test_a_row_is_renamed_taken_out_of_use_and_restored(library, actor):
    row = entry(library, "GOODWILL")
    save_code(actor=actor, at=NOON, table=REASONS, entry_id=row.pk, label="Kindness", is_active=False)
    assert code_facts(entry(library, "GOODWILL")) == {"label": "Kindness", "is_active": False}
    assert "GOODWILL" not in {each.code for each in active_codes(library.institution.pk, REASONS)}

    assert restore_code(actor=actor, at=NOON, table=REASONS, entry_id=row.pk).is_changed

    assert code_facts(entry(library, "GOODWILL")) == {"label": "Goodwill", "is_active": True}
    data = Event.objects.filter(name="code_table.changed").last().data  # type: ignore[union-attr]
    assert data["is_restored"] and data["before"] == {"label": "Kindness", "is_active": False}
    with nothing_configured():
        assert not restore_code(actor=actor, at=NOON, table=REASONS, entry_id=row.pk).is_changed


def test_a_removed_row_leaves_the_table_and_the_lists_and_keeps_its_label(library, actor):
    row = entry(library, "ILLNESS")

    remove_code(actor=actor, at=NOON, table=REASONS, entry_id=row.pk)

    assert "ILLNESS" not in {each.code for each in code_table(actor, REASONS)}
    assert "ILLNESS" not in {each.code for each in active_codes(library.institution.pk, REASONS)}
    assert code_labels(library.institution.pk, REASONS)["ILLNESS"] == "Illness"
    assert Event.objects.get(name="code_table.changed").data["after"] is None
    with nothing_configured(), pytest.raises(RowNotFound):
        remove_code(actor=actor, at=NOON, table=REASONS, entry_id=row.pk)


def test_a_code_that_is_added_again_comes_back(library, actor):
    row = entry(library, "ILLNESS")
    remove_code(actor=actor, at=NOON, table=REASONS, entry_id=row.pk)

    again = add_code(actor=actor, at=NOON, table=REASONS, code="illness", label="Was ill")

    assert again.row_id == row.pk
    assert code_labels(library.institution.pk, REASONS)["ILLNESS"] == "Was ill"


@pytest.mark.parametrize(
    ("code", "label", "error"),
    [
        ("", "New", NameMissing),
        ("NEW", " ", NameMissing),
        ("x" * 61, "New", TextTooLong),
        ("NEW", "x" * 201, TextTooLong),
        ("goodwill", "New", NameTaken),
        ("NEW", "GOODwill", NameTaken),
    ],
)
def test_what_cannot_be_added_is_refused(library, actor, code, label, error):
    with nothing_configured(), pytest.raises(error):
        add_code(actor=actor, at=NOON, table=REASONS, code=code, label=label)


def test_the_last_one_that_can_be_chosen_stays(library, actor):
    CodeEntry.objects.filter(institution=library.institution, table=PHONES).exclude(code="home").update(is_active=False)
    home = entry(library, "home", PHONES)

    with nothing_configured(), pytest.raises(LastInUse):
        save_code(actor=actor, at=NOON, table=PHONES, entry_id=home.pk, label="Home", is_active=False)
    with nothing_configured(), pytest.raises(LastInUse):
        remove_code(actor=actor, at=NOON, table=PHONES, entry_id=home.pk)
    remove_code(actor=actor, at=NOON, table=PHONES, entry_id=entry(library, "office", PHONES).pk)


def test_what_somebody_else_changed_or_owns_is_refused(library, other_library, actor):
    row, theirs = entry(library, "OTHER").pk, entry(other_library, "OTHER").pk
    phone = entry(library, "home", PHONES).pk

    with nothing_configured(), pytest.raises(OutOfDate):
        remove_code(actor=actor, at=NOON, table=REASONS, entry_id=row, expected_stamp=stamp_of("before"))
    for each in (theirs, phone, 0, 10**30):
        with nothing_configured(), pytest.raises(RowNotFound):
            save_code(actor=actor, at=NOON, table=REASONS, entry_id=each, label="Mine", is_active=True)
        with pytest.raises(RowNotFound):
            get_code(actor, REASONS, each)


def test_an_own_row_has_no_default(library, actor):
    row = add_code(actor=actor, at=NOON, table=REASONS, code="STRIKE", label="Strike").row_id

    with nothing_configured(), pytest.raises(RowNotFound):
        restore_code(actor=actor, at=NOON, table=REASONS, entry_id=row)


@pytest.mark.parametrize("table", ["ItemPolicy", "Whatever", ""])
def test_of_other_tables_nothing_is_known(library, actor, table):
    with nothing_configured(), pytest.raises(ChoiceUnknown):
        add_code(actor=actor, at=NOON, table=table, code="NEW", label="New")
    with pytest.raises(ChoiceUnknown):
        code_table(actor, table)


@pytest.mark.parametrize("table", MAY_CHANGE)
def test_who_may_not_configure_is_refused(library, table):
    row = CodeEntry.objects.filter(institution=library.institution, table=table)[0].pk

    for role in ("circulation_desk_manager", "fulfillment_administrator"):
        actor = library.staff(role)
        with nothing_configured(), pytest.raises(NotAllowed):
            add_code(actor=actor, at=NOON, table=table, code="NEW", label="New")
        with nothing_configured(), pytest.raises(NotAllowed):
            remove_code(actor=actor, at=NOON, table=table, entry_id=row)
        with pytest.raises(NotAllowed):
            code_table(actor, table)
