"""Monitor Jobs with ten runs and with ten thousand: it must not ask more of the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from amerce.access.models import Account, RoleAssignment
from amerce.circulation.overdue_fines import OVERDUE_FINES
from amerce.jobs.models import JobRun
from amerce.perf.ground import Ground, now
from amerce.perf.visit import visit

FEW, MANY = 10, 10_000
TABS = ("scheduled", "running", "history")
_STATES = (JobRun.State.DONE, JobRun.State.DONE, JobRun.State.FAILED, JobRun.State.CANCELLED)


def remarks(ground: Ground) -> Iterator[str]:
    """One sentence for each tab."""
    client = Client()
    client.force_login(_administrator(ground))
    with override_settings(ALLOWED_HOSTS=["*"]):
        _give_runs(ground, FEW)
        few = {tab: _visit(client, tab)[0] for tab in TABS}
        _give_runs(ground, MANY - FEW)
        for tab in TABS:
            many, time_s = _visit(client, tab)
            asked = f"{many} queries ({few[tab]} with {FEW}), {time_s * 1000:.0f} ms"
            yield f"Monitor Jobs, {tab}, with {MANY:,} runs: {asked}"


def _administrator(ground: Ground) -> Account:
    account = Account.objects.create(institution_id=ground.institution_id, username="monitor", name="Monitor")
    RoleAssignment.objects.create(
        institution_id=ground.institution_id, account=account, role="general_system_administrator"
    )
    return account


def _visit(client: Client, tab: str) -> tuple[int, float]:
    return visit(client, f"{reverse('jobs')}?tab={tab}")


def _give_runs(ground: Ground, count: int) -> None:
    """Runs alone, without what they did: the page reads runs."""
    ended_at = now()
    JobRun.objects.bulk_create(
        (_run(ground, ended_at, _STATES[number % len(_STATES)]) for number in range(count)), batch_size=500
    )


def _run(ground: Ground, ended_at: datetime, state: JobRun.State) -> JobRun:
    return JobRun(
        institution_id=ground.institution_id,
        name=OVERDUE_FINES.name,
        state=state,
        counts={"looked_at": 1200, "made": 40, "raised": 60, "total_minor": 2500},
        expected=1200,
        queued_at=ended_at - timedelta(minutes=3),
        started_at=ended_at - timedelta(minutes=2),
        ended_at=ended_at,
        started_by="monitor",
    )
