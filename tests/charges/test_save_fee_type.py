from dataclasses import asdict, replace

import pytest

from amerce.access.can import NotAllowed
from amerce.access.privileges import Privilege
from amerce.charges.defaults import DEFAULT_FACTS
from amerce.charges.fee_type_facts import FeeTypeFacts
from amerce.charges.models import FeeType
from amerce.charges.restore_fee_type import restore_fee_type
from amerce.charges.save_fee_type import FeeTypeSaved, save_fee_type
from amerce.charges.type_errors import CreditHasNoVat, CreditIsNotWaivable, TypeInUse
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
from tests.charges.acts import Desk
from tests.circulation.configuring import nothing_configured
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
FIRST = "CUSTOMER_DEFINED_01"


def row(library: Library, code: str) -> FeeType:
    return FeeType.objects.get(institution=library.institution, code=code)


def save(library: Library, code: str, role: str = "user_administrator", **said) -> FeeTypeSaved:  # type: ignore[no-untyped-def]
    fee_type = row(library, code)
    facts = replace(FeeTypeFacts.of(fee_type), **said)
    return save_fee_type(actor=library.staff(role), at=NOON, type_id=fee_type.pk, facts=facts)


def name(library: Library, label: str = "Makerspace", code: str = FIRST) -> None:
    save(library, code, "general_system_administrator", label=label, is_enabled=True)


def test_a_type_says_what_it_was_given_with_who_and_when_and_an_event(library):
    said = {"is_waivable": False, "is_manual": False, "is_refundable": True, "owner_kind": "institution"}

    saved = save(library, "LOCKERKEY", vat_rate_bp=775, **said)

    locker = row(library, "LOCKERKEY")
    assert saved == FeeTypeSaved(locker.pk, is_changed=True)
    assert asdict(FeeTypeFacts.of(locker)) == {"label": "Locker key", "is_enabled": True, "vat_rate_bp": 775, **said}
    assert (locker.updated_by, locker.updated_at) == ("main-user_administrator", NOON)
    event = Event.objects.get(name="fee_type.changed")
    assert event.data == {
        "row": "LOCKERKEY",
        "before": asdict(DEFAULT_FACTS["LOCKERKEY"]),
        "after": asdict(FeeTypeFacts.of(locker)),
        "is_restored": False,
    }


def test_the_same_again_writes_nothing(library):
    with nothing_configured():
        assert not save(library, "LOCKERKEY").is_changed


def test_a_fee_that_is_there_keeps_its_rate_and_the_next_has_the_new_one(library):
    before = library.charge(1000, "LOCKERKEY")

    save(library, "LOCKERKEY", vat_rate_bp=1000)

    after = library.charge(1000, "LOCKERKEY")
    before.refresh_from_db()
    desk = Desk(library)
    assert (before.vat_rate_bp, after.vat_rate_bp) == (0, 1000)
    assert desk.last_transfer("CHARGE").vat_minor == 91, "10.00 at 10 % is 9.09 and 0.91"


def test_a_type_is_taken_out_of_what_is_added_by_hand(library):
    save(library, "LOCKERKEY", is_enabled=False)

    assert not row(library, "LOCKERKEY").is_enabled


def test_an_additional_type_is_named_and_enabled_by_who_may(library):
    name(library)

    assert (row(library, FIRST).label, row(library, FIRST).is_enabled) == ("Makerspace", True)
    assert library.charge(500, FIRST).type.label == "Makerspace"


@pytest.mark.parametrize(
    ("code", "said"),
    [(FIRST, {"label": "Makerspace"}), (FIRST, {"is_enabled": True, "label": "Makerspace"}), ("OTHER", {"label": "x"})],
)
def test_an_administrator_of_users_names_nothing_and_enables_no_additional_type(library, code, said):
    with nothing_configured(), pytest.raises(NotAllowed) as refused:
        save(library, code, **said)

    assert refused.value.privilege is Privilege.FEE_TYPE_ENABLE


@pytest.mark.parametrize(
    ("code", "said", "error"),
    [
        ("OTHER", {"label": " "}, NameMissing),
        (FIRST, {"is_enabled": True}, NameMissing),
        ("OTHER", {"label": "x" * 201}, TextTooLong),
        ("OTHER", {"label": "x\0"}, TextMalformed),
        ("OTHER", {"label": "LOCKER key"}, NameTaken),
        ("OTHER", {"owner_kind": "nobody"}, ChoiceUnknown),
        ("OTHER", {"vat_rate_bp": -1}, NumberOutOfRange),
        ("OTHER", {"vat_rate_bp": 10_001}, NumberOutOfRange),
        ("CREDIT", {"is_waivable": True}, CreditIsNotWaivable),
        ("CREDIT", {"vat_rate_bp": 1}, CreditHasNoVat),
    ],
)
def test_what_a_type_cannot_say_is_refused(library, code, said, error):
    with nothing_configured(), pytest.raises(error):
        save(library, code, "general_system_administrator", **said)


@pytest.mark.parametrize("rate_bp", [0, 1, 10_000])
def test_a_rate_is_anything_from_nothing_to_the_whole(library, rate_bp):
    save(library, "OTHER", vat_rate_bp=rate_bp)

    assert row(library, "OTHER").vat_rate_bp == rate_bp


def test_an_additional_type_that_has_fees_keeps_its_name_but_can_be_disabled(library):
    name(library)
    library.charge(500, FIRST)

    with nothing_configured(), pytest.raises(TypeInUse):
        save(library, FIRST, "general_system_administrator", label="", is_enabled=False)
    with nothing_configured(), pytest.raises(TypeInUse):
        restore_fee_type(actor=library.staff("general_system_administrator"), at=NOON, type_id=row(library, FIRST).pk)
    save(library, FIRST, "general_system_administrator", is_enabled=False)

    assert (row(library, FIRST).label, row(library, FIRST).is_enabled) == ("Makerspace", False)


def test_a_row_that_changed_since_its_page_was_made_is_not_overwritten(library):
    fee_type = row(library, "OTHER")
    seen = stamp_of(FeeTypeFacts.of(fee_type))
    save(library, "OTHER", vat_rate_bp=500)

    with nothing_configured(), pytest.raises(OutOfDate):
        save_fee_type(
            actor=library.staff("user_administrator"), at=NOON, type_id=fee_type.pk,
            facts=replace(DEFAULT_FACTS["OTHER"], is_manual=False), expected_stamp=seen,
        )  # fmt: skip


def test_a_type_of_another_institution_is_not_found(library, other_library):
    actor = library.staff("user_administrator")

    for type_id in (row(other_library, "OTHER").pk, 0, 10**30):
        with nothing_configured(), pytest.raises(RowNotFound):
            save_fee_type(actor=actor, at=NOON, type_id=type_id, facts=DEFAULT_FACTS["OTHER"])
        with nothing_configured(), pytest.raises(RowNotFound):
            restore_fee_type(actor=actor, at=NOON, type_id=type_id)


def test_a_type_is_restored_to_what_it_said_in_a_new_institution(library):
    save(library, "LOCKERKEY", vat_rate_bp=775, is_waivable=False)

    restored = restore_fee_type(
        actor=library.staff("user_administrator"), at=NOON, type_id=row(library, "LOCKERKEY").pk
    )

    assert restored.is_changed
    assert FeeTypeFacts.of(row(library, "LOCKERKEY")) == DEFAULT_FACTS["LOCKERKEY"]
    data = Event.objects.filter(name="fee_type.changed").latest("pk").data
    assert (data["before"]["vat_rate_bp"], data["after"]["vat_rate_bp"], data["is_restored"]) == (775, 0, True)


def test_an_additional_type_without_fees_is_restored_to_one_that_waits_by_who_may_name_it(library):
    name(library)
    type_id = row(library, FIRST).pk

    with nothing_configured(), pytest.raises(NotAllowed):
        restore_fee_type(actor=library.staff("user_administrator"), at=NOON, type_id=type_id)
    restore_fee_type(actor=library.staff("general_system_administrator"), at=NOON, type_id=type_id)

    assert (row(library, FIRST).label, row(library, FIRST).is_enabled) == ("", False)


def test_a_type_without_a_default_is_not_restored(library):
    own = FeeType.objects.create(institution=library.institution, code="OWN", label="Own", position=99)

    with nothing_configured(), pytest.raises(RowNotFound):
        restore_fee_type(actor=library.staff("user_administrator"), at=NOON, type_id=own.pk)
