"""A small library for tests, built by the commands that users call."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from amerce.access.actors import Actor, Place, actor_for
from amerce.access.models import Account, RoleAssignment
from amerce.charges.assess import ItemFacts, assess
from amerce.charges.models import Fee
from amerce.circulation.models import Item
from amerce.institutions import models as institutions
from amerce.patrons.models import Patron, UserGroup
from amerce.patrons.register import register
from amerce.provision.institution import provision_institution

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""When tests happen, unless they say otherwise."""
PASSWORD = "amerce-demo"
_serial = count(1)


@dataclass
class Library:
    """An institution with one library, one desk, an operator, a manager and one patron."""

    institution: institutions.Institution
    library: institutions.Library
    desk: institutions.Desk
    patron: Patron

    @classmethod
    def new(cls, code: str, currency_code: str = "USD", **settings: str) -> "Library":
        institution = provision_institution(
            code=code, name=f"{code} University", currency_code=currency_code, **settings
        )
        library = institutions.Library.objects.create(institution=institution, code="MAIN", name="Main Library")
        desk = institutions.Desk.objects.create(
            institution=institution, library=library, code="DESK1", name="Circulation Desk 1"
        )
        made = cls(institution, library, desk, None)  # type: ignore[arg-type]
        made.patron = made.new_patron("jdoe", first_name="Jane", last_name="Doe")
        return made

    def new_patron(self, primary_id: str, **columns) -> Patron:  # type: ignore[no-untyped-def]
        group = UserGroup.objects.get(institution=self.institution, code="22")
        return register(institution_id=self.institution.pk, at=NOON, primary_id=primary_id, group=group, **columns)

    def new_account(self, username: str, *roles: str) -> Account:
        account = Account(institution=self.institution, username=username, name=username.title())
        account.set_password(PASSWORD)
        account.save()
        for role in roles:
            RoleAssignment.objects.create(institution=self.institution, account=account, role=role)
        return account

    def new_item(self, title: str = "The leopard", barcode: str = "") -> Item:
        return Item.objects.create(
            institution=self.institution,
            library=self.library,
            title=title,
            barcode=barcode or f"39007{next(_serial):09}",
        )

    @property
    def place(self) -> Place:
        return Place(self.library.pk, self.desk.pk)

    def staff(self, role: str, *, at_desk: bool = True) -> Actor:
        """Somebody who holds ``role``, working at the desk."""
        username = f"{self.institution.code}-{role}".lower()
        account = Account.objects.filter(username=username).first() or self.new_account(username, role)
        return actor_for(account, self.place if at_desk else None)

    @property
    def operator(self) -> Actor:
        return self.staff("circulation_desk_operator")

    @property
    def manager(self) -> Actor:
        return self.staff("circulation_desk_manager")

    def charge(
        self,
        amount_minor: int,
        type_code: str = "OTHER",
        *,
        patron: Patron | None = None,
        days_ago: int = 0,
        item: Item | None = None,
    ) -> Fee:
        """A fee made as a manager makes it, ``days_ago`` before noon."""
        outcome = assess(
            actor=self.manager,
            at=NOON - timedelta(days=days_ago),
            patron_id=(patron or self.patron).pk,
            type_code=type_code,
            amount_minor=amount_minor,
            item=ItemFacts(item.pk, item.title, item.barcode) if item else None,
        )
        return Fee.objects.get(pk=outcome.lines[0].fee_id)
