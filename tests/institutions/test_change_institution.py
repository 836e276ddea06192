from dataclasses import replace

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.inputs.errors import ChoiceUnknown, NameMissing, OutOfDate
from amerce.inputs.stamp import stamp_of
from amerce.institutions.change_institution import (
    CEILING_LIMIT_MINOR,
    CeilingNotTaken,
    CurrencyFixed,
    CurrencyHasOtherDecimals,
    InstitutionFacts,
    change_institution,
)
from amerce.institutions.models import Institution
from amerce.patrons.models import UserGroup
from tests.circulation.configuring import nothing_configured
from tests.world import NOON

pytestmark = pytest.mark.django_db
SYSTEM = "general_system_administrator"


def test_settings_are_changed_with_an_event_of_before_and_after(library, other_library):
    before = InstitutionFacts.of(library.institution)
    after = replace(before, name=" North College ", currency_code="EUR", pay_all_order="largest")

    assert change_institution(actor=library.staff(SYSTEM), at=NOON, facts=after)

    assert InstitutionFacts.of(Institution.objects.get(pk=library.institution.pk)) == replace(
        after, name="North College"
    )
    assert Institution.objects.get(pk=other_library.institution.pk).currency_code == "USD"
    data = Event.objects.get(name="institution.changed").data
    assert (data["before"]["currency_code"], data["after"]["currency_code"]) == ("USD", "EUR")
    with nothing_configured():
        assert not change_institution(actor=library.staff(SYSTEM), at=NOON, facts=after)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"name": ""}, NameMissing),
        ({"locale": "xx_YY"}, ChoiceUnknown),
        ({"locale": ""}, ChoiceUnknown),
        ({"time_zone": "Mars/Olympus"}, ChoiceUnknown),
        ({"overpayment": "keep"}, ChoiceUnknown),
        ({"pay_all_order": "newest"}, ChoiceUnknown),
        ({"currency_code": "XYZ"}, ChoiceUnknown),
        ({"currency_code": "JPY"}, CurrencyHasOtherDecimals),
        ({"amount_ceiling_minor": 0}, CeilingNotTaken),
        ({"amount_ceiling_minor": CEILING_LIMIT_MINOR + 1}, CeilingNotTaken),
        ({"default_user_group_id": 10**9}, ChoiceUnknown),
    ],
)
def test_what_cannot_be_is_refused(library, said, error):
    actor, facts = library.staff(SYSTEM), replace(InstitutionFacts.of(library.institution), **said)

    with nothing_configured(), pytest.raises(error):
        change_institution(actor=actor, at=NOON, facts=facts)


def test_the_currency_is_fixed_once_there_is_money(library, other_library):
    facts = replace(InstitutionFacts.of(library.institution), currency_code="EUR")
    actor = library.staff(SYSTEM)
    library.charge(100)

    with nothing_configured(), pytest.raises(CurrencyFixed):
        change_institution(actor=actor, at=NOON, facts=facts)


def test_a_group_out_of_use_or_of_others_is_no_default(library, other_library):
    actor, facts = library.staff(SYSTEM), InstitutionFacts.of(library.institution)
    closed = UserGroup.objects.create(institution=library.institution, code="90", label="Old", is_active=False)

    for group in (closed.pk, other_library.patron.group_id):
        with nothing_configured(), pytest.raises(ChoiceUnknown):
            change_institution(actor=actor, at=NOON, facts=replace(facts, default_user_group_id=group))


def test_who_may_not_or_sees_what_is_old_is_refused(library):
    facts = replace(InstitutionFacts.of(library.institution), name="Mine")
    clerk, actor = library.staff("user_administrator"), library.staff(SYSTEM)

    with nothing_configured(), pytest.raises(NotAllowed):
        change_institution(actor=clerk, at=NOON, facts=facts)
    with nothing_configured(), pytest.raises(OutOfDate):
        change_institution(actor=actor, at=NOON, facts=facts, expected_stamp=stamp_of("before"))
