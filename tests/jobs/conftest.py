import pytest

from tests.jobs import counting


@pytest.fixture
def counting_jobs(settings):  # type: ignore[no-untyped-def]
    """The jobs of ``counting.py`` in place of the real ones."""
    counting.stumbles.clear()
    settings.AMERCE_JOBS = "tests.jobs.counting.JOBS"
