"""How what was selected, written, exported, delivered and paid agrees, run by run (row D7).

Why from lines, transfers and payments each on its own: a difference between them is what this is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bursar.models import (
    BOOKED,
    TICKED_OFF,
    UNMATCHED,
    BursarImport,
    BursarLine,
    BursarPayment,
    BursarProfile,
    BursarRun,
)
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.ledger.chart import CREDIT

_FOR_A_PERSON = ExpressionWrapper(UNMATCHED | TICKED_OFF, output_field=BooleanField())


@dataclass(frozen=True)
class Reconciled:
    """A run, and the same money counted in the ledger and in what came back. Signed minor units."""

    run: BursarRun
    ledger_count: int = 0
    ledger_minor: int = 0
    paid_count: int = 0
    paid_minor: int = 0
    outstanding_count: int = 0
    outstanding_minor: int = 0

    @property
    def has_file(self) -> bool:
        return bool(self.run.file_name)

    @property
    def difference_minor(self) -> int:
        """What the file holds above the ledger; it is zero, or something is wrong."""
        return self.run.file_minor - self.ledger_minor if self.has_file and self.run.state != "undone" else 0

    @property
    def difference_count(self) -> int:
        return self.run.file_count - self.ledger_count if self.has_file and self.run.state != "undone" else 0

    @property
    def differs(self) -> bool:
        return bool(self.difference_minor or self.difference_count)


def runs_of(actor: Actor, profile: BursarProfile | None = None) -> QuerySet[BursarRun]:
    """The exports of the institution, or of one profile, newest first."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    runs = BursarRun.objects.filter(institution_id=actor.institution_id).select_related("profile__institution")
    return (runs.filter(profile=profile) if profile else runs).order_by("-pk")


def get_run(actor: Actor, run_id: int) -> BursarRun:
    """One export. Raises ``RowNotFound``."""
    found = runs_of(actor).filter(pk__in=possible_ids([run_id])).first()
    if found is None:
        raise RowNotFound(run_id)
    return found


def imports_of(actor: Actor, profile: BursarProfile | None = None) -> QuerySet[BursarImport]:
    """The files of payments, newest first."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    files = BursarImport.objects.filter(institution_id=actor.institution_id).select_related("profile__institution")
    return (files.filter(profile=profile) if profile else files).order_by("-pk")


def get_import(actor: Actor, import_id: int) -> BursarImport:
    """One file of payments. Raises ``RowNotFound``."""
    found = imports_of(actor).filter(pk__in=possible_ids([import_id])).first()
    if found is None:
        raise RowNotFound(import_id)
    return found


def reconciliation(actor: Actor, profile: BursarProfile | None = None, limit: int = 50) -> list[Reconciled]:
    """The newest runs with their sums. Three queries."""
    return reconciled(actor, list(runs_of(actor, profile)[:limit]))


def reconciled(actor: Actor, runs: Sequence[BursarRun]) -> list[Reconciled]:
    """The runs with what the ledger and the files of payments say of them. Two queries."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    ids = [run.pk for run in runs]
    lines = BursarLine.objects.filter(institution_id=actor.institution_id, run__in=ids, transfer__isnull=False)
    standing = lines.filter(transfer__corrected_by=None)
    at_bursar = ~Q(fee__transferred_minor=0)
    ledger = standing.values("run_id").annotate(
        count=Count("pk"),
        total=signed_total(),
        open_count=Count("pk", filter=at_bursar),
        open_total=Sum("fee__transferred_minor", filter=at_bursar, default=0),
    )
    by_run: dict[int, dict[str, Any]] = {row["run_id"]: row for row in ledger.order_by()}
    paid = _paid_by_run(actor, ids)
    found = []
    for run in runs:
        row = by_run.get(run.pk, {"count": 0, "total": 0, "open_count": 0, "open_total": 0})
        paid_count, paid_minor = paid.get(run.pk, (0, 0))
        counts = (row["count"], row["total"], paid_count, paid_minor, row["open_count"], row["open_total"])
        found.append(Reconciled(run, *counts))
    return found


def unmatched_payments(
    actor: Actor, profile: BursarProfile | None = None, run: BursarRun | None = None
) -> QuerySet[BursarPayment]:
    """Lines of files of payments that could not be booked, newest first; of ``run`` those in files that name it."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    rows = BursarPayment.objects.filter(UNMATCHED, institution_id=actor.institution_id)
    rows = rows.filter(file__profile=profile) if profile else rows
    rows = rows.filter(file__profile=run.profile_id, file__export_number=str(run.number)) if run else rows
    return rows.select_related("file", "patron", "fee").order_by("-pk")


def ticked_payments(actor: Actor, profile: BursarProfile | None = None) -> QuerySet[BursarPayment]:
    """Lines that could not be booked and that somebody dealt with otherwise, the last one first."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    rows = BursarPayment.objects.filter(TICKED_OFF, institution_id=actor.institution_id)
    rows = rows.filter(file__profile=profile) if profile else rows
    return rows.select_related("file", "patron", "fee", "tick").order_by("-tick__ticked_at", "-pk")


def get_payment(actor: Actor, line_id: int) -> BursarPayment:
    """One line of a file of payments, with its tick if it has one, and whether it is ``for_a_person``: it could not be
    booked, so that somebody ticks it off. Raises ``RowNotFound``.
    """
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    lines = BursarPayment.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([line_id]))
    found = lines.select_related("file__profile", "patron", "tick").annotate(for_a_person=_FOR_A_PERSON).first()
    if found is None:
        raise RowNotFound(line_id)
    return found


def lines_of(actor: Actor, run: BursarRun | None = None) -> QuerySet[BursarLine]:
    """The lines of the run, or of all, with patron, fee and type, and what of each came back as ``paid_minor``."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    back = BursarPayment.objects.filter(BOOKED, fee=OuterRef("fee_id")).order_by().values("fee")
    lines = BursarLine.objects.filter(institution_id=actor.institution_id)
    lines = lines.filter(run=run) if run else lines
    paid = Coalesce(Subquery(back.annotate(sum=Sum("applied_minor")).values("sum")), 0, output_field=BigIntegerField())
    return lines.select_related("patron", "fee__type", "transfer").annotate(paid_minor=paid).order_by("pk")


def payments_of(actor: Actor, file: BursarImport) -> QuerySet[BursarPayment]:
    """The lines of a file of payments with their patrons and ticks, in their order, each with ``for_a_person``."""
    require_for(actor, Privilege.BURSAR_VIEW, EVERYWHERE)
    lines = BursarPayment.objects.filter(institution_id=actor.institution_id, file=file)
    return lines.select_related("patron", "tick").annotate(for_a_person=_FOR_A_PERSON).order_by("position")


def _paid_by_run(actor: Actor, run_ids: list[int]) -> dict[int, tuple[int, int]]:
    back = BursarPayment.objects.filter(BOOKED, fee=OuterRef("fee_id")).order_by().values("fee")
    paid = Subquery(back.annotate(sum=Sum("applied_minor")).values("sum"), output_field=BigIntegerField())
    lines = BursarLine.objects.filter(
        institution_id=actor.institution_id, run__in=run_ids, state=BursarLine.State.POSTED
    ).annotate(paid=paid)
    sums = lines.filter(paid__isnull=False).values_list("run_id").annotate(count=Count("pk"), total=Sum("paid"))
    return {run_id: (count, total or 0) for run_id, count, total in sums.order_by()}


def signed_total() -> Any:
    """The sum of what lines of runs exported, that of CREDITs counted against debts."""
    amount = F("transfer__amount_minor")
    signed = Case(When(transfer__debit=CREDIT, then=-amount), default=amount, output_field=BigIntegerField())
    return Sum(signed, output_field=BigIntegerField())
