"""The examples of ``docs/reference/rest.md`` do what they say."""

import re
import shlex
from pathlib import Path

import pytest
from django.test import Client

from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.world import Library

DOCUMENT = Path(__file__).parents[2] / "docs/reference/rest.md"
COMMANDS = re.findall(
    r"^curl .*?(?<!\\)$", "".join(re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(), re.S)), re.M | re.S
)


@pytest.mark.django_db
@pytest.mark.parametrize("command", COMMANDS)
def test_each_example_answers_200(library: Library, command: str) -> None:
    Desk(library).charge(1000)
    key = Program.of(library).key
    method, headers, path = "GET", {}, ""
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _colon, value = next(words).partition(":")
            headers[name] = value.strip().replace("$KEY", key)
        elif word in ("-o", "-d"):
            next(words)
        else:
            path = word.removeprefix("$URL")

    assert Client().generic(method, path, headers=headers).status_code == 200
    assert path.startswith(("/almaws/v1/", "/api/v1/"))
