"""A bulk waiver: a slice of its job beside the same batch written by hand, and the whole job at full size."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from amerce.access.actors import Actor, system_actor
from amerce.access.privileges import Privilege
from amerce.bulk.criteria import Criteria
from amerce.bulk.job import BULK_WAIVING, SLICE_FEES, WAIVER
from amerce.bulk.models import BulkWaiver, WaivedPatron
from amerce.charges.many_books import open_many_books
from amerce.charges.models import Fee, FeeType
from amerce.institutions.models import Institution
from amerce.jobs.claim import claim_run, new_worker
from amerce.jobs.enqueue import enqueue
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_to_end
from amerce.ledger import chart
from amerce.ledger.chart import Kind
from amerce.patrons.models import Patron, UserGroup
from amerce.perf import bulk_limit
from amerce.perf.case import Case
from amerce.perf.ground import FEE_TYPE, Ground, now
from amerce.perf.plain import Plain
from amerce.perf.scale import peak_memory_mib

FEES_OF_A_PATRON = 2
AMOUNT_MINOR = 250
COMMENT = "Amnesty week"
REASON = "OTHER"
THRESHOLD_MINOR = 10_000
_AT_ONCE = 200
_OURS, _BY_HAND = "BULKJOB", "BULKHAND"
_serial = count(1)


@dataclass(frozen=True)
class Batch:
    """Patrons whose fees one slice waives, of the group that is chosen."""

    run: JobRun
    actor: Actor
    patron_id: int
    group_id: int
    at: datetime
    fee_id: int


@dataclass(frozen=True)
class BulkScale:
    """How a whole run went, and how fast the same was by hand."""

    fees: int
    slices: int
    taken_s: float
    by_hand_s: float
    first_memory_mib: float
    peak_memory_mib: float


def batches(ground: Ground, works: int) -> list[Any]:
    institution = Institution.objects.get(pk=ground.institution_id)
    limit = SLICE_FEES[connection.vendor]
    group_id = _group(institution).pk
    patron_ids = owing(ground, institution, group_id, works * limit // FEES_OF_A_PATRON + 1)
    waiver = _waiver(institution, group_id)
    actor = system_actor(institution.pk, "bench", Privilege.BULK_WAIVE)
    with connection.cursor() as cursor:  # as autovacuum does: without it a new database plans for empty tables
        cursor.execute("ANALYZE")
    fees = dict(Fee.objects.filter(patron_id__in=patron_ids).order_by("-pk").values_list("patron_id", "pk"))
    return [
        Batch(
            run=JobRun(
                institution=institution,
                name=BULK_WAIVING.name,
                params={WAIVER: waiver.pk},
                cursor={"after_patron": first - 1},
            ),
            actor=actor,
            patron_id=first,
            group_id=group_id,
            at=now(),
            fee_id=fees[first],
        )
        for first in patron_ids[:: limit // FEES_OF_A_PATRON][:works]
    ]


def owing(
    ground: Ground, institution: Institution, group_id: int, patrons: int, comment: str = "", **columns: Any
) -> list[int]:
    """So many new patrons of the group, each with fees that are open; by the code that charges. ``columns`` are further
    ones of their fees.
    """
    names = [f"OWES{next(_serial):07}-{now().timestamp()}" for _ in range(patrons)]
    made = Patron.objects.bulk_create(
        (
            Patron(
                institution=institution,
                group_id=group_id,
                primary_id=each,
                primary_folded=each.lower(),
                created_at=now(),
            )
            for each in names
        ),
        batch_size=1000,
    )
    ids = [each.pk for each in made]
    fee_type = FeeType.objects.get(institution=institution, code=FEE_TYPE)
    for begin in range(0, len(ids), _AT_ONCE):
        with transaction.atomic():
            many = open_many_books(
                actor=ground.actor, at=now(), institution=institution, patron_ids=ids[begin : begin + _AT_ONCE]
            )
            for books in many.of.values():
                for _ in range(FEES_OF_A_PATRON):
                    note = books.note(comment)
                    fee = books.open_fee(fee_type, owner_id=ground.library_id, note=note, **columns)
                    books.move(
                        Kind.CHARGE,
                        debit=chart.ACTIVE,
                        credit=chart.income(FEE_TYPE),
                        amount_minor=AMOUNT_MINOR,
                        fee=fee,
                        note=note,
                    )
                many.enter(books, "fee.assessed")
            many.close()
    return ids


def owe(ground: Ground, fees: int) -> None:
    """Make so many open fees for each of two groups, whose patrons owe nothing else."""
    institution = Institution.objects.get(pk=ground.institution_id)
    for code in (_OURS, _BY_HAND):
        group = UserGroup.objects.create(institution=institution, code=code, label=code)
        owing(ground, institution, group.pk, fees // FEES_OF_A_PATRON)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def waive_all(ground: Ground, progressed: Callable[[int], None] = lambda looked_at: None) -> BulkScale:
    """Waive what one group owes by the job and what the other owes by hand, in this process."""
    institution = Institution.objects.get(pk=ground.institution_id)
    ours, theirs = (UserGroup.objects.get(institution=institution, code=code) for code in (_OURS, _BY_HAND))
    waiver = _waiver(institution, ours.pk)
    actor = system_actor(institution.pk, "bench", Privilege.BULK_WAIVE)
    queued = enqueue(actor=actor, at=now(), name=BULK_WAIVING.name, given={WAIVER: str(waiver.pk)})
    worker = new_worker()
    run = claim_run(queued.pk, worker=worker, now=now())
    assert run, "nobody else works in this database"
    memory_mib: list[float] = []
    hand = _ByHand(ground, _waiver(institution, theirs.pk), theirs.pk)
    ours_s, began = 0.0, perf_counter()

    def sliced(run: JobRun) -> None:
        """By hand after each slice, so that both feel the same load of the machine."""
        nonlocal ours_s, began
        ours_s += perf_counter() - began
        memory_mib.append(peak_memory_mib())
        hand.waive()
        progressed(run.counts["fees"])
        began = perf_counter()

    run = run_to_end(run, worker=worker, clock=now, on_progress=sliced)
    assert run.state == JobRun.State.DONE, run.error
    by_hand_s = hand.finish()
    assert hand.patrons() == run.counts["patrons"]
    return BulkScale(
        fees=run.counts["fees"],
        slices=len(memory_mib),
        taken_s=ours_s,
        by_hand_s=by_hand_s,
        first_memory_mib=memory_mib[0],
        peak_memory_mib=memory_mib[-1],
    )


class _ByHand:
    """The other group's fees, batch by batch, and how long that took."""

    def __init__(self, ground: Ground, waiver: BulkWaiver, group_id: int) -> None:
        self._ground, self._waiver, self._group_id = ground, waiver, group_id
        self._actor = system_actor(ground.institution_id, "bench", Privilege.BULK_WAIVE)
        self._plain = Plain()
        self._after: int | None = 0
        self._taken_s = 0.0

    def waive(self) -> None:
        if self._after is None:
            return
        began = perf_counter()
        self._after = bulk_limit.waive(
            self._ground,
            self._plain,
            self._waiver.pk,
            self._actor,
            group_id=self._group_id,
            after=self._after,
            at=now(),
            limit=SLICE_FEES[connection.vendor],
        )
        self._taken_s += perf_counter() - began

    def finish(self) -> float:
        while self._after is not None:
            self.waive()
        self._plain.close()
        return self._taken_s

    def patrons(self) -> int:
        return WaivedPatron.objects.filter(waiver=self._waiver).count()


def _group(institution: Institution) -> UserGroup:
    code = f"BULK{next(_serial)}-{now().timestamp()}"
    return UserGroup.objects.create(institution=institution, code=code, label=code)


def _waiver(institution: Institution, group_id: int) -> BulkWaiver:
    criteria = Criteria(threshold_minor=THRESHOLD_MINOR, group_ids=(group_id,), type_codes=None)
    return BulkWaiver.objects.create(
        institution=institution,
        criteria=criteria.as_json(),
        reason=REASON,
        comment=COMMENT,
        preview={},
        form_key=f"bench-{next(_serial)}-{now().timestamp()}",
        created_at=now(),
        created_by="bench",
    )


def _waive(ground: Ground, _: Plain, batch: Batch) -> None:
    with transaction.atomic():
        BULK_WAIVING.slice(batch.run, batch.actor, batch.at)


def _limit_waive(ground: Ground, plain: Plain, batch: Batch) -> None:
    bulk_limit.waive(
        ground,
        plain,
        batch.run.params[WAIVER],
        batch.actor,
        group_id=batch.group_id,
        after=batch.run.cursor["after_patron"],
        at=batch.at,
        limit=SLICE_FEES[connection.vendor],
    )


CASES = (Case("bulk waive (batches)", batches, _waive, _limit_waive, batch=SLICE_FEES.get(connection.vendor, 1)),)
