"""Which fees a profile exports now (row D1): found without a lock, and held against the same rules under it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Abs, Coalesce

from amerce.bursar.models import BursarLine, BursarProfile, BursarRun
from amerce.charges.models import Fee
from amerce.institutions.days import begin_of_day, local_day
from amerce.patrons.models import Patron, PatronIdentifier

Span = tuple[int, int | None]
"""Ids of patrons, from the first to before the second; None is without end."""
_SPAN_FEES = 2000
BELOW, NO_IDENTIFIER, CHANGED = "below_minimum", "no_identifier", "changed"


def candidates(profile: BursarProfile, at: datetime, patrons: Span = (0, None)) -> QuerySet[Fee]:
    """What the profile would export at that moment, of patrons in that span. With ``payable_minor``, what remains
    less unused bound credits, negative of a CREDIT; and whether the patron ``is_named`` by the profile's type of
    identifier.

    Disputed fees are not active, and credits that only their own fee may use go out with that.
    """
    unused = Fee.objects.filter(bound_to=OuterRef("pk"), remaining_minor__lt=0).order_by().values("bound_to")
    sums = Subquery(unused.annotate(sum=Sum("remaining_minor")).values("sum"), output_field=BigIntegerField())
    fees = (
        _chosen(profile, at, patrons)
        .annotate(payable_minor=F("remaining_minor") + Coalesce(sums, 0))
        .exclude(payable_minor=0)
    )
    if profile.min_amount_minor and profile.min_basis == BursarProfile.Basis.FEE:
        fees = fees.annotate(size=Abs("payable_minor")).filter(size__gte=profile.min_amount_minor)
    elif profile.min_amount_minor:
        totals = fees.order_by().values("patron_id").annotate(total=Abs(Sum("payable_minor")))
        fees = fees.filter(patron_id__in=totals.filter(total__gte=profile.min_amount_minor).values("patron_id"))
    if profile.identifier_type:
        named = PatronIdentifier.objects.filter(patron=OuterRef("patron_id"), type=profile.identifier_type)
        fees = fees.annotate(is_named=Exists(named))
    return fees.order_by("patron_id", "pk")


def spans(profile: BursarProfile, first: int) -> Iterator[Span]:
    """The ids of patrons from ``first`` on, in spans in which there are not many fees.

    To go on with a selection the database looks only through a span, where it would sort all that is still to come.
    """
    fees = Fee.objects.filter(institution_id=profile.institution_id).order_by("patron_id")
    begin: int | None = first
    while begin is not None:
        beyond = fees.filter(patron_id__gte=begin).values_list("patron_id", flat=True)[_SPAN_FEES : _SPAN_FEES + 1]
        end = next((max(each, begin + 1) for each in beyond), None)
        yield begin, end
        begin = end


def _chosen(profile: BursarProfile, at: datetime, patrons: Span) -> QuerySet[Fee]:
    first, end = patrons
    fees = Fee.objects.filter(institution_id=profile.institution_id, status=Fee.Status.ACTIVE, bound_to=None)
    if first:
        fees = fees.filter(patron_id__gte=first)
    if end is not None:
        fees = fees.filter(patron_id__lt=end)
    if profile.fee_types:
        fees = fees.filter(type__code__in=profile.fee_types)
    if profile.user_groups:
        members = Patron.objects.filter(institution_id=profile.institution_id, group__code__in=profile.user_groups)
        if end is not None:  # said of the patrons too: PostgreSQL takes only equality over to a joined table
            members = members.filter(pk__gte=first, pk__lt=end)
        fees = fees.filter(patron__in=members)
    owned = Q(owner__code__in=profile.libraries) if profile.libraries else Q(owner__isnull=False)
    fees = fees.filter(owned | Q(owner=None) if profile.institution_owned else owned)
    if profile.rows == BursarProfile.Rows.DEBITS:
        fees = fees.filter(original_minor__gt=0)
    elif profile.rows == BursarProfile.Rows.CREDITS:
        fees = fees.filter(original_minor__lt=0)
    if profile.min_age_days:
        zone = profile.institution.zone
        youngest = local_day(at, zone) - timedelta(days=profile.min_age_days)
        fees = fees.filter(created_at__lt=begin_of_day(youngest + timedelta(days=1), zone))
    return fees


def still_wanted(run: BursarRun, lines: Sequence[BursarLine]) -> Callable[[Mapping[int, int]], Callable[[int], bool]]:
    """For ``export_fees``: whether a fee is above the profile's minimum by what it holds under the lock.

    A minimum of a patron's total counts what of this run the patron has still to come, and holds until the first was
    exported: what follows of the same patron goes with it.
    """
    profile = run.profile
    minimum = profile.min_amount_minor
    if not minimum:
        return lambda amounts: lambda fee_id: True
    if profile.min_basis == BursarProfile.Basis.FEE:
        return lambda amounts: lambda fee_id: abs(amounts[fee_id]) >= minimum
    patron_of = {line.fee_id: line.patron_id for line in lines}
    rows = BursarLine.objects.filter(run=run, patron_id__in=set(patron_of.values()))
    sums = rows.values_list("patron_id").annotate(
        open=Coalesce(Sum("selected_minor", filter=Q(state=BursarLine.State.SELECTED)), 0),
        posted=Coalesce(Sum("posted_minor", filter=Q(state=BursarLine.State.POSTED)), 0),
    )
    others = {patron_id: (open_minor, posted) for patron_id, open_minor, posted in sums.order_by()}
    expected: dict[int, int] = {}
    for line in lines:
        expected[line.patron_id] = expected.get(line.patron_id, 0) + line.selected_minor

    def by_total(amounts: Mapping[int, int]) -> Callable[[int], bool]:
        now = dict.fromkeys(expected, 0)
        for fee_id, amount_minor in amounts.items():
            now[patron_of[fee_id]] += amount_minor

        def is_wanted(fee_id: int) -> bool:
            patron_id = patron_of[fee_id]
            open_minor, posted = others.get(patron_id, (0, 0))
            return bool(posted) or abs(open_minor - expected[patron_id] + now[patron_id]) >= minimum

        return is_wanted

    return by_total
