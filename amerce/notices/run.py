"""The job ``fines-fees-notifications``: tells everybody who matches an enabled profile what they owe (rows C3, E2).

Why every run tells again: a profile says whom to tell, and its schedule how often (``docs/reference/rules.md``). Within
one run nobody is told or charged twice by a profile: the cursor moves in the transaction of letters and fees.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.institutions.models import Institution
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun
from amerce.letters.kinds import LetterKind
from amerce.letters.write import is_written
from amerce.money.format import format_plain
from amerce.notices.models import NotificationProfile
from amerce.notices.notify import Notified, notify
from amerce.notices.profiles import ProfileFacts, all_profiles
from amerce.notices.selection import BEGIN, messages, next_messages

PROFILE = "profile"
SLICE_MESSAGES = {"sqlite": 40, "postgresql": 150}
"""How many messages one transaction takes, for whose time a payment of their patrons waits; on SQLite any payment."""


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    """Only what was asked for: whoever asks for it again after a crash goes on with the run that was cut off."""
    institution = Institution.objects.get(pk=institution_id)
    _require_letters(institution)
    name = given.get(PROFILE, "")
    if name:
        named = NotificationProfile.objects.filter(institution_id=institution_id, name=name).first()
        if named is None:
            raise JobRefused(_("There is no notification profile “%(name)s”.") % {"name": name})
        if not named.is_enabled:
            raise JobRefused(_("The notification profile “%(name)s” is disabled. Enable it first.") % {"name": name})
    return {PROFILE: name}


def _expected(run: JobRun) -> int:
    """How many messages the profiles would write as things stand."""
    return sum(messages(run.institution, ProfileFacts.of(each), run.queued_at).count() for each in _followed(run))


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    """The next messages of the profile that the cursor is at.

    The cursor holds the profiles that were enabled when the run began, the ``number`` of the one at hand, the patron
    and owner told last, and the sums of what that profile has done so far. Fees made since the run was asked for do
    not count: its own would.
    """
    _require_letters(run.institution)
    number: int = run.cursor.get("number", 0)
    ids: list[int] = run.cursor["profiles"] if run.cursor else [each.pk for each in _followed(run)]
    if number >= len(ids):
        return Step(cursor=run.cursor, counts=_counts(Notified(), 0), is_last=True)
    is_last = number + 1 == len(ids)
    onward = {"profiles": ids, "number": number + 1}
    profile = all_profiles(run.institution_id).filter(pk=ids[number]).first()
    if profile is None or not profile.is_enabled:
        name = profile.name if profile else str(ids[number])
        left = RunEvent(Level.WARNING, "notification.left_out", {"profile": name})
        return Step(cursor=onward, counts=_counts(Notified(), 0), is_last=is_last, events=[left])
    facts, limit = ProfileFacts.of(profile), SLICE_MESSAGES[connection.vendor]
    after = (run.cursor["patron"], run.cursor["owner"]) if "patron" in run.cursor else BEGIN
    found = next_messages(run.institution, facts, run.queued_at, after=after, limit=limit)
    done = notify(
        actor=actor,
        at=at,
        institution=run.institution,
        facts=facts,
        as_of=run.queued_at,
        found=found,
        key=f"notification:{run.pk}:{profile.pk}",
    )
    so_far = _sum(run.cursor.get("done", {}), done)
    counts = _counts(done, len(found))
    if len(found) < limit:
        told = RunEvent(Level.INFO, "notification.profile", {"profile": profile.name, **_told(so_far)})
        return Step(cursor=onward, counts=counts, is_last=is_last, events=[told])
    place = {"patron": found[-1].patron_id, "owner": found[-1].owner}
    return Step(cursor={**onward, "number": number, **place, "done": so_far}, counts=counts, is_last=False)


def _followed(run: JobRun) -> QuerySet[NotificationProfile]:
    """The enabled profiles, or the one that was asked for."""
    found = all_profiles(run.institution_id).filter(is_enabled=True)
    return found.filter(name=run.params[PROFILE]) if run.params[PROFILE] else found


def _counts(done: Notified, looked_at: int) -> dict[str, int]:
    return {
        "looked_at": looked_at,
        "messages": done.messages,
        "letters": done.letters,
        "no_address": done.no_address,
        "not_due": done.dropped,
        "told_minor": done.told_minor,
        "charged_minor": done.charged_minor,
    }


def _sum(so_far: Mapping[str, int], done: Notified) -> dict[str, int]:
    return {name: so_far.get(name, 0) + count for name, count in asdict(done).items()}


def _told(sums: Mapping[str, int]) -> dict[str, int]:
    """The sums of a profile by the names that ``web/run_event_wording.py`` dresses."""
    return {
        "messages_count": sums["messages"],
        "letters_count": sums["letters"],
        "no_address_count": sums["no_address"],
        "dropped_count": sums["dropped"],
        "told_minor": sums["told_minor"],
        "charged_minor": sums["charged_minor"],
    }


def _summary(run: JobRun) -> str:
    counts, currency = run.counts, run.institution.currency
    told, charged = (format_plain(counts[name], currency) for name in ("told_minor", "charged_minor"))
    written = f"looked_at={counts['looked_at']} messages={counts['messages']} letters={counts['letters']}"
    return f"{written} told={told} charged={charged}"


def _require_letters(institution: Institution) -> None:
    """Nobody is charged for a letter that is turned off."""
    if not is_written(institution, LetterKind.FINES_FEES_NOTIFICATION):
        raise JobRefused(_("The letter Fines/Fees Notification is turned off, so nobody would be told."))


FINES_FEES_NOTIFICATIONS = Job(
    name="fines-fees-notifications",
    title=gettext_lazy("Fines/Fees Notifications"),
    params={PROFILE: gettext_lazy("the name of one notification profile; all that are enabled if left out")},
    privileges=frozenset({Privilege.PATRON_NOTIFY, Privilege.FEE_ACCRUE}),
    read_params=_read_params,
    expected=_expected,
    slice=_slice,
    summary=_summary,
    subject=lambda params, institution_id: str(params[PROFILE]),
    title_with_subject=gettext_lazy("Fines/Fees Notifications Using Profile %(subject)s"),
)
