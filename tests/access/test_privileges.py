"""A privilege that no command or query asks for would be a promise nobody keeps."""

import ast
from collections.abc import Iterator
from pathlib import Path

import amerce
from amerce.access.privileges import Privilege

FACES = ("cli", "web")
_ASKING = ("require", "require_for", "can")


def test_every_privilege_is_asked_for_below_the_faces() -> None:
    house = Path(amerce.__file__).parent
    sources = [each for each in house.rglob("*.py") if each.relative_to(house).parts[0] not in FACES]

    asked_for = {name for source in sources for name in _asked_for(ast.parse(source.read_text()))}

    assert asked_for == {privilege.name for privilege in Privilege}


def _asked_for(module: ast.Module) -> Iterator[str]:
    """The members of ``Privilege`` among what ``require``, ``require_for`` and ``can`` are called with."""
    for call in ast.walk(module):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in ("require", "require_for", "can")
        ):
            inside = [each for each in ast.walk(call) if isinstance(each, ast.Attribute)]
            yield from (
                each.attr for each in inside if isinstance(each.value, ast.Name) and each.value.id == "Privilege"
            )
