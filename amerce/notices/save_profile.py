"""Adding or changing a notification profile (row C3)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.charges.models import CREDIT_TYPE, FeeType
from amerce.inputs.checks import checked_name, checked_number, checked_row, checked_text
from amerce.inputs.errors import ChoiceUnknown, Refused
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution
from amerce.institutions.models import Institution, Library, Printer
from amerce.institutions.rows import require_free
from amerce.notices.errors import AmountAboveCeiling, AmountNeeded, MaximumTooLow, NoDayBetween, PrinterNeeded
from amerce.notices.models import NotificationProfile, ProfileGroup, ProfileOwner, ProfileType
from amerce.notices.profiles import INSTITUTION, ProfileFacts, locked_profile, record_change
from amerce.patrons.models import UserGroup

DAYS_LIMIT = 36_500
DESCRIPTION_LIMIT = 1000


@dataclass(frozen=True)
class ProfileSaved:
    """``is_changed`` is false for a profile that said all of it before: then nothing was written."""

    profile_id: int
    is_changed: bool


def save_profile(
    *,
    actor: Actor,
    at: datetime,
    facts: ProfileFacts,
    profile_id: int | None = None,
    expected_stamp: str | None = None,
) -> ProfileSaved:
    """Add an enabled profile that says ``facts``, or make the one of ``profile_id`` say them.

    A fee amount of a profile that creates no fee and a printer of one that does not print are left out.
    ``expected_stamp`` is that of ``ProfileFacts.of`` when the page was made. Raises ``NotAllowed``, ``RowNotFound``,
    ``OutOfDate`` and what ``checked_facts`` raises.
    """
    require_for(actor, Privilege.CHARGES_CONFIGURE, EVERYWHERE)
    after = as_kept(facts)
    with transaction.atomic():
        institution = locked_institution(actor)
        profile = locked_profile(actor, profile_id) if profile_id is not None else None
        before = ProfileFacts.of(profile) if profile else None
        if profile is not None and before == after:
            return ProfileSaved(profile.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        checked_facts(institution, after)
        require_free(NotificationProfile, actor, profile_id, {"name": after.name})
        profile = profile or NotificationProfile(institution=institution)
        for name, value in {**after.columns, "updated_by": actor.name, "updated_at": at}.items():
            setattr(profile, name, value)
        profile.save()
        _write_lists(institution, profile, after)
        record_change(actor, at, profile.pk, before, after)
        return ProfileSaved(profile.pk, is_changed=True)


def as_kept(facts: ProfileFacts) -> ProfileFacts:
    """``facts`` as the row will have them: without what has no effect, every list once and in order."""
    return replace(
        facts,
        name=facts.name.strip(),
        description=facts.description.strip(),
        groups=tuple(sorted(set(facts.groups))),
        owners=tuple(sorted(set(facts.owners))),
        types=tuple(sorted(set(facts.types))),
        fee_minor=facts.fee_minor if facts.creates_fee else None,
        printer_id=facts.printer_id if facts.prints else None,
    )


def checked_facts(institution: Institution, facts: ProfileFacts) -> None:
    """Raise what is wrong with a profile by itself.

    ``NameMissing``, ``TextTooLong``, ``TextMalformed``, ``NumberOutOfRange`` of days, ``ChoiceUnknown`` of groups,
    owners, types, format and printer, and of ``notices.errors`` ``AmountNeeded`` and ``AmountAboveCeiling`` of
    minimum, maximum and fee, ``MaximumTooLow``, ``NoDayBetween``, ``PrinterNeeded``.
    """
    for check in _CHECKS:
        check(institution, facts)


def mistakes(institution: Institution, facts: ProfileFacts) -> list[Refused]:
    """All that ``checked_facts`` would raise, one mistake after the other, so that a form tells them at once."""
    found = []
    for check in _CHECKS:
        try:
            check(institution, facts)
        except Refused as refused:
            found.append(refused)
    return found


def check_criteria(institution: Institution, facts: ProfileFacts) -> None:
    """The part of ``checked_facts`` that says whom the profile matches: enough for a preview while it is typed."""
    for check in _CRITERIA:
        check(institution, facts)


def _check_texts(_institution: Institution, facts: ProfileFacts) -> None:
    checked_name("name", facts.name)
    checked_text("description", facts.description, DESCRIPTION_LIMIT)


def _check_minimum(institution: Institution, facts: ProfileFacts) -> None:
    _check_amount(institution, "minimum_minor", facts.minimum_minor)


def _check_maximum(institution: Institution, facts: ProfileFacts) -> None:
    if facts.maximum_minor is not None:
        _check_amount(institution, "maximum_minor", facts.maximum_minor)
        if facts.maximum_minor <= facts.minimum_minor:
            raise MaximumTooLow


def _check_fee(institution: Institution, facts: ProfileFacts) -> None:
    if facts.creates_fee:
        _check_amount(institution, "fee_minor", facts.fee_minor)


def _check_sending(institution: Institution, facts: ProfileFacts) -> None:
    if facts.send_format not in NotificationProfile.SendFormat.values:
        raise ChoiceUnknown("send_format")
    if facts.prints:
        if facts.printer_id is None:
            raise PrinterNeeded
        checked_row("printer_id", Printer, institution.pk, pk=facts.printer_id, is_active=True)


def _check_lists(institution: Institution, facts: ProfileFacts) -> None:
    for group_id in facts.groups:
        checked_row("groups", UserGroup, institution.pk, pk=group_id)
    for library_id in set(facts.owners) - {INSTITUTION}:
        checked_row("owners", Library, institution.pk, pk=library_id)
    known = FeeType.objects.filter(institution=institution).exclude(code=CREDIT_TYPE)
    if set(facts.types) - set(known.values_list("pk", flat=True)):
        raise ChoiceUnknown("types")


def _check_amount(institution: Institution, field: str, amount_minor: int | None) -> None:
    if not amount_minor or amount_minor < 0:
        raise AmountNeeded(field)
    if amount_minor > institution.amount_ceiling_minor:
        raise AmountAboveCeiling(field, institution.amount_ceiling_minor)


def _check_days(_institution: Institution, facts: ProfileFacts) -> None:
    """Both are strict: with more than 30 and less than 31 days there is no day left."""
    before, after = facts.created_before_days, facts.created_after_days
    if before is not None:
        checked_number("created_before_days", before, 0, DAYS_LIMIT)
    if after is not None:
        checked_number("created_after_days", after, 1, DAYS_LIMIT)
    if before is not None and after is not None and after <= before + 1:
        raise NoDayBetween(before)


_CRITERIA = (_check_minimum, _check_maximum, _check_days, _check_lists)
_CHECKS = (_check_texts, *_CRITERIA, _check_fee, _check_sending)


def _write_lists(institution: Institution, profile: NotificationProfile, facts: ProfileFacts) -> None:
    mine = {"institution": institution, "profile": profile}
    ProfileGroup.objects.filter(**mine).delete()
    ProfileOwner.objects.filter(**mine).delete()
    ProfileType.objects.filter(**mine).delete()
    ProfileGroup.objects.bulk_create(ProfileGroup(**mine, group_id=each) for each in facts.groups)
    ProfileOwner.objects.bulk_create(
        ProfileOwner(**mine, library_id=None if each == INSTITUTION else each) for each in facts.owners
    )
    ProfileType.objects.bulk_create(ProfileType(**mine, type_id=each) for each in facts.types)
