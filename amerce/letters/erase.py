"""Erasing letters that name a loan or request which was anonymised (row E3), or went to a patron who is deleted.

Why the whole letter and not a name in it: what was sent is kept byte for byte, and one that is changed would lie.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

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

    That a letter of its kind was written and when it went stays. A print file that holds one is erased whole; what
    else is in it waits for another, unless it was printed. In the transaction of what anonymises.
    """
    wanted = set(names)
    written = Letter.objects.filter(institution_id=institution_id, patron_id__in=set(patron_ids), erased_at=None)
    told = written.exclude(about=[]).values_list("pk", "about").order_by("pk")
    ids = [pk for pk, about in told.iterator(chunk_size=2000) if wanted & set(about)]
    return _erase(institution_id, ids, at)


def erase_letters_to(institution_id: int, patron_id: int, *, at: datetime) -> int:
    """Erase all that was written to one patron, as ``erase_letters_about`` does. In the transaction of what deletes."""
    letters = Letter.objects.filter(institution_id=institution_id, patron_id=patron_id)
    return _erase(institution_id, list(letters.order_by("pk").values_list("pk", flat=True)), at)


def _erase(institution_id: int, ids: Sequence[int], at: datetime) -> int:
    for begin in range(0, len(ids), 500):
        some = Letter.objects.filter(pk__in=ids[begin : begin + 500])
        _erase_files(some)
        some.exclude(state__in=(Letter.State.SENT, Letter.State.SENDING)).update(state=Letter.State.DONE)
        some.update(patron=None, erased_at=at, **KEPT_COLUMNS)
        unprinted = _erase_files(some)  # again: one may have been kept while its letters were waited for
        if unprinted:
            Letter.objects.filter(batch__in=unprinted, state=Letter.State.WAITING).update(batch=None)
    if ids:  # a run that was cut off holds the file that it made last
        runs = JobRun.objects.filter(institution_id=institution_id, name=PRINTING, ended_at__isnull=False)
        runs.exclude(cursor={}).update(cursor={})
    return len(ids)


def _erase_files(letters: QuerySet[Letter]) -> list[int]:
    """Erase the print files that hold one of ``letters``; those that nobody printed yet. Locked in the order in which
    somebody says that one was printed: the file, then its letters.
    """
    held = PrintBatch.objects.filter(pk__in=letters.exclude(batch=None).values("batch")).order_by("pk")
    files = dict(held.select_for_update(of=("self",)).values_list("pk", "printed_at"))
    if files:
        PrintBatch.objects.filter(pk__in=files).update(pdf=b"")
    return [pk for pk, printed_at in files.items() if printed_at is None]
