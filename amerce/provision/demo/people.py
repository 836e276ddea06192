"""The patrons of the sample library."""

from datetime import datetime, timedelta

from amerce.access.actors import system_actor
from amerce.access.privileges import Privilege
from amerce.patrons.blocks import BlockFacts, set_block
from amerce.patrons.facts import ContactFacts
from amerce.patrons.models import Contact, Patron, PatronNote, UserGroup
from amerce.patrons.register import register
from amerce.provision.demo.furnishing import furnish
from amerce.provision.demo.names import invented_names
from amerce.provision.demo.places import DAYS, Campus
from amerce.provision.demo.words import BLOCKS, NOTES

PATRON_PREFIX, ITEM_PREFIX = "29007", "39007"
"""Fourteen digits as library scanners read them: whose, which library, a number, a check digit."""
SOURCE = "LARKSPUR_SIS"
"""The student and staff system of the university, from which external records are loaded."""
_GROUP_WEIGHTS = {"22": 12, "23": 6, "25": 4, "27": 3, "30": 2, "41": 2, "42": 4, "45": 1, "57": 3, "58": 5, "59": 4}
_STREETS = ("Elm Street", "Old Mill Road", "Station Avenue", "Kestrel Court", "University Terrace", "Harbor Lane")


def library_barcode(prefix: str, number: int) -> str:
    """``number`` as a 14-digit barcode with its check digit (Luhn), as printed on cards and books."""
    body = f"{prefix}{number:08}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(body))
    return f"{body}{-sum(each // 10 + each % 10 for each in doubled) % 10}"


def make_people(campus: Campus, count: int) -> list[Patron]:
    """Register ``count`` patrons, and write notes and blocks on some."""
    rng, institution = campus.rng, campus.institution
    groups = {group.code: group for group in UserGroup.objects.filter(institution=institution)}
    codes, weights = list(_GROUP_WEIGHTS), list(_GROUP_WEIGHTS.values())
    patrons = []
    for number, (first_name, last_name) in enumerate(invented_names(rng, count), start=1):
        serial = 104_000 + 17 * number + rng.randrange(17)
        identifiers = {"BARCODE": library_barcode(PATRON_PREFIX, 20_000 + 37 * number + rng.randrange(37))}
        if campus.one_in(2):
            identifiers["STUDENT_ID"] = f"S{rng.randrange(10**6, 10**7)}-{number:03}"
        kind = Patron.Kind.INTERNAL if campus.one_in(3) else Patron.Kind.EXTERNAL
        patrons.append(
            register(
                institution_id=institution.pk,
                at=campus.opening_hour(-DAYS - rng.randrange(5, 900)),
                primary_id=f"U{serial}",
                first_name=first_name,
                last_name=last_name,
                group=groups[rng.choices(codes, weights)[0]],
                identifiers=identifiers,
                kind=kind,
                status=Patron.Status.INACTIVE if campus.one_in(20) else Patron.Status.ACTIVE,
                expires_on=None if campus.one_in(10) else campus.today + timedelta(days=_days_to_expiry(campus)),
                contacts=_contacts(campus, serial),
                source_system=SOURCE if kind == Patron.Kind.EXTERNAL else "",
                source_id=f"{700_000 + serial}" if kind == Patron.Kind.EXTERNAL else "",
            )
        )
    _write_notes(campus, patrons)
    furnish(campus, patrons)
    return patrons


def _contacts(campus: Campus, serial: int) -> list[ContactFacts]:
    rng = campus.rng
    contacts = []
    if not campus.one_in(12):
        contacts.append(ContactFacts(Contact.Kind.EMAIL, f"u{serial}@larkspur.example", ("school",), is_preferred=True))
    if not campus.one_in(3):
        contacts.append(ContactFacts(Contact.Kind.PHONE, f"+1 312 555 01{rng.randrange(100):02}", ("mobile",)))
    if not campus.one_in(4):
        street = f"{rng.randrange(1, 990)} {rng.choice(_STREETS)}"
        contacts.append(_address(street, "home", "60999"))
    return contacts


def _address(street: str, kind: str, postal_code: str) -> ContactFacts:
    return ContactFacts(
        Contact.Kind.ADDRESS,
        street,
        (kind,),
        city="Larkspur Falls",
        state_province="IL",
        postal_code=postal_code,
        country="US",
    )


def _days_to_expiry(campus: Campus) -> int:
    """One in twelve cards ran out already."""
    return -campus.rng.randrange(1, 300) if campus.one_in(12) else campus.rng.randrange(20, 1100)


def _write_notes(campus: Campus, patrons: list[Patron]) -> None:
    for place, patron in enumerate(campus.rng.sample(patrons, len(patrons) // 8)):
        is_block = place % 5 == 0
        words = campus.rng.choice(BLOCKS if is_block else NOTES)
        at = campus.opening_hour(-campus.rng.randrange(3, DAYS))
        if is_block:
            _block(campus, patron, words, at)
        else:
            PatronNote.objects.create(
                institution=campus.institution,
                patron=patron,
                text=words,
                is_popup=True,
                created_at=at,
                created_by="usermanager",
            )


def _block(campus: Campus, patron: Patron, words: str, at: datetime) -> None:
    usermanager = system_actor(campus.institution.pk, "usermanager", Privilege.BLOCK_SET)
    facts = BlockFacts(description=words)
    set_block(actor=usermanager, at=at, patron_id=patron.pk, expected_seq=0, facts=facts)
