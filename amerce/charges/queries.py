"""Reading charges. Each query names the institution it reads and asks for the privilege to look."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from amerce.access.actors import Actor
from amerce.access.can import can, require
from amerce.access.privileges import Privilege
from amerce.charges.errors import FeeNotFound
from amerce.charges.models import CREDIT_TYPE, Fee, FeeType
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import RowNotFound
from amerce.ledger.models import PatronAccount, Transfer
from amerce.sql import Select

_BIGINT_DIGITS = 18


@dataclass(frozen=True)
class Balances:
    """What a patron owes, in minor units, and the ``seq`` of the account at which that is so."""

    active_minor: int
    disputed_minor: int
    transferred_minor: int
    seq: int


def balances(actor: Actor, patron_id: int) -> Balances:
    """The three balances of one patron; zeros for one who never was charged. One query."""
    require(actor, Privilege.PATRON_VIEW)
    account = PatronAccount.objects.filter(institution_id=actor.institution_id, patron_id=patron_id).first()
    if account is None:
        return Balances(0, 0, 0, 0)
    return Balances(account.balance_minor, account.disputed_minor, account.transferred_minor, account.seq)


def fees_of(actor: Actor, patron_id: int) -> QuerySet[Fee]:
    """Every fee of the patron with type, owner and comment, newest first."""
    require(actor, Privilege.PATRON_VIEW)
    return (
        Fee.objects.filter(institution_id=actor.institution_id, patron_id=patron_id)
        .select_related("type", "owner", "note")
        .order_by("-created_at", "-pk")
    )


def matching(fees: QuerySet[Fee], text: str) -> QuerySet[Fee]:
    """Those whose title holds ``text`` or that have it as bursar, external or receipt number (row B2).

    A pattern and not ``icontains`` for the title: to SQLite's LIKE, Ü and ü are two letters.
    """
    if "\0" in text:
        return fees.none()
    number = Q(external_transaction_id=text)
    mine = Q(institution=OuterRef("institution"))
    if text.isascii() and text.isdigit() and len(text) <= _BIGINT_DIGITS:
        number |= Q(payment_id=int(text))
    touched = Q(fee=OuterRef("pk")) | Q(credit_fee=OuterRef("pk"))
    return fees.filter(
        Q(title__iregex=re.escape(text))
        | Q(barcode=text)
        | Q(bursar_transaction_id__iexact=text)
        | Exists(Transfer.objects.filter(mine, touched, number))
    )


def filtered_balances(fees: QuerySet[Fee]) -> tuple[int, int]:
    """What remains of all active and of all disputed rows of ``fees``, credits negative, in minor units. One query."""
    sums = fees.order_by().aggregate(
        active=Sum("remaining_minor", filter=Q(status=Fee.Status.ACTIVE)),
        disputed=Sum("remaining_minor", filter=Q(status=Fee.Status.INDISPUTE)),
    )
    return sums["active"] or 0, sums["disputed"] or 0


def get_fee(actor: Actor, patron_id: int, fee_id: int) -> Fee:
    """Raises ``FeeNotFound`` for a fee of another patron or institution."""
    require(actor, Privilege.PATRON_VIEW)
    fee = _FEE.first(actor.institution_id, patron_id, fee_id)
    if fee is None:
        raise FeeNotFound(fee_id)
    return fee


def first_fees(actor: Actor, patron_id: int, status: str) -> list[Fee]:
    """The newest ``FIRST_FEES`` of one status, and one more if there are more, with type, owner and comment."""
    require(actor, Privilege.PATRON_VIEW)
    return _FIRST.rows(actor.institution_id, patron_id, status)


def chosen_fees(actor: Actor, patron_id: int, fee_ids: Sequence[int]) -> list[Fee]:
    """The fees, oldest first. Raises ``FeeNotFound`` when one is not this patron's."""
    found = list(fees_of(actor, patron_id).filter(pk__in=possible_ids(fee_ids)).order_by("created_at", "pk"))
    for missing in set(fee_ids) - {fee.pk for fee in found}:
        raise FeeNotFound(missing)
    return found


def bound_unused_minor(actor: Actor, patron_id: int, fee_ids: Sequence[int]) -> dict[int, int]:
    """Fee id to the unused credit bound to it (row B7), in minor units above zero."""
    require(actor, Privilege.PATRON_VIEW)
    credits = Fee.objects.filter(
        institution_id=actor.institution_id,
        patron_id=patron_id,
        bound_to__in=possible_ids(fee_ids),
        remaining_minor__lt=0,
    )
    sums = credits.values_list("bound_to_id").annotate(unused=Sum("remaining_minor")).order_by()
    return {fee_id: -unused for fee_id, unused in sums}


def history(actor: Actor, fee: Fee) -> QuerySet[Transfer]:
    """Every transfer that touched ``fee``, newest first, with place, comment and what corrects what."""
    return _transfers(actor).filter(Q(fee=fee) | Q(credit_fee=fee)).order_by("-seq")


def transactions_of(actor: Actor, fee_ids: Sequence[int]) -> dict[int, list[Transfer]]:
    """Fee id to every transfer that touched it, newest first, with place, comment, and as ``corrected_kind`` what a
    correction took back. One query for all."""
    require(actor, Privilege.PATRON_VIEW)
    wanted = {each: [] for each in fee_ids}  # type: dict[int, list[Transfer]]
    if not wanted:
        return wanted
    for transfer in _TOUCHING.rows(actor.institution_id, sorted(wanted)):
        for fee_id in {transfer.fee_id, transfer.credit_fee_id}:
            if fee_id in wanted:
                wanted[fee_id].append(transfer)
    return wanted


def fees_with_transactions(
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    kinds: Sequence[str],
    owned: Q,
    where: Q,
    offset: int,
    limit: int,
) -> tuple[list[Fee], dict[int, list[Transfer]], int]:
    """A page of the fees ``owned`` that had a transfer of ``kinds`` in that time ``where``, by id, those transfers by
    fee, newest first, and how many such fees there are; for a program of one library of the fees that it owns. Three
    queries."""
    moved = _transfers(actor).filter(where, kind__in=kinds, at__gte=since, at__lt=until)
    fees = Fee.objects.filter(owned, institution_id=actor.institution_id, pk__in=moved.order_by().values("fee"))
    if actor.bound_to_library_id is not None:
        fees = fees.filter(owner_id=actor.bound_to_library_id)
    page = list(fees.select_related("type", "owner", "note", "patron").order_by("pk")[offset : offset + limit])
    found: dict[int, list[Transfer]] = {each.pk: [] for each in page}
    for transfer in moved.filter(fee__in=list(found)).order_by("-at", "-seq") if found else ():
        found[transfer.fee_id].append(transfer)
    return page, found, fees.count()


def transfers_of_account(actor: Actor, patron_id: int, after_seq: int) -> QuerySet[Transfer]:
    """The transfers of one patron after ``after_seq``, oldest first, with place and patron."""
    return _for_programs(actor).filter(account__patron_id=patron_id, seq__gt=after_seq).order_by("seq")


def transfers_after(actor: Actor, after_id: int) -> QuerySet[Transfer]:
    """Everybody's transfers of a higher id, by id, with place and patron.

    For a program that is held to one library, those of its fees alone.
    """
    rows = _for_programs(actor).filter(pk__gt=after_id).order_by("pk")
    library_id = actor.bound_to_library_id
    return rows if library_id is None else rows.filter(fee__owner_id=library_id)


def _for_programs(actor: Actor) -> QuerySet[Transfer]:
    require(actor, Privilege.PATRON_VIEW)
    mine = Transfer.objects.filter(institution_id=actor.institution_id)
    return mine.select_related("library", "desk", "account__patron")


def receipt(actor: Actor, payment_id: int) -> list[Transfer]:
    """The lines of one payment in the order they were written, with fee and patron; empty when there is none.

    One command wrote them all, so that who, where and whose account are read with the first one alone: of ten thousand
    lines this takes half the time.
    """
    lines = _transfers(actor).filter(payment_id=payment_id).order_by("seq")
    first = lines.select_related("account__patron", "fee__type", "credit_fee__type").first()
    if first is None:
        return []
    others = lines.filter(seq__gt=first.seq).select_related(None)
    rows = list(others.select_related("note", "corrects", "corrected_by", "fee__type", "credit_fee__type"))
    for row in rows:
        row.account, row.actor, row.library, row.desk = first.account, first.actor, first.library, first.desk
    return [first, *rows]


def changes_since(actor: Actor, patron_id: int, seq: int) -> QuerySet[Transfer]:
    """What happened on the account after ``seq``, oldest first: what a page that is out of date is told."""
    later = _transfers(actor).filter(account__patron_id=patron_id, seq__gt=seq)
    return later.select_related("fee__type").order_by("seq")


def types_to_filter_by(actor: Actor, patron_id: int) -> QuerySet[FeeType]:
    """What the patron's fees can be told apart by: every enabled type, and each that one of them has."""
    require(actor, Privilege.PATRON_VIEW)
    has_one = Exists(Fee.objects.filter(institution_id=actor.institution_id, patron_id=patron_id, type=OuterRef("pk")))
    types = FeeType.objects.filter(Q(is_enabled=True) | has_one, institution_id=actor.institution_id)
    return types.order_by("position")


def type_definitions(actor: Actor) -> QuerySet[FeeType]:
    """The whole Fine Fee Type Definition table in its order, with the types that are disabled."""
    require(actor, Privilege.CHARGES_CONFIGURE)
    return FeeType.objects.filter(institution_id=actor.institution_id).order_by("position")


def get_type_definition(actor: Actor, type_id: int) -> FeeType:
    """One row of the table. Raises ``RowNotFound``."""
    found = type_definitions(actor).filter(pk__in=possible_ids([type_id])).first()
    if found is None:
        raise RowNotFound(type_id)
    return found


def creatable_types(actor: Actor) -> QuerySet[FeeType]:
    """The types ``actor`` may add by hand where they work now (row B4)."""
    enabled = FeeType.objects.filter(institution_id=actor.institution_id, is_enabled=True)
    types = enabled.filter(is_manual=True).order_by("position")
    if actor.desk_id is None:
        types = types.filter(owner_kind=FeeType.Owner.INSTITUTION)
    return types if can(actor, Privilege.FEE_CREDIT) else types.exclude(code=CREDIT_TYPE)


FIRST_FEES = 200
_OF_FEES = (
    "patron_id", "type__code", "type__label", "status", "status_at", "created_at", "original_minor", "remaining_minor",
    "vat_rate_bp", "owner__code", "owner__name", "title", "barcode", "bursar_transaction_id", "note__text",
)  # fmt: skip
_OF_TRANSFERS = (
    "kind", "debit", "credit", "amount_minor", "vat_minor", "fee_id", "credit_fee_id", "at", "actor_name", "method",
    "reason", "external_transaction_id", "library__code", "library__name", "desk__code", "note__text",
)  # fmt: skip
"""What is told of many at once: every further column costs both sides. One that is left out is read when asked for."""
_FEE = Select(
    lambda institution_id, patron_id, fee_id: Fee.objects.filter(
        institution_id=institution_id, patron_id=patron_id, pk=fee_id
    ).select_related("type", "owner", "note")
)
_FIRST = Select(
    lambda institution_id, patron_id, status: (
        Fee.objects.filter(institution_id=institution_id, patron_id=patron_id, status=status)
        .select_related("type", "owner", "note")
        .only(*_OF_FEES)
        .order_by("-created_at", "-pk")[: FIRST_FEES + 1]
    )
)
_TOUCHING = Select(
    lambda institution_id, fee_ids: (
        Transfer.objects.filter(Q(fee__in=fee_ids) | Q(credit_fee__in=fee_ids), institution_id=institution_id)
        .select_related("library", "desk", "note")
        .only(*_OF_TRANSFERS)
        .annotate(corrected_kind=F("corrects__kind"))
        .order_by("-seq")
    )
)


def _transfers(actor: Actor) -> QuerySet[Transfer]:
    require(actor, Privilege.PATRON_VIEW)
    return Transfer.objects.filter(institution_id=actor.institution_id).select_related(
        "actor", "library", "desk", "note", "corrects", "corrected_by"
    )
