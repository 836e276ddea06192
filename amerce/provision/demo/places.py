"""The sample university: three libraries with two desks each, and the people who sign in there."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from amerce.access.actors import Actor, Place, actor_for
from amerce.access.models import Account, RoleAssignment
from amerce.charges.models import FeeType
from amerce.institutions.models import Desk, Institution, Library
from amerce.provision.institution import provision_institution

CODE = "DEMO"
"""The code of the sample institution: a database that has it already holds the sample."""
PASSWORD = "amerce-demo"  # noqa: S105  known to everybody: these accounts are refused outside demo mode
ASSISTANT = "student_assistant"
"""The code of a role that the sample made for itself."""
DAYS = 540
"""How far back the sample goes."""
_VAT_BP = {"LOCKERKEY": 1000, "DOCUMENTDELIVERYSERVICE": 725}
TIME_ZONE = "America/Chicago"
_LIBRARIES = (
    ("M", "MAIN", "Ellery Main Library", (("CIRC", "Circulation Desk"), ("RESERVES", "Reserves Desk"))),
    ("S", "SCI", "Science and Engineering Library", (("FRONT", "Front Desk"), ("EQUIP", "Equipment Desk"))),
    ("A", "ARTS", "Arts and Music Library", (("CIRC", "Circulation Desk"), ("MEDIA", "Media Desk"))),
)


@dataclass(frozen=True)
class SignIn:
    """An account of the sample and the role it holds everywhere."""

    username: str
    role: str
    name: str


SIGN_INS = (
    SignIn("desk", "circulation_desk_operator", "Dana Okafor"),
    SignIn("assistant", ASSISTANT, "Noa Feldman"),
    SignIn("deskmanager", "circulation_desk_manager", "Marta Lindqvist"),
    SignIn("usermanager", "user_manager", "Tomás Herrera"),
    SignIn("bursar", "bursar_clerk", "Priya Raman"),
    SignIn("useradmin", "user_administrator", "Ines Albrecht"),
    SignIn("sysadmin", "general_system_administrator", "Sam Whitaker"),
)


@dataclass
class Campus:
    """The places and accounts, the day on which the sample is made, and where its chances come from."""

    institution: Institution
    libraries: dict[str, Library]
    desks: dict[int, list[Desk]]
    accounts: dict[str, Account]
    today: date
    rng: Random

    def moment(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A time on the clocks of the libraries, ``day`` days after today; the past is negative."""
        return datetime.combine(self.today + timedelta(days=day), time(hour, minute), self.institution.zone)

    def opening_hour(self, day: int) -> datetime:
        """Some time on that day at which the desks are open."""
        return self.moment(day, self.rng.randrange(9, 20), self.rng.randrange(60))

    def day_of(self, at: datetime) -> int:
        """The inverse of ``moment``."""
        return (at.astimezone(self.institution.zone).date() - self.today).days

    def one_in(self, number: int) -> bool:
        """True once in ``number`` times."""
        return self.rng.randrange(number) == 0

    def staff(self, username: str, library_id: int | None = None) -> Actor:
        """One of the sign-ins at work at some desk of the library, or of any."""
        library = library_id or self.rng.choice(list(self.desks))
        desk = self.rng.choice(self.desks[library])
        key = (username, desk.pk)
        if key not in self._actors:
            self._actors[key] = actor_for(self.accounts[username], Place(library, desk.pk))
        return self._actors[key]

    def __post_init__(self) -> None:
        self._actors: dict[tuple[str, int], Actor] = {}


def make_campus(today: date, rng: Random) -> Campus:
    """Make the institution with its libraries, desks and accounts."""
    institution = provision_institution(
        code=CODE, name="Larkspur University", currency_code="USD", locale="en_US", time_zone=TIME_ZONE
    )
    for type_code, rate_bp in _VAT_BP.items():
        FeeType.objects.filter(institution=institution, code=type_code).update(vat_rate_bp=rate_bp)
    libraries, desks = {}, {}
    for shelf, code, name, its_desks in _LIBRARIES:
        library = libraries[shelf] = Library.objects.create(institution=institution, code=code, name=name)
        desks[library.pk] = [
            Desk.objects.create(institution=institution, library=library, code=desk_code, name=desk_name)
            for desk_code, desk_name in its_desks
        ]
    password = make_password(PASSWORD)  # one hash for all: it is slow to make on purpose
    accounts = {each.username: _account(institution, each, password) for each in SIGN_INS}
    return Campus(institution, libraries, desks, accounts, today, rng)


def _account(institution: Institution, sign_in: SignIn, password: str) -> Account:
    account = Account.objects.create(
        institution=institution, username=sign_in.username, name=sign_in.name, is_demo=True, password=password
    )
    RoleAssignment.objects.create(institution=institution, account=account, role=sign_in.role)
    return account
