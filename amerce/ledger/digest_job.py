"""The job ``ledger-digest``: one line over all account heads into the file in the data folder.

The digest is of the whole database, whichever institution asks for it: a chain proves most beside all others.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor
from amerce.jobs.job import Job, JobRefused, Step
from amerce.jobs.models import JobRun
from amerce.ledger.digest import FILE_NAME, DigestUnreadable, write_digest


def _read_params(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    return {}


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    try:
        digest = write_digest(settings.DATA_DIR / FILE_NAME, at)
    except DigestUnreadable as error:
        raise JobRefused(
            _("Line %(line)s of %(path)s is broken. Put a whole copy in its place, then run this again.")
            % {"line": error.line, "path": error.path}
        ) from error
    return Step(cursor={"sha256": digest.sha256}, counts={"looked_at": 1, "accounts": digest.accounts}, is_last=True)


def _summary(run: JobRun) -> str:
    return f"accounts={run.counts['accounts']} sha256={run.cursor['sha256']}"


LEDGER_DIGEST = Job(
    name="ledger-digest",
    title=gettext_lazy("Ledger Digest"),
    params={},
    privileges=frozenset(),
    read_params=_read_params,
    expected=lambda run: 1,
    slice=_slice,
    summary=_summary,
    only_reads=True,
)
