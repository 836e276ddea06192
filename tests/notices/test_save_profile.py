"""Adding, changing, deleting, enabling and disabling notification profiles."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from amerce.access.can import NotAllowed
from amerce.access.privileges import ROLES, Privilege
from amerce.charges.models import FeeType
from amerce.events.models import Event
from amerce.inputs.errors import (
    ChoiceUnknown,
    NameMissing,
    NameTaken,
    NumberOutOfRange,
    OutOfDate,
    RowNotFound,
    TextMalformed,
    TextTooLong,
)
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import Printer
from amerce.notices.delete_profile import delete_profile
from amerce.notices.enable_profile import disable_profile, enable_profile
from amerce.notices.errors import AmountAboveCeiling, AmountNeeded, MaximumTooLow, NoDayBetween, PrinterNeeded
from amerce.notices.models import NotificationProfile, ProfileGroup, ProfileOwner, ProfileType
from amerce.notices.profiles import CHANGED, INSTITUTION, ProfileFacts, get_profile, profiles
from amerce.notices.save_profile import save_profile
from amerce.patrons.models import UserGroup
from tests.notices.noticing import SAID, administrator, new_profile
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def written() -> tuple[int, ...]:
    return tuple(each.objects.count() for each in (NotificationProfile, ProfileGroup, ProfileOwner, ProfileType, Event))


def everything(library: Library) -> dict[str, Any]:
    """Every field of the seed, filled in."""
    institution = library.institution
    printer = Printer.objects.create(institution=institution, code="P1", name="Mail room", queue="lp")
    types = FeeType.objects.filter(institution=institution, code__in=["OTHER", "LOCKERKEY"])
    return {
        "name": "Last reminder",
        "description": "Before the bursar",
        "minimum_minor": 10_000,
        "maximum_minor": 20_000,
        "groups": tuple(UserGroup.objects.filter(institution=institution, code="22").values_list("pk", flat=True)),
        "skips_borrowers": True,
        "only_active": True,
        "owners": (INSTITUTION, library.library.pk),
        "types": tuple(sorted(types.values_list("pk", flat=True))),
        "created_before_days": 30,
        "created_after_days": 50,
        "creates_fee": True,
        "fee_minor": 250,
        "send_format": "both",
        "printer_id": printer.pk,
    }


def test_a_profile_keeps_every_field_and_says_who_changed_it_and_when(library):
    said = everything(library)

    profile = new_profile(library, **said)

    assert asdict(ProfileFacts.of(profile)) == said
    assert profile.is_enabled
    assert (profile.updated_by, profile.updated_at) == (administrator(library).name, NOON)
    event = Event.objects.get(name=CHANGED)
    assert event.data["before"] is None
    assert event.data["after"]["owners"] == [INSTITUTION, library.library.pk]


def test_a_change_is_told_with_before_and_after_and_the_same_again_writes_nothing(library):
    profile = new_profile(library, **everything(library))
    facts = replace(ProfileFacts.of(profile), minimum_minor=5_000, owners=(), groups=())
    actor = administrator(library)

    saved = save_profile(actor=actor, at=LATER, facts=facts, profile_id=profile.pk)

    assert saved.is_changed and ProfileFacts.of(get_profile(actor, profile.pk)) == facts
    event = Event.objects.filter(name=CHANGED).latest("pk")
    assert (event.data["before"]["minimum_minor"], event.data["after"]["minimum_minor"]) == (10_000, 5_000)
    before = written()
    assert not save_profile(actor=actor, at=LATER, facts=facts, profile_id=profile.pk).is_changed
    assert written() == before


def test_what_has_no_effect_is_left_out(library):
    said = everything(library)

    profile = new_profile(library, **{**said, "creates_fee": False, "send_format": "send"})

    assert (profile.fee_minor, profile.printer_id) == (None, None)


def test_forty_five_cents_are_a_minimum(library):
    assert new_profile(library, minimum_minor=45).minimum_minor == 45


REFUSED = [
    ({"name": " "}, NameMissing, "name"),
    ({"name": "x" * 201}, TextTooLong, "name"),
    ({"name": "a\nb"}, TextMalformed, "name"),
    ({"name": "owes SOMETHING"}, NameTaken, "name"),
    ({"description": "x" * 1001}, TextTooLong, "description"),
    ({"minimum_minor": 0}, AmountNeeded, "minimum_minor"),
    ({"minimum_minor": -1}, AmountNeeded, "minimum_minor"),
    ({"minimum_minor": 10**12}, AmountAboveCeiling, "minimum_minor"),
    ({"maximum_minor": 0}, AmountNeeded, "maximum_minor"),
    ({"maximum_minor": 10**12}, AmountAboveCeiling, "maximum_minor"),
    ({"minimum_minor": 100, "maximum_minor": 100}, MaximumTooLow, "maximum_minor"),
    ({"created_before_days": -1}, NumberOutOfRange, "created_before_days"),
    ({"created_before_days": 36_501}, NumberOutOfRange, "created_before_days"),
    ({"created_after_days": 0}, NumberOutOfRange, "created_after_days"),
    ({"created_after_days": 36_501}, NumberOutOfRange, "created_after_days"),
    ({"created_before_days": 30, "created_after_days": 30}, NoDayBetween, "created_after_days"),
    ({"created_before_days": 30, "created_after_days": 31}, NoDayBetween, "created_after_days"),
    ({"groups": (2**62,)}, ChoiceUnknown, "groups"),
    ({"owners": (2**64,)}, ChoiceUnknown, "owners"),
    ({"types": (2**62,)}, ChoiceUnknown, "types"),
    ({"creates_fee": True, "fee_minor": None}, AmountNeeded, "fee_minor"),
    ({"creates_fee": True, "fee_minor": 0}, AmountNeeded, "fee_minor"),
    ({"creates_fee": True, "fee_minor": 10**12}, AmountAboveCeiling, "fee_minor"),
    ({"send_format": "pigeon"}, ChoiceUnknown, "send_format"),
    ({"send_format": "print"}, PrinterNeeded, "printer_id"),
    ({"send_format": "both"}, PrinterNeeded, "printer_id"),
    ({"send_format": "print", "printer_id": 2**62}, ChoiceUnknown, "printer_id"),
]


@pytest.mark.parametrize(("wrong", "reason", "field"), REFUSED)
def test_each_field_refuses_what_it_cannot_mean_and_nothing_is_written(library, wrong, reason, field):
    new_profile(library)
    before = written()

    with pytest.raises(reason) as refused:
        save_profile(actor=administrator(library), at=NOON, facts=replace(SAID, **{"name": "Another", **wrong}))

    assert refused.value.field == field
    assert written() == before


def test_one_day_between_is_enough(library):
    profile = new_profile(library, created_before_days=30, created_after_days=32)

    assert (profile.created_before_days, profile.created_after_days) == (30, 32)


def test_a_credit_is_no_type_to_notify_of_and_a_printer_out_of_use_is_not_chosen(library):
    credit = FeeType.objects.get(institution=library.institution, code="CREDIT").pk
    printer = Printer.objects.create(institution=library.institution, code="P", name="P", queue="lp", is_active=False)
    with pytest.raises(ChoiceUnknown):
        new_profile(library, types=(credit,))
    with pytest.raises(ChoiceUnknown):
        new_profile(library, send_format="print", printer_id=printer.pk)


def test_what_another_institution_has_is_not_chosen_and_not_found(library, other_library):
    group = UserGroup.objects.filter(institution=other_library.institution).first()
    with pytest.raises(ChoiceUnknown):
        new_profile(library, groups=(group.pk,))
    theirs = new_profile(other_library)
    who = {"actor": administrator(library), "at": NOON, "profile_id": theirs.pk}

    for command in (enable_profile, disable_profile, delete_profile):
        with pytest.raises(RowNotFound):
            command(**who)
    with pytest.raises(RowNotFound):
        save_profile(**who, facts=SAID)
    with pytest.raises(RowNotFound):
        get_profile(administrator(library), theirs.pk)
    assert list(profiles(administrator(library))) == []


def test_who_saw_an_older_state_is_told_and_changes_nothing(library):
    profile = new_profile(library)
    old = stamp_of(ProfileFacts.of(profile))
    actor = administrator(library)
    save_profile(actor=actor, at=LATER, facts=replace(SAID, minimum_minor=2), profile_id=profile.pk)
    before = written()

    with pytest.raises(OutOfDate):
        save_profile(
            actor=actor, at=LATER, facts=replace(SAID, minimum_minor=3), profile_id=profile.pk, expected_stamp=old
        )
    with pytest.raises(OutOfDate):
        delete_profile(actor=actor, at=LATER, profile_id=profile.pk, expected_stamp=old)

    assert written() == before


def test_disabling_and_enabling_is_told_and_twice_is_once(library):
    profile, actor = new_profile(library), administrator(library)

    assert disable_profile(actor=actor, at=LATER, profile_id=profile.pk).is_changed
    assert not disable_profile(actor=actor, at=LATER, profile_id=profile.pk).is_changed
    profile.refresh_from_db()
    assert (profile.is_enabled, profile.updated_at) == (False, LATER)
    assert enable_profile(actor=actor, at=LATER, profile_id=profile.pk).is_changed

    told = [(each.data["before"], each.data["after"]) for each in Event.objects.filter(name=CHANGED).order_by("pk")[1:]]
    assert told == [({"is_enabled": True}, {"is_enabled": False}), ({"is_enabled": False}, {"is_enabled": True})]


def test_a_deleted_profile_is_gone_with_its_lists_and_its_name_is_free(library):
    profile = new_profile(library, **everything(library))

    delete_profile(actor=administrator(library), at=LATER, profile_id=profile.pk)

    assert written()[:4] == (0, 0, 0, 0)
    event = Event.objects.filter(name=CHANGED).latest("pk")
    assert (event.data["before"]["name"], event.data["after"]) == ("Last reminder", None)
    new_profile(library, name="Last reminder")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_who_configures_charges_changes_profiles(library, role):
    profile = new_profile(library)
    may = Privilege.CHARGES_CONFIGURE in ROLES[role].privileges
    assert may == (role in {"user_administrator", "general_system_administrator"})
    before, who = written(), {"actor": library.staff(role), "at": NOON, "profile_id": profile.pk}
    commands = [
        lambda: save_profile(**who, facts=replace(SAID, name="Another")),
        lambda: disable_profile(**who),
        lambda: enable_profile(**who),
        lambda: delete_profile(**who),
    ]

    for command in commands:
        if may:
            command()
        else:
            with pytest.raises(NotAllowed):
                command()

    assert (written() == before) != may
