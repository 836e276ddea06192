"""Items, loans and requests of the sample library.

Why rows and no commands: these loans are as an import from another system would leave them; what costs money, and
what is said of an item, goes through commands, in ``history``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from amerce.circulation.models import Item, Loan, Request
from amerce.institutions.days import end_of_day
from amerce.patrons.models import Patron
from amerce.provision.demo.people import ITEM_PREFIX, library_barcode
from amerce.provision.demo.places import DAYS, Campus
from amerce.provision.demo.titles import EQUIPMENT, read_titles

BOOK_DAYS, EQUIPMENT_DAYS = 28, 3
LOST_AFTER_DAYS = 40
YESTERDAY = -1
"""The last day of the sample: today belongs to those who try it."""
_MATERIAL_BOOK, _MATERIAL_EQUIPMENT = "BOOK", "EQUIPMENT"
_RECENT_DAYS = 45


class Fate(Enum):
    """What became of a loan, or will."""

    ON_TIME = auto()
    LATE = auto()
    LOST = auto()
    CLAIMED = auto()


@dataclass(frozen=True)
class Lent:
    """A loan and its fate; ``due_day`` and ``returned_day`` count from today, None while it is out."""

    loan: Loan
    fate: Fate
    due_day: int
    returned_day: int | None


def make_items(campus: Campus, copies: int) -> list[Item]:
    """At least one and on average half of ``copies`` of every title, and four of each piece of equipment."""
    rng = campus.rng
    items = []
    for title in read_titles():
        price_minor = rng.randrange(18, 140) * 100 + rng.choice((0, 50, 95, 99))
        for _ in range(rng.randrange(1, copies + 1)):
            items.append(
                Item(
                    title=title.title,
                    author=title.author,
                    publisher=title.publisher,
                    published=title.year,
                    material_type=_MATERIAL_BOOK,
                    location_code=rng.choice(("STACKS", "STACKS", "STACKS", "RESERVE", "OVERSIZE")),
                    call_number=f"{title.call_number} {title.year}",
                    language=title.language,
                    price_minor=price_minor,
                    library=campus.libraries[title.shelf],
                )
            )
    items += [
        Item(
            title=name,
            material_type=_MATERIAL_EQUIPMENT,
            location_code="EQUIPMENT",
            price_minor=rng.randrange(18, 140) * 100,
            library=campus.libraries[shelf],
        )
        for name, shelf in EQUIPMENT
        for _ in range(4)
    ]
    for number, item in enumerate(items):
        item.institution = campus.institution
        item.barcode = library_barcode(ITEM_PREFIX, 410_000 + 3 * number)
    return Item.objects.bulk_create(items)


def make_loans(campus: Campus, patrons: Sequence[Patron], items: Sequence[Item], count: int) -> list[Lent]:
    """``count`` loans over the days of the sample, one patron at a time for each item, oldest first."""
    rng = campus.rng
    weights = [rng.paretovariate(1.6) for _ in patrons]
    days = sorted(rng.randrange(-DAYS, 0) for _ in range(count))
    fates = _fates(campus, days)
    free_from = dict.fromkeys(range(len(items)), -DAYS)
    lent = []
    for number, day in enumerate(days):
        place = rng.choice([each for each, free_day in free_from.items() if free_day <= day])
        one = _lend(campus, rng.choices(patrons, weights)[0], items[place], day, fates[number])
        free_from[place] = 1 if one.returned_day is None else one.returned_day + 1
        lent.append(one)
    Loan.objects.bulk_create([each.loan for each in lent])
    return lent


def make_requests(campus: Campus, patrons: Sequence[Patron], lent: Sequence[Lent], count: int) -> None:
    """``count`` requests for what was out at the time; most of those for what still is out are open."""
    rng = campus.rng
    out = [each for each in lent if each.returned_day is None]
    back = [each for each in lent if each.returned_day is not None]
    requests = []
    for _ in range(count):
        wanted = rng.choice(back if campus.one_in(3) else out)
        placed_day = min(YESTERDAY, campus.day_of(wanted.loan.loaned_at) + rng.randrange(1, 12))
        closed_at: datetime | None = None
        if wanted.returned_day is not None:
            closed_at = campus.opening_hour(min(YESTERDAY, max(placed_day, wanted.returned_day) + 2))
        requests.append(
            Request(
                institution=campus.institution,
                patron=rng.choice(patrons),
                item=wanted.loan.item,
                pickup=rng.choice(list(campus.libraries.values())),
                placed_at=campus.moment(placed_day, 8, rng.randrange(60)),
                closed_at=closed_at,
            )
        )
    Request.objects.bulk_create(requests)


def _fates(campus: Campus, days: Sequence[int]) -> list[Fate]:
    """A fifth come back late, one in fifty never, a few are said to be back already."""
    count = len(days)
    fates = [Fate.ON_TIME] * count
    due_passed = [place for place, day in enumerate(days) if day + BOOK_DAYS < YESTERDAY - 2]
    lost_by_now = [place for place, day in enumerate(days) if day + BOOK_DAYS + LOST_AFTER_DAYS < YESTERDAY - 10]
    for place in campus.rng.sample(due_passed, count // 5):
        fates[place] = Fate.LATE
    for place in campus.rng.sample(due_passed, count // 300):
        fates[place] = Fate.CLAIMED
    for place in campus.rng.sample(lost_by_now, count // 50):
        fates[place] = Fate.LOST
    return fates


def _lend(campus: Campus, patron: Patron, item: Item, day: int, fate: Fate) -> Lent:
    rng = campus.rng
    is_book = item.material_type == _MATERIAL_BOOK
    days = BOOK_DAYS if is_book or fate is not Fate.ON_TIME else EQUIPMENT_DAYS
    due_day = day + days
    renewed = fate is Fate.ON_TIME and is_book and campus.one_in(10)
    if renewed:
        due_day += BOOK_DAYS
    returned_day = _returned_day(campus, fate, day, due_day)
    loan = Loan(
        institution=campus.institution,
        library_id=item.library_id,
        patron=patron,
        item=item,
        status=Loan.Status.RENEW if renewed else Loan.Status.NORMAL,
        renewals=int(renewed),
        loaned_at=campus.opening_hour(day),
        due_at=end_of_day(campus.today + timedelta(days=due_day), campus.institution.zone),
        returned_at=None if returned_day is None else campus.moment(returned_day, 20, rng.randrange(60)),
    )
    return Lent(loan, fate, due_day, returned_day)


def _returned_day(campus: Campus, fate: Fate, day: int, due_day: int) -> int | None:
    """The day it came back, None when that is not yet or never."""
    rng = campus.rng
    if fate in (Fate.LOST, Fate.CLAIMED):
        return None
    if fate is Fate.LATE:
        late_days = 1 + min(int(rng.expovariate(1 / 9)), 70)
        forgotten = due_day > -_RECENT_DAYS and not campus.one_in(3)
        returned_day = 0 if forgotten else due_day + late_days
    else:
        returned_day = rng.randrange(day + 1, due_day + 1)
    return returned_day if returned_day <= YESTERDAY else None
