"""When the jobs of a new institution begin by themselves: at night, in the order in which one needs the other."""

from amerce.circulation.anonymise import ANONYMISE_LOANS
from amerce.circulation.lost_loans import LOST_LOANS
from amerce.circulation.overdue_fines import OVERDUE_FINES
from amerce.circulation.overdue_notices import OVERDUE_NOTICES
from amerce.circulation.purge import PURGE_RETURNS
from amerce.inputs.stamp import stamp_of
from amerce.institutions.models import Institution
from amerce.jobs.models import JobSchedule
from amerce.ledger.digest_job import LEDGER_DIGEST
from amerce.webhooks.block_job import BALANCE_BLOCKS

NIGHTLY: tuple[tuple[str, str, dict[str, str]], ...] = (
    (OVERDUE_FINES.name, "10 0 * * *", {"scheduled": "yes"}),
    (LOST_LOANS.name, "20 0 * * *", {}),
    (OVERDUE_NOTICES.name, "30 0 * * *", {}),
    (BALANCE_BLOCKS.name, "40 0 * * *", {}),
    (ANONYMISE_LOANS.name, "30 1 * * *", {}),
    (PURGE_RETURNS.name, "45 1 * * *", {}),
    (LEDGER_DIGEST.name, "0 3 * * *", {}),
)
"""Job, times and parameters. A worker works out when each is due for the first time."""


def default_schedules(institution: Institution) -> list[JobSchedule]:
    """The rows, to be written by the caller."""
    return [
        JobSchedule(institution=institution, name=name, cron=cron, params=params, key=stamp_of(params))
        for name, cron, params in NIGHTLY
    ]
