"""Asking every member what one patron owes there, all at the same time.

Why nothing is kept but that somebody looked: what is owed elsewhere is the others' to know, and old tomorrow.
"""

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amerce.access.actors import Actor
from amerce.access.can import require
from amerce.access.privileges import Privilege
from amerce.access.sealed import NotSealedHere, unseal
from amerce.events.record import record
from amerce.institutions.models import Institution
from amerce.money.amount import Currency
from amerce.network.alma import Question, ask
from amerce.network.answer import Answer, State
from amerce.network.models import NetworkMember
from amerce.network.neighbours import ask_neighbour
from amerce.network.settings import network_settings
from amerce.patrons.models import PatronIdentifier
from amerce.patrons.queries import get_patron

LOOKED = "network.looked"
_SPARE_S = 1.0
"""How much longer than the members' own time the whole is waited for: a call ends in time, and then is read."""


@dataclass(frozen=True)
class MemberAnswer:
    """A member by its name, and its answer."""

    name: str
    answer: Answer


@dataclass(frozen=True)
class Activity:
    """The answers by the members' names; ``is_asking`` is false where the institution asks nobody."""

    is_asking: bool
    members: tuple[MemberAnswer, ...] = ()

    @property
    def owing(self) -> int:
        """At how many members something is open."""
        return sum(each.answer.state is State.OWES for each in self.members)

    @property
    def totals(self) -> list[tuple[Currency, int]]:
        """What is owed in each currency, in minor units, by its code."""
        sums: Counter[Currency] = Counter()
        for each in self.members:
            if each.answer.currency is not None and each.answer.state is State.OWES:
                sums[each.answer.currency] += each.answer.total_minor
        return sorted(sums.items(), key=lambda each: each[0].code)


def network_activity(*, actor: Actor, at: datetime, patron_id: int) -> Activity:
    """Ask the members, and keep who asked whom for whom. Takes as long as the slowest may, never longer.

    Raises ``NotAllowed``, ``PatronNotFound``.
    """
    require(actor, Privilege.PATRON_VIEW)
    patron = get_patron(actor, patron_id)
    if not network_settings(actor.institution_id).asks:
        return Activity(is_asking=False)
    rows = NetworkMember.objects.filter(institution_id=actor.institution_id, is_active=True)
    members = list(rows.select_related("other").order_by("name"))
    if not members:
        return Activity(is_asking=False)
    ids = _identifiers(actor.institution_id, patron_id, patron.primary_id)
    asking = Institution.objects.get(pk=actor.institution_id)
    with transaction.atomic():
        data = {"members": [each.pk for each in members if each.identifier_type in ids]}
        record(LOOKED, actor=actor, at=at, patron_id=patron_id, data=data)
        near = {
            each.pk: ask_neighbour(each, asking, actor, at, ids[each.identifier_type])
            for each in members
            if each.kind == NetworkMember.Kind.LOCAL and each.identifier_type in ids
        }
    far = _asked_at_once([each for each in members if each.kind == NetworkMember.Kind.REMOTE], ids)
    answers = {**near, **far}
    none = Answer(State.NO_IDENTIFIER)
    return Activity(True, tuple(MemberAnswer(each.name, answers.get(each.pk, none)) for each in members))


def _identifiers(institution_id: int, patron_id: int, primary_id: str) -> dict[str, str]:
    """What the patron is called, by type of identifier; the primary one has none."""
    held = PatronIdentifier.objects.filter(institution_id=institution_id, patron_id=patron_id).order_by("-pk")
    return {**dict(held.values_list("type", "value")), "": primary_id}


def _asked_at_once(members: list[NetworkMember], ids: dict[str, str]) -> dict[int, Answer]:
    answers, questions = {}, {}
    for member in members:
        if member.identifier_type not in ids:
            continue
        try:
            key = unseal(member.sealed_key)
        except NotSealedHere:
            answers[member.pk] = Answer(State.NO_KEY)
            continue
        questions[member.pk] = Question(
            member.base_url, key, ids[member.identifier_type], member.identifier_type, member.timeout_s
        )
    if questions:
        answers |= _in_threads(questions)
    return answers


def _in_threads(questions: dict[int, Question]) -> dict[int, Answer]:
    threads = ThreadPoolExecutor(len(questions), "network")
    asked: dict[int, Future[Answer]] = {key: threads.submit(ask, each) for key, each in questions.items()}
    wait(asked.values(), timeout=max(each.timeout_s for each in questions.values()) + _SPARE_S)
    threads.shutdown(wait=False, cancel_futures=True)
    return {key: _answer_of(each) for key, each in asked.items()}


def _answer_of(asked: Future[Answer]) -> Answer:
    if not asked.done() or asked.cancelled() or asked.exception() is not None:
        return Answer(State.NOT_REACHED)
    return asked.result()
