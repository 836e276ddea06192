"""Bursar profiles: what they say, and reading them (row D1)."""

from dataclasses import dataclass

from django.db.models import QuerySet

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import can, require_for
from amerce.access.privileges import Privilege
from amerce.bursar.models import BursarProfile
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound

CHANGED = "bursar_profile.changed"
LISTS = ("fee_types", "user_groups", "libraries")


@dataclass(frozen=True, kw_only=True)
class ProfileFacts:
    """The words are those of ``BursarProfile``, without its secret."""

    code: str
    name: str
    exports: bool = True
    imports: bool = False
    fee_types: tuple[str, ...] = ()
    user_groups: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    institution_owned: bool = True
    rows: str = BursarProfile.Rows.DEBITS.value
    min_age_days: int = 0
    min_amount_minor: int = 0
    min_basis: str = BursarProfile.Basis.FEE.value
    identifier_type: str = ""
    writes_zone: bool = True
    destination: str = BursarProfile.Destination.DOWNLOAD.value
    folder: str = ""
    host: str = ""
    port: int = 22
    username: str = ""
    sign_in: str = BursarProfile.SignIn.PASSWORD.value
    host_key: str = ""
    secret_name: str = ""
    import_folder: str = ""
    import_effect: str = BursarProfile.Effect.CREDIT.value
    imports_per_line: bool = False

    @classmethod
    def of(cls, profile: BursarProfile) -> "ProfileFacts":
        said = {name: getattr(profile, name) for name in cls.__dataclass_fields__}
        return cls(**{**said, **{name: tuple(said[name]) for name in LISTS}})


def profiles_of(actor: Actor) -> QuerySet[BursarProfile]:
    """The profiles of the actor's institution by name, for who sees what they did and for who changes them."""
    if not can(actor, Privilege.CHARGES_CONFIGURE):
        require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    return BursarProfile.objects.filter(institution_id=actor.institution_id).order_by("name")


def get_profile(actor: Actor, profile_id: int) -> BursarProfile:
    """One profile. Raises ``RowNotFound``."""
    found = profiles_of(actor).filter(pk__in=possible_ids([profile_id])).first()
    if found is None:
        raise RowNotFound(profile_id)
    return found
