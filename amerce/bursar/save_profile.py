"""Adding, changing and deleting a bursar profile (row D1)."""

import base64
import binascii
import io
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import paramiko
from django.db import transaction
from django.db.models import QuerySet

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.access.sealed import seal
from amerce.bursar.errors import (
    CodeInUse,
    FolderTakesOwnFiles,
    HostKeyMalformed,
    KeyMalformed,
    ProfileAwaited,
    ProfileHasRuns,
)
from amerce.bursar.models import BursarImport, BursarProfile, BursarRun
from amerce.bursar.places import checked_folder
from amerce.bursar.profiles import CHANGED, LISTS, ProfileFacts
from amerce.charges.models import FeeType
from amerce.events.record import record
from amerce.inputs.checks import checked_name, checked_number, checked_text, possible_ids
from amerce.inputs.errors import ChoiceUnknown, NameMissing, NameTaken, RowNotFound, TextMalformed
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import CodeEntry, Library
from amerce.jobs.models import JobRun, JobSchedule
from amerce.jobs.queries import ENDED
from amerce.patrons.models import UserGroup

CODE_LIMIT, DAYS_LIMIT, PORT_LIMIT, SECRET_LIMIT = 40, 36_500, 65_535, 20_000
_CODE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_SECRET_IS_FOR = ("host", "port", "sign_in")
_SFTP, _FOLDER = BursarProfile.Destination.SFTP, BursarProfile.Destination.FOLDER


@dataclass(frozen=True)
class SavedProfile:
    """``is_changed`` is false when all was so already."""

    profile_id: int
    is_changed: bool = True


def save_profile(
    *,
    actor: Actor,
    at: datetime,
    facts: ProfileFacts,
    secret: str = "",
    profile_id: int | None = None,
    expected_stamp: str | None = None,
) -> SavedProfile:
    """Add a profile that says ``facts``, or make the one of ``profile_id`` say them.

    An empty ``secret`` leaves the one there is, unless it would go to another server, to one that shows another host
    key, or in another way than it was given for: then it is forgotten. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate``, ``NameMissing``, ``NameTaken``, ``TextTooLong``, ``TextMalformed``, ``ChoiceUnknown``,
    ``NumberOutOfRange``, and of ``bursar.errors`` ``CodeInUse``, ``FolderUnsafe``, ``FolderTakesOwnFiles``,
    ``HostKeyMalformed``, ``KeyMalformed``.
    """
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    after = _checked(actor.institution_id, facts)
    if secret:
        checked_text("secret", secret, SECRET_LIMIT)
    with transaction.atomic():
        locked_institution(actor)
        profile = _own(actor, profile_id) if profile_id is not None else None
        before = ProfileFacts.of(profile) if profile else None
        if profile and before == after and not secret:
            return SavedProfile(profile.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        _check_others(actor, after, profile_id)
        if profile and profile.code != after.code and _is_named(profile):
            raise CodeInUse
        if after.sign_in == BursarProfile.SignIn.KEY and secret:
            read_key(secret)
        is_forgotten = bool(profile and profile.sealed_secret and not secret and _goes_elsewhere(before, after))
        profile = profile or BursarProfile(institution_id=actor.institution_id)
        for name, value in asdict(after).items():
            setattr(profile, name, list(value) if name in LISTS else value)
        if secret:
            profile.sealed_secret = seal(secret)
        elif is_forgotten:
            profile.sealed_secret = ""
        profile.updated_by, profile.updated_at = actor.name, at
        profile.save()
        data: dict[str, Any] = {"row": profile.pk, "before": asdict(before) if before else None, "after": asdict(after)}
        if secret or is_forgotten:
            data = {**data, "is_secret_changed": True, "fields": ["secret"]}
        record(CHANGED, actor=actor, at=at, data=data)
        return SavedProfile(profile.pk)


def delete_profile(*, actor: Actor, at: datetime, profile_id: int, expected_stamp: str | None = None) -> None:
    """Delete a profile that never ran. Raises ``NotAllowed``, ``RowNotFound``, ``OutOfDate``, ``ProfileHasRuns``.

    ``ProfileAwaited`` is raised while a run waits for it or a schedule begins one: an upload would be lost from sight.
    """
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    with transaction.atomic():
        locked_institution(actor)
        profile = _own(actor, profile_id)
        before = ProfileFacts.of(profile)
        require_unchanged(before, expected_stamp)
        if _has_run(profile):
            raise ProfileHasRuns
        if _is_awaited(profile):
            raise ProfileAwaited
        profile.delete()
        record(CHANGED, actor=actor, at=at, data={"row": profile_id, "before": asdict(before), "after": None})


def read_key(text: str) -> paramiko.PKey:
    """The private key that ``text`` is. Raises ``KeyMalformed``."""
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text.strip() + "\n"))
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    raise KeyMalformed


def read_host_key(line: str) -> tuple[str, bytes]:
    """Kind and key of ``ssh-ed25519 AAAA… comment``. Raises ``HostKeyMalformed``."""
    parts = line.split()
    try:
        kind, key = parts[0], base64.b64decode(parts[1], validate=True)
        if key[4 : 4 + int.from_bytes(key[:4], "big")].decode() != kind:
            raise HostKeyMalformed
    except (IndexError, binascii.Error, ValueError) as error:
        raise HostKeyMalformed from error
    return kind, key


def _goes_elsewhere(before: ProfileFacts | None, after: ProfileFacts) -> bool:
    """Whether what is sealed would be shown to somebody new: a private key, too, is sent when it is a password.

    Without a host key nothing was ever sent, so that pinning the first one shows it to nobody new.
    """
    if before is None:
        return False
    if before.host_key and before.host_key.split()[:2] != after.host_key.split()[:2]:
        return True
    return any(getattr(before, each) != getattr(after, each) for each in _SECRET_IS_FOR)


def _has_run(profile: BursarProfile) -> bool:
    return any(each.objects.filter(profile=profile).exists() for each in (BursarRun, BursarImport))


def _is_awaited(profile: BursarProfile) -> bool:
    runs, schedules = _naming(profile)
    return runs.exclude(state__in=ENDED).exists() or schedules.exists()


def _is_named(profile: BursarProfile) -> bool:
    """Whether something finds the profile by its code: the files of its runs, what waits to be run, a schedule."""
    return _has_run(profile) or any(each.exists() for each in _naming(profile))


def _naming(profile: BursarProfile) -> tuple[QuerySet[JobRun], QuerySet[JobSchedule]]:
    of_it: dict[str, Any] = {
        "institution_id": profile.institution_id,
        "name__startswith": "bursar-",
        "params__profile": profile.code,
    }
    return JobRun.objects.filter(**of_it), JobSchedule.objects.filter(**of_it)


def _own(actor: Actor, profile_id: int) -> BursarProfile:
    mine = BursarProfile.objects.select_for_update().filter(institution_id=actor.institution_id)
    found = mine.filter(pk__in=possible_ids([profile_id])).first()
    if found is None:
        raise RowNotFound(profile_id)
    return found


def _checked(institution_id: int, facts: ProfileFacts) -> ProfileFacts:
    code = checked_name("code", facts.code, CODE_LIMIT)
    if set(code) - _CODE:
        raise TextMalformed("code")
    said: dict[str, Any] = {"code": code, "name": checked_name("name", facts.name)}
    for name in ("folder", "import_folder"):
        typed = getattr(facts, name).strip()
        from_root = "/" if typed.startswith("/") and facts.destination == _SFTP else ""
        said[name] = from_root + checked_folder(name, typed)
    for name, limit in (("host", 200), ("username", 100), ("secret_name", 60), ("host_key", 1000)):
        said[name] = checked_text(name, getattr(facts, name).strip(), limit)
    checked_number("min_age_days", facts.min_age_days, 0, DAYS_LIMIT)
    checked_number("min_amount_minor", facts.min_amount_minor, 0, 10**15)
    checked_number("port", facts.port, 1, PORT_LIMIT)
    for field, choices in (
        ("rows", BursarProfile.Rows.values),
        ("min_basis", BursarProfile.Basis.values),
        ("destination", BursarProfile.Destination.values),
        ("sign_in", BursarProfile.SignIn.values),
        ("import_effect", BursarProfile.Effect.values),
    ):
        if getattr(facts, field) not in choices:
            raise ChoiceUnknown(field)
    of = {"institution_id": institution_id}
    _check_codes("fee_types", facts.fee_types, FeeType.objects.filter(**of).values_list("code", flat=True))
    _check_codes("user_groups", facts.user_groups, UserGroup.objects.filter(**of).values_list("code", flat=True))
    _check_codes("libraries", facts.libraries, Library.objects.filter(**of).values_list("code", flat=True))
    if facts.identifier_type:
        types = CodeEntry.objects.filter(**of, table=CodeEntry.Table.IDENTIFIER_TYPE, removed_at=None)
        _check_codes("identifier_type", [facts.identifier_type], types.values_list("code", flat=True))
    said |= {name: tuple(sorted(set(getattr(facts, name)))) for name in LISTS}
    after = replace(facts, **said)
    if after.host_key:
        read_host_key(after.host_key)
    _check_destination(after)
    if _meets(after, after) and after.imports:
        raise FolderTakesOwnFiles
    return after


def _check_destination(facts: ProfileFacts) -> None:
    needed: tuple[str, ...] = ()
    if facts.destination == _SFTP:
        needed = ("host", "username")
    elif facts.destination == _FOLDER:
        needed = ("folder",)
    for field in needed:
        if not getattr(facts, field):
            raise NameMissing(field)


def _check_codes(field: str, chosen: Collection[str], known: Any) -> None:
    if set(chosen) - set(known):
        raise ChoiceUnknown(field)


def _check_others(actor: Actor, facts: ProfileFacts, profile_id: int | None) -> None:
    others = BursarProfile.objects.filter(institution_id=actor.institution_id).exclude(pk=profile_id or 0)
    for code, name in others.values_list("code", "name"):
        if code.casefold() == facts.code.casefold():
            raise NameTaken("code", code)
        if name.casefold() == facts.name.casefold():
            raise NameTaken("name", name)
    for other in map(ProfileFacts.of, others):
        if (facts.imports and _meets(other, facts)) or (other.imports and _meets(facts, other)):
            raise FolderTakesOwnFiles(other.name)


def _meets(exporting: ProfileFacts, importing: ProfileFacts) -> bool:
    """Whether what the one exports is put where the other looks for payments: it would be booked as paid."""
    if exporting.destination == BursarProfile.Destination.DOWNLOAD:
        return False
    there = ("host", "port", "username") if exporting.destination == _SFTP else ()
    is_same_place = (exporting.destination == _SFTP) == (importing.destination == _SFTP) and all(
        getattr(exporting, each) == getattr(importing, each) for each in there
    )
    return is_same_place and exporting.folder == importing.import_folder
