"""Answers written down once and compared for ever: ``AMERCE_WRITE_GOLDEN=1`` writes them anew."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from lxml import etree

FOLDER = Path(__file__).parent / "golden"


def same_as_golden(name: str, response: HttpResponse, ids: Mapping[int | str, str]) -> None:
    """The body is what ``golden/<name>`` says, where ``ids`` (id to a name for it) stand for what differs each time."""
    body = response.content.decode()
    for value, word in ids.items():
        for around in ('id": "{}"', "id>{}<", "/{}<", '/{}"'):
            body = body.replace(around.format(value), around.format(word))
    shown = _indented(name, body)
    path = FOLDER / name
    if os.environ.get("AMERCE_WRITE_GOLDEN"):
        path.write_text(shown)
    assert shown == path.read_text()


def _indented(name: str, body: str) -> str:
    if name.endswith(".json"):
        tree: Any = json.loads(body, parse_float=str)
        return json.dumps(tree, indent=1, ensure_ascii=False) + "\n"
    root = etree.fromstring(body.encode())
    etree.indent(root, " ")
    return etree.tostring(root, encoding="unicode") + "\n"
