"""The job *Balance Blocks*: tells whom what they owe blocks since today, and whom no more (row G4).

Why every night: a debt grows older and a rule is changed without any money moving, and then nothing else would tell.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.access.privileges import Privilege
from amerce.institutions.models import Institution
from amerce.jobs.job import Job, Step
from amerce.jobs.models import JobRun
from amerce.ledger.models import PatronAccount
from amerce.webhooks.balance_blocks import changes_of, tell
from amerce.webhooks.models import ToldBlock

READ_PATRONS = 500
SLICE_CHANGES = 150
"""How many changes one transaction tells: each writes three rows at most."""
_AFTER = "after_patron"


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    return {}


def _owing(institution: Institution) -> QuerySet[PatronAccount]:
    return PatronAccount.objects.filter(institution=institution, active_minor__gt=F("credit_minor"))


def _told(institution: Institution) -> QuerySet[ToldBlock]:
    return ToldBlock.objects.filter(institution=institution)


def _expected(run: JobRun) -> int:
    owing = _owing(run.institution)
    paid = _told(run.institution).exclude(patron_id__in=owing.values("patron_id"))
    return owing.count() + paid.count()


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    institution, after = run.institution, run.cursor.get(_AFTER, 0)
    ids = _patrons_after(institution, after)
    changes = changes_of(institution, ids, at)
    told_now = changes.patron_ids[:SLICE_CHANGES]
    if len(told_now) < len(changes.patron_ids):
        ids = [each for each in ids if each <= told_now[-1]]
    done = tell(actor, institution, changes.among(told_now), at)
    return Step(
        cursor={_AFTER: ids[-1] if ids else after},
        counts={"looked_at": len(ids), "blocked": len(done.blocked), "let_go": len(done.let_go)},
        is_last=not ids,
    )


def _patrons_after(institution: Institution, after: int) -> list[int]:
    """The next who owe something, or of whom was told that they are blocked, by id."""
    found: set[int] = set()
    for rows in (_owing(institution), _told(institution)):
        later = rows.filter(patron_id__gt=after).order_by("patron_id")
        found.update(later.values_list("patron_id", flat=True)[:READ_PATRONS])
    return sorted(found)[:READ_PATRONS]


BALANCE_BLOCKS = Job(
    name="balance-blocks",
    title=gettext_lazy("Balance Blocks"),
    params={},
    privileges=frozenset({Privilege.PATRON_VIEW}),
    read_params=_read_params,
    expected=_expected,
    slice=_slice,
    summary=lambda run: f"blocked={run.counts['blocked']} let_go={run.counts['let_go']}",
)
