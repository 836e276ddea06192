"""What the user manager added to some patrons of the sample library: further contacts and identifiers, proxies.

Why chances of its own: what is added here changes nothing of the loans and fees that are drawn after it.
"""

from datetime import datetime
from random import Random

from amerce.access.actors import Actor, Place, actor_for
from amerce.patrons.details import Details
from amerce.patrons.edit_patron import edit_patron
from amerce.patrons.facts import ContactFacts, IdentifierFacts
from amerce.patrons.models import Contact, Patron
from amerce.patrons.set_contact import set_contact
from amerce.patrons.set_identifier import set_identifier
from amerce.patrons.set_proxy import set_proxy
from amerce.provision.demo.places import DAYS, Campus

_SEED = 57
_SHARE = 8
"""One in so many patrons got something."""
_FOR_TWO = 3
"""So many proxies come for two patrons, between whom the desk chooses."""
_SYNC_HOUR = 3
_LANGUAGES = ("de", "es", "fr")
_HOME = ("14 Rue des Lilas", "Apartado 212", "Lindenweg 3", "88 Orchard Close", "Flat 5\n21 Cable Row")


def furnish(campus: Campus, patrons: list[Patron]) -> None:
    """Add to some patrons, as the user manager did before the story of loans and fees begins."""
    rng = Random(_SEED)  # noqa: S311  chances of a story, not secrets
    library_id, desks = next(iter(campus.desks.items()))
    manager = actor_for(campus.accounts["usermanager"], Place(library_id, desks[0].pk))
    at = campus.moment(-DAYS - 2, 10)
    _read_again(patrons)
    external = Patron.objects.filter(institution=campus.institution, kind=Patron.Kind.EXTERNAL)
    external.update(synced_at=campus.moment(-1, _SYNC_HOUR))
    for patron in rng.sample(patrons, len(patrons) // _SHARE):
        _reach(manager, at, patron, rng)
    _let_borrow(manager, at, patrons, rng)
    _read_again(patrons)


def _read_again(patrons: list[Patron]) -> None:
    """What commands changed of the rows in hand."""
    columns = ("seq", "synced_at", "preferred_language")
    rows = {each.pk: each for each in Patron.objects.filter(pk__in=[each.pk for each in patrons]).only(*columns)}
    for patron in patrons:
        for column in columns:
            setattr(patron, column, getattr(rows[patron.pk], column))


def _reach(manager: Actor, at: datetime, patron: Patron, rng: Random) -> None:
    seq = patron.seq
    contacts = [
        ContactFacts(Contact.Kind.EMAIL, f"{patron.primary_id.lower()}@post.example", ("personal",)),
        ContactFacts(Contact.Kind.PHONE, f"+1 312 555 02{rng.randrange(100):02}", ("office",)),
        ContactFacts(
            Contact.Kind.ADDRESS, rng.choice(_HOME), ("home", "alternative"), city="Elsewhere", postal_code="10115"
        ),
    ]
    for contact in rng.sample(contacts, rng.randrange(1, 4)):
        seq = set_contact(actor=manager, at=at, patron_id=patron.pk, expected_seq=seq, contact=contact).seq
    number = IdentifierFacts("UNIV_ID", f"LK{9_000_000 + patron.pk}", "Printed on the old card")
    seq = set_identifier(actor=manager, at=at, patron_id=patron.pk, expected_seq=seq, identifier=number).seq
    details = Details(
        primary_id=patron.primary_id,
        first_name=patron.first_name,
        last_name=patron.last_name,
        group_id=patron.group_id,
        status=patron.status,
        expires_on=patron.expires_on,
        preferred_language=rng.choice(_LANGUAGES),
    )
    patron.seq = edit_patron(actor=manager, at=at, patron_id=patron.pk, expected_seq=seq, details=details).seq


def _let_borrow(manager: Actor, at: datetime, patrons: list[Patron], rng: Random) -> None:
    """Professors and offices send somebody to the desk; the first few come for two of them."""
    proxies = [each for each in patrons if each.group and each.group.is_proxy]
    others = [each for each in patrons if each.group and not each.group.is_proxy]
    coming = rng.sample(proxies, min(len(proxies), len(others) - _FOR_TWO, len(patrons) // 16))
    coming += coming[:_FOR_TWO]
    for proxy, patron in zip(coming, rng.sample(others, len(coming)), strict=True):
        set_proxy(actor=manager, at=at, patron_id=patron.pk, expected_seq=patron.seq, proxy_id=proxy.pk)
