"""A page never meets the script of another version."""

import hashlib
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client


def test_the_address_of_a_file_holds_a_hash_of_it() -> None:
    script = Path(finders.find("web/amerce.js") or "")

    assert static("web/amerce.js") == f"/static/web/amerce.js?v={hashlib.sha256(script.read_bytes()).hexdigest()[:12]}"


def test_a_file_that_is_not_there_has_a_plain_address() -> None:
    assert static("web/nothing.js") == "/static/web/nothing.js"


@pytest.mark.django_db
def test_a_page_asks_for_its_files_by_such_addresses(client: Client) -> None:
    page = client.get("/sign-in/").content.decode()

    asked = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(asked) > 2
    assert all(re.fullmatch(r"/static/[^?]+\?v=[0-9a-f]{12}(#.+)?", each) for each in asked), asked
