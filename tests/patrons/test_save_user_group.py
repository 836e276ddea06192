import pytest

from amerce.events.models import Event
from amerce.inputs.errors import NameMissing, NameTaken, OutOfDate, RowNotFound
from amerce.inputs.stamp import stamp_of
from amerce.patrons.create_patron import create_patron
from amerce.patrons.details import Details
from amerce.patrons.edit_patron import edit_patron
from amerce.patrons.errors import CodeUnknown
from amerce.patrons.models import Patron, UserGroup
from amerce.patrons.save_user_group import GroupIsDefault, UserGroupFacts, save_user_group
from tests.circulation.configuring import nothing_configured
from tests.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(library):  # type: ignore[no-untyped-def]
    return library.staff("user_administrator")


def test_a_group_is_added_and_changed_with_its_code_as_it_was(library, actor):
    row = save_user_group(actor=actor, at=NOON, facts=UserGroupFacts(code=" 90 ", label=" Alumni ")).row_id
    after = UserGroupFacts(code="91", label="Friends", is_proxy=True, is_active=False)

    save_user_group(actor=actor, at=NOON, facts=after, group_id=row)

    kept = UserGroup.objects.get(pk=row)
    assert (kept.code, kept.label, kept.is_proxy, kept.is_active) == ("90", "Friends", True, False)
    assert (kept.updated_by, kept.updated_at, kept.institution) == (actor.name, NOON, library.institution)
    assert Event.objects.filter(name="user_group.changed").count() == 2


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        (UserGroupFacts(code="", label="Alumni"), NameMissing),
        (UserGroupFacts(code="90", label=""), NameMissing),
        (UserGroupFacts(code="22", label="Alumni"), NameTaken),
        (UserGroupFacts(code="90", label="library GUEST"), NameTaken),
    ],
)
def test_what_cannot_be_is_refused(library, actor, facts, error):
    with nothing_configured(), pytest.raises(error):
        save_user_group(actor=actor, at=NOON, facts=facts)
    assert not UserGroup.objects.filter(code="90").exists()


def test_the_default_the_old_and_the_others_group_stay(library, other_library, actor):
    group = library.patron.group
    library.institution.default_user_group = group
    library.institution.save()
    facts = UserGroupFacts(code="22", label="Mine", is_active=False)

    with nothing_configured(), pytest.raises(GroupIsDefault):
        save_user_group(actor=actor, at=NOON, facts=facts, group_id=group.pk)
    with nothing_configured(), pytest.raises(OutOfDate):
        save_user_group(actor=actor, at=NOON, facts=facts, group_id=group.pk, expected_stamp=stamp_of("before"))
    with nothing_configured(), pytest.raises(RowNotFound):
        save_user_group(actor=actor, at=NOON, facts=facts, group_id=other_library.patron.group_id)


def test_a_group_out_of_use_is_given_to_nobody_and_kept_by_who_has_it(library):
    UserGroup.objects.filter(code="22").update(is_active=False)
    manager, group = library.staff("user_manager"), library.patron.group_id

    with pytest.raises(CodeUnknown):
        create_patron(actor=manager, at=NOON, details=Details("new", last_name="New", group_id=group))
    assert not Patron.objects.filter(primary_id="new").exists()
    edit_patron(
        actor=manager,
        at=NOON,
        patron_id=library.patron.pk,
        details=Details("jdoe", last_name="Roe", group_id=group),
        expected_seq=library.patron.seq,
    )
    assert Patron.objects.get(pk=library.patron.pk).last_name == "Roe"
