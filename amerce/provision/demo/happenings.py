"""What is going to happen in the sample library, in order of time.

Why a queue: what follows a charge (a payment weeks later, a dispute, a bursar run in between) depends on how the
account stands by then, as in life.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from amerce.provision.demo.lending import YESTERDAY
from amerce.provision.demo.places import DAYS, Campus

Happening = Callable[[datetime], None]


class Happenings:
    """The queue; ``chance`` draws from the one source of chance that the whole library has."""

    def __init__(self, campus: Campus) -> None:
        self.campus, self.rng = campus, campus.rng
        self._queue: list[tuple[datetime, int, Happening]] = []
        self._serial = count()

    def run(self, on_day: Callable[[int, int], None]) -> None:
        """Let everything happen; ``on_day`` hears how many days of how many are done."""
        done = 0
        while self._queue:
            at, _, happening = heappop(self._queue)
            happening(at)
            days = DAYS + self.campus.day_of(at)
            if days > done:
                done = days
                on_day(done, DAYS)

    def chance(self, percent: int) -> bool:
        return self.rng.randrange(100) < percent

    def on(self, day: int, happening: Happening) -> None:
        self.push(self.campus.opening_hour(day), happening)

    def later(self, at: datetime, least_days: int, most_days: int, happening: Happening) -> None:
        then = self.campus.opening_hour(self.campus.day_of(at) + self.rng.randint(least_days, most_days))
        self.push(max(then, at + timedelta(minutes=5)), happening)

    def push(self, at: datetime, happening: Happening) -> None:
        """What would happen today or later has not happened."""
        if self.campus.day_of(at) <= YESTERDAY:
            heappush(self._queue, (at, next(self._serial), happening))
