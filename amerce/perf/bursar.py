"""The bursar: a chunk of an export and of an import beside the same batch written by hand.

Why chunks: posting is what takes long in both, and what it costs is a chunk's; ``bursar_scale.py`` runs them whole.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection, transaction

from amerce.access.actors import Actor, system_actor
from amerce.access.privileges import Privilege
from amerce.bursar import export_stages, import_stages
from amerce.bursar.models import BursarImport, BursarLine, BursarPayment, BursarProfile, BursarRun
from amerce.circulation.models import Item
from amerce.institutions.models import BursarSequence, Institution
from amerce.patrons.models import UserGroup
from amerce.perf import bursar_limit
from amerce.perf.bulk import AMOUNT_MINOR, FEES_OF_A_PATRON, owing
from amerce.perf.case import Case
from amerce.perf.ground import Ground, now
from amerce.perf.plain import Plain
from amerce.sql import fresh, insert

FEES = export_stages.CHUNK[connection.vendor]
DUE_AT = datetime(2026, 1, 30, 22, tzinfo=UTC)
_serial = count(1)


@dataclass(frozen=True)
class Chunk:
    """Of ``of``, a run or a file of payments, one chunk is to be posted."""

    of: type[BursarRun] | type[BursarImport]
    pk: int
    actor: Actor
    at: datetime
    patron_id: int
    fee_id: int


def clerk(ground: Ground) -> Actor:
    return system_actor(ground.institution_id, "bench", Privilege.FEE_EXPORT)


def profile_of_group(ground: Ground, fees: int, code: str = "") -> BursarProfile:
    """A profile for the fees of one group, so many of them, two of each patron; their library has a sequence.

    Each fee has all that the file says of one.
    """
    institution = Institution.objects.get(pk=ground.institution_id)
    code = code or f"B{next(_serial)}-{now():%H%M%S%f}"
    group = UserGroup.objects.create(institution=institution, code=code, label=code)
    item = Item.objects.create(
        institution=institution, library_id=ground.library_id, title="The leopard", barcode=f"I-{code}",
        call_number="PQ4843 .A62", location_code="STACKS",
    )  # fmt: skip
    owing(
        ground, institution, group.pk, -(-fees // FEES_OF_A_PATRON), "Cover torn & wet",
        item_id=item.pk, title=item.title, barcode=item.barcode, due_at=DUE_AT,
        loaned_at=DUE_AT - timedelta(days=28), returned_at=DUE_AT + timedelta(days=3),
    )  # fmt: skip
    BursarSequence.objects.get_or_create(
        institution=institution,
        library_id=ground.library_id,
        defaults={"name": "Main", "prefix": "M", "start": 1, "next_value": 1},
    )
    return BursarProfile.objects.create(institution=institution, code=code, name=code, imports=True, user_groups=[code])


def analyze() -> None:
    """As autovacuum does: without it a new database plans for empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def new_run(profile: BursarProfile) -> BursarRun:
    """A run of the profile that has selected all it will export."""
    with transaction.atomic():
        run = export_stages.open_run(started_by="bench", at=now(), profile=profile, number=next(_serial) + 10**9)
        while run.state == BursarRun.State.SELECTING:
            export_stages.select(run)
    return run


def runs(ground: Ground, works: int) -> list[Any]:
    made = []
    for _ in range(works):
        run = new_run(profile_of_group(ground, FEES))
        line = BursarLine.objects.filter(run=run).earliest("pk")
        made.append(Chunk(BursarRun, run.pk, clerk(ground), now(), line.patron_id, line.fee_id))
    analyze()
    return made


def files(ground: Ground, works: int) -> list[Any]:
    """Files of payments that pay all that a run exported."""
    made = []
    for each in runs(ground, works):
        _export(ground, None, each)
        run = BursarRun.objects.get(pk=each.pk)
        file = BursarImport.objects.create(
            institution_id=run.institution_id, profile_id=run.profile_id, number=run.number, file_name="paid.xml",
            kept_as="paid.xml", state=BursarImport.State.POSTING, effect="credit", per_line=False, started_by="bench",
            started_at=now(),
        )  # fmt: skip
        lines = BursarLine.objects.filter(run=run).select_related("fee").order_by("pk")
        with transaction.atomic():
            insert([_paid(file, position, line) for position, line in enumerate(lines, 1)])
        made.append(Chunk(BursarImport, file.pk, each.actor, now(), each.patron_id, each.fee_id))
    analyze()
    return made


def _paid(file: BursarImport, position: int, line: BursarLine) -> BursarPayment:
    return fresh(
        BursarPayment,
        institution_id=file.institution_id,
        file_id=file.pk,
        position=position,
        transaction_id=line.fee.bursar_transaction_id,
        sum_text=f"{AMOUNT_MINOR / 100:.2f}",
        currency_code="USD",
        amount_minor=line.posted_minor,
        fee_id=line.fee_id,
        patron_id=line.patron_id,
        outcome=BursarPayment.Outcome.PENDING.value,
    )


def _export(_: Ground, __: Plain | None, chunk: Chunk) -> None:
    with transaction.atomic():
        rows = BursarRun.objects.select_for_update(of=("self",)).select_related("profile__institution")
        export_stages.export_chunk(rows.get(pk=chunk.pk), chunk.actor, chunk.at)


def _import(_: Ground, __: Plain, chunk: Chunk) -> None:
    with transaction.atomic():
        rows = BursarImport.objects.select_for_update(of=("self",)).select_related("profile__institution")
        import_stages.book_chunk(rows.get(pk=chunk.pk), chunk.actor, chunk.at, FEES)


def _limit_export(ground: Ground, plain: Plain, chunk: Chunk) -> None:
    bursar_limit.export(ground, plain, chunk.pk, chunk.actor, at=chunk.at, limit=FEES)


def _limit_import(ground: Ground, plain: Plain, chunk: Chunk) -> None:
    bursar_limit.take_in(ground, plain, chunk.pk, chunk.actor, at=chunk.at, limit=FEES)


CASES = (
    Case("bursar export (batches)", runs, _export, _limit_export, batch=FEES),
    Case("bursar import (batches)", files, _import, _limit_import, batch=FEES),
)
