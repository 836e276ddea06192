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
    """The members of ``Privilege`` that are named in a module which calls ``require``, ``require_for`` or ``can``."""
    nodes = list(ast.walk(module))
    called = {each.func.id for each in nodes if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}
    if not called & set(_ASKING):
        return
    for each in nodes:
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "Privilege":
            yield each.attr
