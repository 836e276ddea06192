"""What a profile would do, before anything is sent."""

from dataclasses import replace

import pytest

from amerce.access.can import NotAllowed
from amerce.events.models import Event
from amerce.institutions.models import Printer
from amerce.letters.models import Letter, LetterSettings
from amerce.notices.errors import AmountNeeded, MaximumTooLow
from amerce.notices.preview import estimate, listed, preview, sample
from amerce.notices.profiles import INSTITUTION
from amerce.patrons.models import Contact, Patron
from tests.notices.noticing import AS_OF, SAID, administrator, branch, charge_at
from tests.world import NOON, Library

pytestmark = [pytest.mark.django_db, pytest.mark.money]


def reach(library: Library, patron: Patron, *, email: str = "", mobile: str = "", **columns) -> None:
    rows = {"institution": library.institution, "patron": patron, "is_preferred": True, **columns}
    if email:
        Contact.objects.create(kind=Contact.Kind.EMAIL, text=email, **rows)
    if mobile:
        Contact.objects.create(kind=Contact.Kind.PHONE, text=mobile, is_preferred_sms=True, **rows)


@pytest.fixture
def owing(library: Library) -> Library:
    """Jane (e-mail and SMS) owes two libraries and the institution, Kim (nothing) one, Lee (SMS) the other."""
    LetterSettings.objects.create(institution=library.institution, sms_url="https://sms.example.org/")
    science = branch(library)
    kim, lee = library.new_patron("kim"), library.new_patron("lee")
    reach(library, library.patron, email="jane@example.org", mobile="+1 202 555 0143")
    reach(library, lee, mobile="+1 202 555 0144")
    library.charge(1000)
    library.charge(500)
    charge_at(library, science, 700)
    charge_at(library, None, 400, "CARDRENEWAL")
    library.charge(300, patron=kim)
    charge_at(library, science, 200, patron=lee)
    return library


def shares(library: Library, **said) -> dict[str, tuple[int, ...]]:
    found = preview(administrator(library), AS_OF, library.institution, replace(SAID, **said))
    return {
        each.library.code if each.library else "-": (
            each.messages,
            each.total_minor,
            each.by_email,
            each.by_sms,
            each.printed,
            each.unreached,
        )
        for each in found.shares
    }


def test_messages_are_counted_by_library_and_channel_with_their_totals(owing):
    assert shares(owing) == {"MAIN": (2, 1800, 1, 1, 0, 1), "SCI": (2, 900, 1, 2, 0, 0)}


def test_without_a_gateway_a_number_reaches_nobody(owing):
    LetterSettings.objects.update(sms_url="")

    assert shares(owing) == {"MAIN": (2, 1800, 1, 0, 0, 1), "SCI": (2, 900, 1, 0, 0, 1)}
    facts = replace(SAID, minimum_minor=1)
    by = {
        each.recipient.facts["id"]: each.channels
        for each in listed(administrator(owing), AS_OF, owing.institution, facts)
    }
    assert (by["jdoe"], by["lee"]) == (("email",), ("email",))


def test_printed_letters_need_no_address_and_both_reach_by_all(owing):
    printer = Printer.objects.create(institution=owing.institution, code="P", name="P", queue="lp").pk

    assert shares(owing, send_format="print", printer_id=printer)["MAIN"] == (2, 1800, 0, 0, 2, 0)
    assert shares(owing, send_format="both", printer_id=printer)["MAIN"] == (2, 1800, 1, 1, 2, 0)


def test_patrons_are_counted_once_and_each_message_charges_its_fee(owing):
    owners = (INSTITUTION, *owing.institution.libraries.values_list("pk", flat=True))
    facts = replace(SAID, owners=owners, creates_fee=True, fee_minor=250)

    found = preview(administrator(owing), AS_OF, owing.institution, facts)

    assert (found.patrons, found.all.messages, found.all.total_minor, found.fee_total_minor) == (3, 5, 3100, 1250)
    assert [each.library.code if each.library else "-" for each in found.shares] == ["MAIN", "SCI", "-"]


def test_the_estimate_is_the_preview_in_three_figures(owing):
    found = estimate(administrator(owing), AS_OF, owing.institution, SAID)

    assert (found.patrons, found.messages, found.total_minor) == (3, 4, 2700)
    nobody = estimate(administrator(owing), AS_OF, owing.institution, replace(SAID, minimum_minor=10_000))
    assert (nobody.patrons, nobody.messages, nobody.total_minor) == (0, 0, 0)


@pytest.mark.parametrize(
    ("wrong", "reason"), [({"minimum_minor": 0}, AmountNeeded), ({"maximum_minor": 1}, MaximumTooLow)]
)
def test_there_is_no_estimate_of_what_cannot_be(library, wrong, reason):
    with pytest.raises(reason):
        estimate(administrator(library), AS_OF, library.institution, replace(SAID, **wrong))


def test_an_address_that_holds_no_more_is_none(library):
    reach(library, library.patron, email="jane@example.org", ends_on=NOON.date().replace(day=1))
    library.charge(100)

    assert shares(library) == {"MAIN": (1, 100, 0, 0, 0, 1)}


def test_the_list_names_everybody_and_the_sample_begins_with_the_most(owing, monkeypatch):
    monkeypatch.setattr("amerce.notices.preview.PIECE", 2)
    actor, institution = administrator(owing), owing.institution

    everyone = [
        (each.recipient.facts["id"], each.library.code, each.owed.fees, each.owed.total_minor, each.channels)
        for each in listed(actor, AS_OF, institution, SAID)
    ]
    most = [each.owed.total_minor for each in sample(actor, AS_OF, institution, SAID, 2)]

    assert everyone == [
        ("jdoe", "MAIN", 2, 1500, ("email", "sms")),
        ("jdoe", "SCI", 1, 700, ("email", "sms")),
        ("kim", "MAIN", 1, 300, ("email",)),
        ("lee", "SCI", 1, 200, ("sms",)),
    ]
    assert most == [1500, 700]


def test_a_preview_writes_nothing(owing):
    events = Event.objects.count()

    preview(administrator(owing), AS_OF, owing.institution, SAID)
    list(listed(administrator(owing), AS_OF, owing.institution, SAID))

    assert (Event.objects.count(), Letter.objects.count()) == (events, 0)


def test_who_does_not_configure_charges_sees_no_preview(owing):
    desk = owing.operator
    for look in (
        lambda: estimate(desk, AS_OF, owing.institution, SAID),
        lambda: preview(desk, AS_OF, owing.institution, SAID),
        lambda: list(listed(desk, AS_OF, owing.institution, SAID)),
        lambda: sample(desk, AS_OF, owing.institution, SAID, 5),
    ):
        with pytest.raises(NotAllowed):
            look()
