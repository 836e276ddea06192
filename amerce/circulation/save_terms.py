"""Making terms of use, or changing them (row C5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from amerce.access.actors import Actor
from amerce.circulation.configuring import may_configure
from amerce.circulation.models import OverdueNotice, TermsOfUse
from amerce.circulation.policy_errors import ScopeTaken
from amerce.circulation.terms_change import NEW, require_terms_for_all
from amerce.circulation.terms_facts import TermsFacts, facts_of_terms, refusals_of
from amerce.events.record import record
from amerce.inputs.checks import possible_ids
from amerce.inputs.errors import NameTaken, RowNotFound
from amerce.inputs.stamp import require_unchanged
from amerce.institutions.configuring import locked_institution

CHANGED = "terms.changed"


class TermsRefused(Exception):
    """``refusals`` holds one error for each field that cannot be taken: all are told at once."""

    def __init__(self, refusals: list[Exception]) -> None:
        super().__init__("; ".join(map(str, refusals)))
        self.refusals = tuple(refusals)


@dataclass(frozen=True)
class TermsSaved:
    """``is_changed`` is false for terms that said all of it before: then nothing was written."""

    terms_id: int
    is_changed: bool


def save_terms(
    *,
    actor: Actor,
    at: datetime,
    facts: TermsFacts,
    terms_id: int | None = None,
    expected_stamp: str | None = None,
) -> TermsSaved:
    """Make terms of use that say ``facts``, or make those of ``terms_id`` say them.

    They hold at once, for loans that are out too. ``expected_stamp`` is that of ``facts_of_terms`` when the page was
    made. Raises ``NotAllowed``, ``TermsRefused`` with every reason, among them ``NameTaken``, ``ScopeTaken`` and
    ``LoansWithoutTerms``; ``RowNotFound``, ``OutOfDate``.
    """
    may_configure(actor, facts.library_id)
    with transaction.atomic():
        institution = locked_institution(actor)
        terms = _terms(actor, terms_id)
        if terms is not None:
            may_configure(actor, terms.library_id)
        before = facts_of_terms(terms) if terms else None
        after = TermsFacts(**facts.columns(), notices=facts.notices)
        if terms is not None and after == before:
            return TermsSaved(terms.pk, is_changed=False)
        require_unchanged(before, expected_stamp)
        refusals = refusals_of(facts, institution, before=before) or _clashes(actor, facts, terms_id)
        if refusals:
            raise TermsRefused(refusals)
        require_terms_for_all(actor.institution_id, terms_id, after)
        terms = _written(actor, at, terms_id, after)
        data = {"terms": terms.pk, "before": before.data() if before else None, "after": after.data()}
        record(CHANGED, actor=actor, at=at, data=data)
        return TermsSaved(terms.pk, is_changed=True)


def _terms(actor: Actor, terms_id: int | None) -> TermsOfUse | None:
    if terms_id is None:
        return None
    found = TermsOfUse.objects.filter(institution_id=actor.institution_id, pk__in=possible_ids([terms_id])).first()
    if found is None:
        raise RowNotFound(terms_id)
    return found


def _clashes(actor: Actor, facts: TermsFacts, terms_id: int | None) -> list[Exception]:
    """What other terms have already, the name without regard to case."""
    others = TermsOfUse.objects.filter(institution_id=actor.institution_id).exclude(pk=terms_id or NEW)
    name = facts.name.strip()
    found: list[Exception] = []
    if any(each.name.casefold() == name.casefold() for each in others):
        found.append(NameTaken("name", name))
    scope = (facts.group_id, facts.item_policy, facts.library_id)
    found += [ScopeTaken(each.name) for each in others if (each.group_id, each.item_policy, each.library_id) == scope]
    return found


def _written(actor: Actor, at: datetime, terms_id: int | None, facts: TermsFacts) -> TermsOfUse:
    columns: dict[str, Any] = {**facts.columns(), "updated_by": actor.name, "updated_at": at}
    terms = TermsOfUse(institution_id=actor.institution_id, pk=terms_id, **columns)
    terms.save(force_insert=terms_id is None, force_update=terms_id is not None)
    terms.notices.all().delete()
    OverdueNotice.objects.bulk_create(
        OverdueNotice(
            institution_id=actor.institution_id,
            terms=terms,
            number=number,
            after_days=each.after_days,
            fee_minor=each.fee_minor,
        )
        for number, each in enumerate(facts.notices, start=1)
    )
    return terms
