"""Whether the tab Network Activity holds something: remembered for minutes, else asked after the page is there."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from amerce.network.activity import Activity
from amerce.patrons.models import Patron

REMEMBERED = timedelta(minutes=10)
_KEY = "network_marks"
_NOBODY = "nobody"
"""Instead of a patron: nobody is asked here."""
_MOST = 20


def remember(session: Any, patron_id: int, activity: Activity, now: datetime) -> None:
    """Keep in the session at how many members something is owed, and nothing else of it."""
    until = int((now + REMEMBERED).timestamp())
    marks = {key: each for key, each in session.get(_KEY, {}).items() if each[1] > now.timestamp()}
    marks[str(patron_id) if activity.is_asking else _NOBODY] = [activity.owing, until]
    session[_KEY] = dict(list(marks.items())[-_MOST:])


def mark_of(session: Any, patron: Patron, now: datetime) -> tuple[int, str]:
    """At how many members something is owed, and where to ask for that if it is not known."""
    marks = session.get(_KEY, {})
    for key in (str(patron.pk), _NOBODY):
        if key in marks and marks[key][1] > now.timestamp():
            return marks[key][0], ""
    return 0, reverse("patron-network-mark", args=[patron.pk])
