"""Erasing letters that name a loan or request which was anonymised (row E3).

Why the whole letter and not a name in it: what was sent is kept byte for byte, and one that is changed would lie.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from amerce.jobs.models import JobRun
from amerce.letters.models import Letter, PrintBatch
from amerce.letters.queries import PRINTING

KEPT_COLUMNS: dict[str, Any] = {
    "to": "",
    "subject": "",
    "error": "",
    "facts": {},
    "about": [],
    "body": b"",
    "pdf": None,
}


def erase_letters_about(
    institution_id: int, patron_ids: Collection[int], names: Collection[str], *, at: datetime
) -> int:
    """Erase what letters to these patrons say that name one of ``names`` (``loan:12``), and whom they went to: how
    many.

    That a letter of its kind was written and when it went stays. A print file that holds one is erased whole. In the
    transaction of what anonymises.
    """
    wanted = set(names)
    written = Letter.objects.filter(institution_id=institution_id, patron_id__in=set(patron_ids), erased_at=None)
    told = written.exclude(about=[]).values_list("pk", "about").order_by("pk")
    ids = [pk for pk, about in told.iterator(chunk_size=2000) if wanted & set(about)]
    for begin in range(0, len(ids), 500):
        some = Letter.objects.filter(pk__in=ids[begin : begin + 500])
        some.filter(state__in=(Letter.State.WAITING, Letter.State.REFUSED)).update(state=Letter.State.DONE)
        PrintBatch.objects.filter(pk__in=some.exclude(batch=None).values("batch")).exclude(pdf=b"").update(pdf=b"")
        some.update(patron=None, erased_at=at, **KEPT_COLUMNS)
    if ids:  # a run that was cut off holds the file that it made last
        runs = JobRun.objects.filter(institution_id=institution_id, name=PRINTING, ended_at__isnull=False)
        runs.exclude(cursor={}).update(cursor={})
    return len(ids)
