"""The bursar at full size: many fees exported, their file made, read again and booked, by the jobs and by hand.

Why two sides that take turns, each in a process of its own: both feel the same load of the machine, and what memory
our side needs is seen with nothing else in it.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from django.db import connection

from amerce.bursar import export_stages
from amerce.bursar.export_job import BURSAR_EXPORT
from amerce.bursar.import_files import place_of
from amerce.bursar.import_job import BURSAR_IMPORT
from amerce.bursar.import_stages import READ_AT_ONCE, begin_import
from amerce.bursar.models import BursarImport, BursarProfile, BursarRun
from amerce.bursar.uploads import keep_upload
from amerce.jobs.claim import claim_run, new_worker
from amerce.jobs.enqueue import enqueue
from amerce.jobs.models import JobRun
from amerce.jobs.runner import run_slice
from amerce.perf import bursar_file_limit, bursar_limit
from amerce.perf.bursar import analyze, clerk, new_run, profile_of_group
from amerce.perf.ground import Ground, now
from amerce.perf.plain import Plain
from amerce.perf.scale import peak_memory_mib

OURS, BY_HAND = "OURS", "HAND"
SELECT, POST, FILE, READ, BOOK, REST = "select", "post", "file", "read", "book", "rest"
STAGES = (SELECT, POST, FILE, READ, BOOK)
"""What both sides do one after the other, but for selecting, which was done by hand before; ``REST`` is in between."""
FILES = 3
"""How often each side makes its file, which is made in one piece."""
_COPIED = 1 << 20


@dataclass(frozen=True)
class Piece:
    """A bounded piece of the work: so many rows of one stage. ``memory_mib`` is the peak of its process so far."""

    stage: str
    rows: int
    taken_s: float
    memory_mib: float


@dataclass
class Tally:
    """All pieces of one side."""

    rows: dict[str, int] = field(default_factory=dict)
    taken_s: dict[str, float] = field(default_factory=dict)
    memory_mib: list[float] = field(default_factory=list)

    def add(self, piece: Piece) -> None:
        self.rows[piece.stage] = self.rows.get(piece.stage, 0) + piece.rows
        self.taken_s[piece.stage] = self.taken_s.get(piece.stage, 0.0) + piece.taken_s
        self.memory_mib.append(piece.memory_mib)

    def per_s(self, stage: str) -> float:
        return self.rows[stage] / self.taken_s[stage]


def owe_alone(ground: Ground, fees: int) -> None:
    """Make so many fees for our side."""
    profile_of_group(ground, fees, OURS)
    analyze()


def owe(ground: Ground, fees: int) -> None:
    """Make so many fees for each side, and the run that is exported by hand."""
    owe_alone(ground, fees)
    profile_of_group(ground, fees, BY_HAND)
    new_run(BursarProfile.objects.select_related("institution").get(code=BY_HAND))
    analyze()


def in_turns(*sides: Iterator[Piece]) -> Iterator[tuple[int, Piece]]:
    """The pieces of all sides with the number of theirs: the next is of the side behind, by stage, then by rows."""
    at, open_sides = [(0, 0)] * len(sides), list(range(len(sides)))
    while open_sides:
        number = min(open_sides, key=lambda each: at[each])
        piece = next(sides[number], None)
        if piece is None:
            open_sides.remove(number)
            continue
        if piece.stage != REST:
            stage = STAGES.index(piece.stage)
            at[number] = (stage, piece.rows + (at[number][1] if stage == at[number][0] else 0))
        yield number, piece


def ours(ground: Ground) -> Iterator[Piece]:
    """The jobs, slice by slice as a worker does them: the export, then the import of its own file."""
    yield from _slices(ground, BURSAR_EXPORT.name, {})
    export = BursarRun.objects.select_related("profile__institution").get(profile__code=OURS)
    for _ in range(FILES - 1):
        yield _timed(FILE, lambda: export_stages.make_file(export).count)
    path = export_stages.kept_file(export)
    with path.open("rb") as file:
        pieces = iter(lambda: file.read(_COPIED), b"")
        size = path.stat().st_size
        name = keep_upload(actor=clerk(ground), at=now(), name=path.name, size=size, pieces=pieces)
    yield from _slices(ground, BURSAR_IMPORT.name, {"upload": name})


def by_hand(ground: Ground) -> Iterator[Piece]:
    """The same rows and the same elements, by the drivers and lxml alone."""
    run = BursarRun.objects.select_related("profile").get(profile__code=BY_HAND)
    actor, plain, limit = clerk(ground), Plain(), export_stages.CHUNK[connection.vendor]
    while True:
        piece = _timed(POST, lambda: bursar_limit.export(ground, plain, run.pk, actor, at=now(), limit=limit))
        yield piece
        if piece.rows < limit:
            break
    with tempfile.TemporaryDirectory(prefix="amerce-bench-") as folder:
        path = Path(folder) / "by-hand.xml"
        for _ in range(FILES):
            yield _timed(FILE, lambda: bursar_file_limit.write(plain, run.pk, path))
        file = begin_import(
            started_by="bench", at=now(), profile=run.profile, number=run.number, file_name=path.name,
            kept_as=place_of(run.pk, path.name),
        )  # fmt: skip
        batches = bursar_file_limit.read(ground, plain, file.pk, path, limit=READ_AT_ONCE)
        while (piece := _timed(READ, lambda: next(batches, 0))).rows:
            yield piece
    while True:
        piece = _timed(BOOK, lambda: bursar_limit.take_in(ground, plain, file.pk, actor, at=now(), limit=limit))
        yield piece
        if piece.rows < limit:
            break
    plain.close()


def _timed(stage: str, work: Callable[[], int]) -> Piece:
    began = perf_counter()
    rows = work()
    return Piece(stage, rows, perf_counter() - began, peak_memory_mib())


def _slices(ground: Ground, name: str, given: dict[str, str]) -> Iterator[Piece]:
    """A run of the job, from its first slice to its last."""
    worker = new_worker()
    queued = enqueue(actor=clerk(ground), at=now(), name=name, given={"profile": OURS, **given})
    run = claim_run(queued.pk, worker=worker, now=now())
    assert run, "nobody else works in this database"
    while run.state == JobRun.State.RUNNING:
        stage, before = _stage_of(run), _through(run)
        began = perf_counter()
        run = run_slice(run, worker=worker, clock=now)
        taken_s = perf_counter() - began
        yield Piece(stage, _through(run).get(stage, 0) - before.get(stage, 0), taken_s, peak_memory_mib())
    assert run.state == JobRun.State.DONE, run.error


def _stage_of(run: JobRun) -> str:
    """What the next slice of the run does."""
    stage = run.cursor.get("stage")
    if run.name == BURSAR_IMPORT.name:
        return {"read": READ, "keep": READ, "match": READ, "book": BOOK}.get(stage, REST)
    if stage == "file":
        return FILE
    if stage != "":
        return REST
    export = BursarRun.objects.get(pk=run.cursor["export"])
    return {BursarRun.State.SELECTING: SELECT, BursarRun.State.POSTING: POST}.get(BursarRun.State(export.state), REST)


def _through(run: JobRun) -> dict[str, int]:
    """How many rows of each stage the run is through."""
    booked = {BOOK: run.counts.get("looked_at", 0)}
    if run.name == BURSAR_IMPORT.name:
        file = BursarImport.objects.filter(number=run.pk).first()
        is_read = run.cursor.get("stage") in ("book", "tidy", "end")
        return {**booked, READ: file.line_count if file and is_read else run.cursor.get("position", 0)}
    export = BursarRun.objects.filter(number=run.pk).first()
    return {
        SELECT: export.selected_count if export else 0,
        POST: booked[BOOK],
        FILE: run.cursor.get("written", {}).get("count", 0),
    }
