import pytest

from tests.charges.acts import Desk
from tests.outbound.conftest import names, receiver
from tests.world import Library

__all__ = ["names", "receiver"]


@pytest.fixture
def desk(flushable: None, library: Library) -> Desk:
    """A desk whose commands commit for real, so that what follows from them happens."""
    return Desk(library)
