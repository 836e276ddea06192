"""Opening a page as a browser does: how many queries it asks, and how long it takes."""

from http import HTTPStatus
from time import perf_counter

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def visit(client: Client, page: str) -> tuple[int, float]:
    """Queries and seconds of the second visit: templates are compiled at the first."""
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        began = perf_counter()
        answer = client.get(page)
        time_s = perf_counter() - began
    assert answer.status_code == HTTPStatus.OK, f"the page answered {answer.status_code}"
    return len(queries), time_s
