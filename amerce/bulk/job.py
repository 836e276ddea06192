"""The job *Bulk Fine Waiving*: waives what the criteria of a confirmed bulk waiver select, patron by patron (row B15).

Why it selects anew under the lock: between preview and run people pay, lose and return things. The run waives by the
rules of that moment, and says what it left and why.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amerce.access.actors import Actor, actor_for
from amerce.access.can import ceiling_minor
from amerce.access.models import Account
from amerce.access.privileges import Privilege
from amerce.bulk.criteria import from_json
from amerce.bulk.models import BulkWaiver, IdLine, WaivedPatron
from amerce.bulk.selection import Verdict, count_patrons, judged_of, patrons_after
from amerce.charges.waive_many import Waived, waive_many
from amerce.inputs.checks import possible_ids, typed_ids
from amerce.jobs.job import Job, JobRefused, Level, RunEvent, Step
from amerce.jobs.models import JobRun
from amerce.money.format import format_plain
from amerce.sql import among, fresh, insert

SLICE_FEES = {"sqlite": 80, "postgresql": 150}
"""How many fees one transaction looks at, more only of a patron who has more alone.

A waived fee writes some six rows with its patron's, so a slice stays below the 500 rows that one transaction may write
on SQLite, where all others wait for it.
"""
WAIVER = "waiver"
SKIPPED = "bulk_waiving."
"""With the verdict, the code of what is told of a patron of whom something was left."""
NOTHING_HERE = "bulk_waiving.nothing_named"
_AFTER = "after_patron"


def read_waiver_param(given: Mapping[str, str], institution_id: int, at: datetime) -> dict[str, Any]:
    """The id of a bulk waiver that has no run yet: it is made with it on its page. Raises ``JobRefused``."""
    ids = typed_ids(given[WAIVER])
    if not BulkWaiver.objects.filter(institution_id=institution_id, pk__in=ids, run=None).exists():
        raise JobRefused(_("A bulk waiver is previewed and started on the page Bulk Fine Waiving."))
    return {WAIVER: ids[0]}


def waiver_of(run: JobRun) -> BulkWaiver:
    return BulkWaiver.objects.get(institution_id=run.institution_id, pk=run.params[WAIVER])


def _expected(run: JobRun) -> int:
    return count_patrons(run.institution, from_json(waiver_of(run).criteria))


def _slice(run: JobRun, actor: Actor, at: datetime) -> Step:
    waiver, institution = waiver_of(run), run.institution
    criteria = from_json(waiver.criteria)
    after = run.cursor.get(_AFTER, 0)
    ids, is_last = patrons_after(institution, criteria, after, SLICE_FEES[connection.vendor])
    fees: list[dict[str, Any]] = []

    def choose() -> Collection[int]:
        fees.extend(judged_of(institution, criteria, at, ids))
        return [fee["pk"] for fee in fees if fee["verdict"] == Verdict.WAIVED]

    waived = waive_many(
        actor=actor,
        at=at,
        institution=institution,
        patron_ids=ids,
        choose_fees=choose,
        reason=waiver.reason,
        comment=waiver.comment,
        data={"bulk_waiver": waiver.pk},
    )
    _require_below_ceiling(run, actor, sum(each.amount_minor for each in waived))
    _keep(waiver, waived)
    skipped = _skipped(fees) + _named_in_vain(waiver, ids, fees)
    return Step(
        cursor={_AFTER: ids[-1] if ids else after},
        counts={
            "looked_at": len(ids),
            "patrons": len(waived),
            "fees": sum(each.fees for each in waived),
            "total_minor": sum(each.amount_minor for each in waived),
            "skipped": len(skipped),
        },
        is_last=is_last,
        events=skipped,
    )


def _require_below_ceiling(run: JobRun, actor: Actor, more_minor: int) -> None:
    """What is owed grows between confirmation and run, and with it what is waived: never beyond the starter's ceiling.

    Raises ``JobRefused``, which takes this slice back.
    """
    ceiling = starter_ceiling_minor(run, actor)
    if ceiling is not None and run.counts.get("total_minor", 0) + more_minor > ceiling:
        most = f"{format_plain(ceiling, run.institution.currency)} {run.institution.currency_code}"
        raise JobRefused(
            _("More is owed than when this was confirmed: it would waive more than %(most)s, which is the most.")
            % {"most": most}
        )


def starter_ceiling_minor(run: JobRun, actor: Actor) -> int | None:
    """How far the privilege goes for whom ``run`` acts, by the roles of this moment; None without a ceiling."""
    account = Account.objects.filter(pk__in=possible_ids([actor.account_id or 0]), institution=run.institution).first()
    return ceiling_minor(actor_for(account, actor.place), Privilege.BULK_WAIVE) if account else None


def _keep(waiver: BulkWaiver, waived: Sequence[Waived]) -> None:
    """What the undo goes by, one row for each patron."""
    kept = {"institution_id": waiver.institution_id, "waiver_id": waiver.pk}
    insert([fresh(WaivedPatron, **kept, **vars(each)) for each in waived], needs_ids=False)


def _skipped(fees: Sequence[Mapping[str, Any]]) -> list[RunEvent]:
    """One line for each patron and reason."""
    left: dict[tuple[int, str], list[Mapping[str, Any]]] = defaultdict(list)
    for fee in fees:
        if fee["verdict"] != Verdict.WAIVED:
            left[fee["patron_id"], fee["verdict"]].append(fee)
    return [
        RunEvent(
            Level.WARNING,
            SKIPPED + verdict,
            {
                "patron_id": patron_id,
                "fee_ids": [fee["pk"] for fee in group],
                "amount_minor": sum(fee["payable_minor"] for fee in group),
                "total_minor": group[0]["total_minor"],
            },
        )
        for (patron_id, verdict), group in left.items()
    ]


def _named_in_vain(waiver: BulkWaiver, patron_ids: Sequence[int], fees: Sequence[Mapping[str, Any]]) -> list[RunEvent]:
    """The lines of the list that named somebody, or a fee, of which nothing matched when the run came to it."""
    if waiver.id_list_id is None:
        return []
    lines = IdLine.objects.filter(
        among("patron_id", patron_ids), institution_id=waiver.institution_id, id_list_id=waiver.id_list_id
    )
    patrons, ids = {fee["patron_id"] for fee in fees}, {fee["pk"] for fee in fees}
    rows = lines.order_by("number").values_list("number", "patron_id", "fee_id")
    return [
        RunEvent(Level.WARNING, NOTHING_HERE, {"line": number, "patron_id": patron_id, "fee_id": fee_id})
        for number, patron_id, fee_id in rows
        if (patron_id not in patrons if fee_id is None else fee_id not in ids)
    ]


def _summary(run: JobRun) -> str:
    counts = run.counts
    total = format_plain(counts["total_minor"], run.institution.currency)
    return f"patrons={counts['patrons']} fees={counts['fees']} total={total} skipped={counts['skipped']}"


BULK_WAIVING = Job(
    name="bulk-fine-waiving",
    title=gettext_lazy("Bulk Fine Waiving"),
    params={WAIVER: gettext_lazy("the bulk waiver that was confirmed on its page")},
    needed=frozenset({WAIVER}),
    privileges=frozenset({Privilege.BULK_WAIVE}),
    report_is_for=frozenset({Privilege.BULK_WAIVE, Privilege.EVENT_VIEW}),
    privilege_to_run=Privilege.BULK_WAIVE,
    acts_for_starter=True,
    read_params=read_waiver_param,
    expected=_expected,
    slice=_slice,
    summary=_summary,
)
