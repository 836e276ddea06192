"""What a bulk waiver would do, before anything is done (row H3): read by the statement the run will use."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Sum

from amerce.access.actors import EVERYWHERE, Actor
from amerce.access.can import require_for
from amerce.access.privileges import Privilege
from amerce.bulk.criteria import Criteria, check_criteria
from amerce.bulk.selection import Verdict, judged
from amerce.charges.models import Fee, FeeType
from amerce.institutions.models import Institution
from amerce.patrons.models import Patron, UserGroup

SAMPLE = 20
_PAGE = 2000


@dataclass(frozen=True)
class Part:
    """So many fees of so many patrons; ``amount_minor`` is what of them is open."""

    patrons: int = 0
    fees: int = 0
    amount_minor: int = 0


@dataclass(frozen=True)
class Share:
    """What would be waived of one fee type or one user group, by its label."""

    label: str
    fees: int
    amount_minor: int


@dataclass(frozen=True)
class Sampled:
    """A patron of whom something would be waived; ``total_minor`` is what they owe in all."""

    patron: Patron
    fees: int
    amount_minor: int
    total_minor: int


@dataclass(frozen=True)
class Preview:
    """``parts`` by verdict. A patron counts in each part in which they have a fee. The largest shares come first."""

    parts: dict[Verdict, Part]
    by_type: tuple[Share, ...]
    by_group: tuple[Share, ...]
    sample: tuple[Sampled, ...]

    @property
    def waived(self) -> Part:
        return self.parts[Verdict.WAIVED]

    def as_json(self) -> dict[str, Any]:
        """The totals, as a run keeps them."""
        return {verdict.value: vars(part) for verdict, part in self.parts.items()}


def preview_waiver(actor: Actor, *, at: datetime, criteria: Criteria) -> Preview:
    """Who would be waived how much, and who not and why. Six queries and those of the checks.

    Raises ``NotAllowed`` and what ``check_criteria`` raises.
    """
    institution = _allowed(actor)
    check_criteria(criteria, institution)
    fees = judged(institution, criteria, at).order_by()
    cells = list(
        fees.values("verdict", "type_id", "patron__group_id").annotate(n=Count("pk"), amount=Sum("payable_minor"))
    )
    return Preview(
        parts=_parts(fees, cells),
        by_type=_shares(cells, "type_id", _labels(FeeType, institution)),
        by_group=_shares(cells, "patron__group_id", _labels(UserGroup, institution)),
        sample=_sample(institution, fees),
    )


def every_fee(actor: Actor, *, at: datetime, criteria: Criteria) -> Iterator[Fee]:
    """All judged fees with type, patron and group, by patron; read page by page, so that little is in memory."""
    institution = _allowed(actor)
    check_criteria(criteria, institution)
    fees = judged(institution, criteria, at).select_related("type", "patron__group").order_by("patron_id", "pk")
    return _pages(fees)


def _pages(fees: Any) -> Iterator[Fee]:
    page = list(fees[:_PAGE])
    while page:
        yield from page
        last = page[-1]
        rest = fees.filter(patron_id=last.patron_id, pk__gt=last.pk) | fees.filter(patron_id__gt=last.patron_id)
        page = list(rest[:_PAGE])


def _allowed(actor: Actor) -> Institution:
    require_for(actor, Privilege.BULK_WAIVE, EVERYWHERE)
    return Institution.objects.get(pk=actor.institution_id)


def _parts(fees: Any, cells: list[dict[str, Any]]) -> dict[Verdict, Part]:
    patrons = dict(fees.values_list("verdict").annotate(patrons=Count("patron_id", distinct=True)))
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for cell in cells:
        counts[cell["verdict"]][0] += cell["n"]
        counts[cell["verdict"]][1] += cell["amount"]
    return {each: Part(patrons.get(each.value, 0), *counts[each.value]) for each in Verdict}


def _shares(cells: list[dict[str, Any]], column: str, labels: dict[int, str]) -> tuple[Share, ...]:
    sums: dict[int | None, list[int]] = defaultdict(lambda: [0, 0])
    for cell in cells:
        if cell["verdict"] == Verdict.WAIVED:
            sums[cell[column]][0] += cell["n"]
            sums[cell[column]][1] += cell["amount"]
    shares = [Share(labels.get(pk, "") if pk else "", fees, amount) for pk, (fees, amount) in sums.items()]
    return tuple(sorted(shares, key=lambda each: (-each.amount_minor, each.label)))


def _labels(model: type[FeeType] | type[UserGroup], institution: Institution) -> dict[int, str]:
    return dict(model._default_manager.filter(institution=institution).values_list("pk", "label"))


def _sample(institution: Institution, fees: Any) -> tuple[Sampled, ...]:
    rows = (
        fees.filter(verdict=Verdict.WAIVED.value)
        .values("patron_id")
        .annotate(n=Count("pk"), amount=Sum("payable_minor"), total=Max("total_minor"))
        .order_by("-amount", "patron_id")[:SAMPLE]
    )
    rows = list(rows)
    patrons = Patron.objects.filter(institution=institution, pk__in=[row["patron_id"] for row in rows])
    found = {each.pk: each for each in patrons.select_related("group")}
    return tuple(Sampled(found[row["patron_id"]], row["n"], row["amount"], row["total"]) for row in rows)
