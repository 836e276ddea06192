"""A library with a program that may do everything at our own interface."""

import pytest

from tests.api.alma.conftest import desk, noon  # noqa: F401
from tests.api.programs import Program
from tests.world import Library


@pytest.fixture
def program(library: Library) -> Program:
    return Program.of(library, base="/api/v1")
