"""Sending a form of the configuration as a browser does: with the stamp of its page."""

import re
from typing import Any

from django.test import Client


def opened(client: Client, path: str) -> dict[str, str]:
    """The stamp of the page that is there now."""
    found = re.search(r'name="stamp" value="(\w+)"', client.get(path).content.decode())
    assert found, f"{path} has no stamp"
    return {"stamp": found[1]}


def send(client: Client, path: str, typed: dict[str, Any] | None = None, **options: Any) -> Any:
    """Open the page and send it filled in."""
    return client.post(path, {**opened(client, path), **(typed or {})}, **options)
