"""The library the bench works in: one desk, one manager and a hundred patrons."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from amerce.access.actors import Actor, Place, actor_for
from amerce.access.models import Account, RoleAssignment
from amerce.charges.assess import assess
from amerce.charges.models import FeeType
from amerce.institutions.models import Desk, Library
from amerce.patrons.models import Patron
from amerce.patrons.register import register
from amerce.provision.institution import provision_institution

PATRONS = 100
FEE_TYPE = "OTHER"
VAT_RATE_BP = 1000  # 10 %, so that the VAT of each part is work for both sides
_serial = count(1)


@dataclass(frozen=True)
class Ground:
    institution_id: int
    actor: Actor
    account: Account
    patron_ids: list[int]

    @property
    def library_id(self) -> int:
        """The library of the desk."""
        assert self.actor.library_id is not None
        return self.actor.library_id

    def spread(self, operations: int) -> list[int]:
        """A patron for each operation, all of them in turn, as at a desk."""
        return [self.patron_ids[number % len(self.patron_ids)] for number in range(operations)]


def lay_ground(patrons: int = PATRONS) -> Ground:
    """Make the library in an empty database."""
    institution = provision_institution(code="BENCH", name="Bench University")
    FeeType.objects.filter(institution=institution, code=FEE_TYPE).update(vat_rate_bp=VAT_RATE_BP)
    library = Library.objects.create(institution=institution, code="MAIN", name="Main Library")
    desk = Desk.objects.create(institution=institution, library=library, code="DESK", name="Desk")
    account = Account.objects.create(institution=institution, username="bench", name="Bench")
    for role in ("circulation_desk_manager", "circulation_desk_operator"):
        RoleAssignment.objects.create(institution=institution, account=account, role=role)
    ground = Ground(
        institution_id=institution.pk,
        actor=actor_for(account, Place(library.pk, desk.pk)),
        account=account,
        patron_ids=[new_patron(institution.pk).pk for _ in range(patrons)],
    )
    for patron_id in ground.patron_ids:  # so that every patron has an account: the first charge makes it
        assess(actor=ground.actor, at=now(), patron_id=patron_id, type_code=FEE_TYPE, amount_minor=1)
    return ground


def found_ground() -> Ground:
    """The library that was laid in this database before."""
    account = Account.objects.get(username="bench")
    desk = Desk.objects.get(institution=account.institution_id)
    return Ground(
        institution_id=account.institution_id,
        actor=actor_for(account, Place(desk.library_id, desk.pk)),
        account=account,
        patron_ids=list(Patron.objects.order_by("pk").values_list("pk", flat=True)[:PATRONS]),
    )


def new_patron(institution_id: int) -> Patron:
    number = next(_serial)
    return register(
        institution_id=institution_id, at=now(), primary_id=f"BENCH{number:05}", last_name=f"Patron {number}"
    )


def new_form_key() -> str:
    """What a page carries: a key that was never used before."""
    return f"bench-{secrets.token_hex(12)}"


def now() -> datetime:
    return datetime.now(UTC)
