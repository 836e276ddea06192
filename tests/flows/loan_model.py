"""What loans should cost, counted in half days: a second reckoning that knows nothing of the first.

Why half days: everything in the machine happens at noon and all is due at the end of a day, so a day has a morning
before and an afternoon after whatever happened on it, and a person can count them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

RATE, RECALL_RATE, MAXIMUM, GRACE_DAYS = 25, 100, 400, 1
LENGTH_DAYS, RECALL_DAYS, RENEWALS = 7, 2, 2
REPLACEMENT, PROCESS_FEE = 5001, 2000
OVERDUE, RECALLED = "OVERDUEFINE", "RECALLEDOVERDUEFINE"
LOST, PROCESS = "LOSTITEMREPLACEMENTFEE", "LOSTITEMPROCESSFEE"
GROWING = (OVERDUE, RECALLED)
_LAST = 10**6


@dataclass
class Policy:
    """What is drawn once for a run of the machine."""

    keeps_overdue: bool
    when_found: str
    refund_ratio_bp: int
    closed: set[int] = field(default_factory=set)

    def open_day(self, day: int) -> int:
        while day in self.closed:
            day += 1
        return day


@dataclass
class Charge:
    """One fee: what stands charged, and what became of it."""

    charged: int = 0
    paid: int = 0
    waived: int = 0
    credited: int = 0
    refunded: int = 0
    exported: int = 0
    is_disputed: bool = False
    disputed_on: int = 0
    waiting: int = 0
    excess: int = 0

    @property
    def owed(self) -> int:
        return self.charged + self.credited - self.paid - self.waived - self.exported

    @property
    def came_in(self) -> int:
        return self.paid + self.exported - self.refunded

    @property
    def kept(self) -> int:
        """What came in and was not given back in any way."""
        return self.came_in - self.credited

    def open_again(self) -> None:
        """After a correction: what was too much goes away as far as it is owed now."""
        off = min(self.excess, self.owed)
        self.charged -= off
        self.excess -= off

    def reduce(self, open_part: int, given: int) -> None:
        self.charged -= open_part + given
        self.credited += given


class Charges(list[Charge]):
    """The fees of a loan of one type, oldest first: a new one is only made when all others went to the bursar."""

    @property
    def owed(self) -> int:
        return sum(each.owed for each in self)

    @property
    def charged(self) -> int:
        return sum(each.charged for each in self)

    @property
    def credited(self) -> int:
        return sum(each.credited for each in self)

    @property
    def reckoned(self) -> int:
        return self.charged + sum(each.waiting - each.excess for each in self)

    def bring_to(self, total: int) -> None:
        missing = total - self.charged
        disputed = [each for each in self if each.is_disputed]
        for each in disputed:
            each.waiting = 0
        if disputed:
            disputed[-1].waiting = max(0, missing)
        for each, part in _shared(max(0, -missing), [(each, each.excess) for each in self]):
            each.excess = part
        if missing > 0 and not disputed:
            if not self or self[-1].exported:
                self.append(Charge())
            self[-1].charged += missing
        self.lower_to(total)

    def lower_to(self, total: int) -> None:
        newest_first, too_much = self[::-1], self.charged - total
        for each in newest_first:
            each.waiting = min(each.waiting, max(0, -too_much))
        if too_much <= 0:
            return
        given = max(0, sum(each.kept for each in self) - total)
        open_parts = _shared(too_much, [(each, each.owed) for each in newest_first])
        given_parts = _shared(given, [(each, each.kept) for each in newest_first])
        for (each, open_part), (_, given_part) in zip(open_parts, given_parts, strict=True):
            each.reduce(open_part, given_part)
        settled = [(each, each.waived + each.refunded) for each in newest_first]
        for each, part in _shared(self.charged - total, settled):
            each.excess = part

    def take_back(self, ratio_bp: int) -> None:
        part = (2 * sum(each.came_in for each in self) * ratio_bp + 10_000) // 20_000
        for each, given in _shared(max(0, part - self.credited), [(each, each.kept) for each in self[::-1]]):
            each.reduce(each.owed, given)
            each.excess = each.charged


def _shared(amount: int, limits: list[tuple[Charge, int]]) -> list[tuple[Charge, int]]:
    parts = []
    for each, limit in limits:
        parts.append((each, min(limit, amount)))
        amount -= min(limit, amount)
    return parts


@dataclass
class Lent:
    """One loan as the model sees it. Days are numbers, ``None`` has not happened."""

    who: int
    item: int
    lent_on: int
    due: int
    status: str = "NORMAL"
    renewals: int = 0
    renewed_on: int = 0
    recalled: bool = False
    due_before: int = 0
    returned: int | None = None
    closed: bool = False
    claimed: list[list[int | None]] = field(default_factory=list)
    lost: list[list[int | None]] = field(default_factory=list)
    lates: list[tuple[int, int]] = field(default_factory=list)
    dispute_days: set[int] = field(default_factory=set)
    charges: dict[str, Charges] = field(default_factory=dict)
    charged_on: int | None = None

    @property
    def is_out(self) -> bool:
        return self.returned is None and not self.closed

    @property
    def status_on_loan(self) -> str:
        return "RECALL" if self.recalled else "RENEW" if self.renewals else "NORMAL"

    def end_spell(self, day: int) -> None:
        for spell in (*self.claimed, *self.lost):
            if spell[1] is None:
                spell[1] = max(day, spell[0] or 0)

    def totals(self, policy: Policy, until: int, closed: Iterable[int] | None = None) -> dict[str, int]:
        """``until`` is the first half day that does not count any more."""
        if self.returned is not None:
            until = min(until, noon(self.returned))
        lost_on = next((spell[0] for spell in self.lost if spell[1] is None), None)
        if lost_on is not None:
            if not policy.keeps_overdue:
                return {OVERDUE: 0, RECALLED: 0}
            until = min(until, noon(lost_on))
        free = self._free(policy, policy.closed if closed is None else closed)
        earlier = [range(morning(due + 1), noon(until_day)) for due, until_day in self.lates]
        now = range(morning(self.due + 1), until)
        overdue = fine([*earlier, *([] if self.recalled else [now])], free, RATE, MAXIMUM)
        recalled = fine([now] if self.recalled else [], free, RECALL_RATE, MAXIMUM - overdue)
        return {OVERDUE: overdue, RECALLED: recalled}

    def _free(self, policy: Policy, closed: Iterable[int]) -> set[int]:
        free = {half for day in (*closed, *self.dispute_days) for half in (morning(day), noon(day))}
        for charge in (each for code in GROWING for each in self.charges.get(code, ())):
            if charge.is_disputed:
                free |= set(range(morning(charge.disputed_on), morning(charge.disputed_on + 500)))
        for began, ended in self.claimed:
            last = _LAST if ended is None else ended
            free |= set(range(morning(began or 0), min(morning(last + 1), morning((began or 0) + 500))))
        if policy.when_found != "until_found":
            for began, ended in self.lost:
                if ended is not None:
                    first = morning(self.due + 1) if policy.when_found == "nothing" else noon(began or 0)
                    free |= set(range(first, noon(ended)))
        return free


def fine(times: Iterable[range], free: set[int], rate: int, maximum: int) -> int:
    total = 0
    for time in times:
        halves = len(set(time) - free)
        if halves > 2 * GRACE_DAYS:
            total += (halves + 1) // 2 * rate
    return min(total, maximum)


def morning(day: int) -> int:
    return 2 * day


def noon(day: int) -> int:
    """The first half day after what happened on ``day``."""
    return 2 * day + 1
