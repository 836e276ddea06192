"""Making the whole sample library, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from django.db import transaction

from amerce.institutions.models import Institution
from amerce.provision.demo.bulk import undo_too_much
from amerce.provision.demo.bursar import make_profiles
from amerce.provision.demo.history import History
from amerce.provision.demo.job_runs import make_job_runs
from amerce.provision.demo.lending import make_items, make_loans, make_requests
from amerce.provision.demo.notifications import make_notification_profiles
from amerce.provision.demo.people import make_people
from amerce.provision.demo.places import CODE, make_campus
from amerce.provision.demo.policies import give_item_policies, make_policies
from amerce.provision.demo.settings import make_settings

SEED = 20_260_101
_LONG_PLACE, _NONE_PLACE = 11, 23


class OtherInstitution(Exception):
    """The database belongs to a library already; ``name`` says whose it is."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the database holds {name}")
        self.name = name


@dataclass(frozen=True)
class Size:
    """How much there is of everything. ``by_hand`` and ``long_list`` count charges, the rest follows from loans."""

    patrons: int = 400
    copies: int = 8
    loans: int = 2000
    requests: int = 60
    by_hand: int = 270
    long_list: int = 150


FULL = Size()


def make_demo_library(
    *, today: date, size: Size = FULL, seed: int = SEED, on_day: Callable[[int, int], None] = lambda done, days: None
) -> bool:
    """Make the sample library as it stands on the morning of ``today``, whole or not at all. False: it is there.

    The same ``size`` and ``seed`` give the same people, loans and amounts. ``on_day`` hears the progress in days
    of the library's history. Raises ``OtherInstitution``.
    """
    with transaction.atomic():
        there = Institution.objects.order_by("pk").first()
        if there is not None:
            if Institution.objects.filter(code=CODE).exists():
                return False
            raise OtherInstitution(there.name)
        campus = make_campus(today, Random(seed))  # noqa: S311  chances of a story, not secrets
        make_settings(campus)
        make_notification_profiles(campus)
        make_policies(campus)
        patrons = make_people(campus, size.patrons)
        none = patrons[_NONE_PLACE]
        borrowers = [each for each in patrons if each is not none]
        items = make_items(campus, size.copies)
        lent = make_loans(campus, borrowers, items, size.loans)
        give_item_policies(items, [each.loan.item for each in lent])
        make_requests(campus, borrowers, lent, size.requests)
        history = History(campus, patrons, long=patrons[_LONG_PLACE], none=none)
        make_profiles(campus, patrons[_LONG_PLACE])
        history.plan(lent, by_hand=size.by_hand, long_list=size.long_list)
        history.happenings.run(on_day)
        undo_too_much(campus)
        make_job_runs(campus)
    return True
