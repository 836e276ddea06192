"""Configuration > Bursar Transaction ID."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from amerce.institutions.models import BursarSequence, SkippedNumbers
from amerce.institutions.transaction_ids import take_transaction_ids
from tests.circulation.configuring import nothing_configured
from tests.web.stamped import opened, send
from tests.world import NOON, Library

pytestmark = pytest.mark.django_db
LIST = "/configuration/bursar-sequences/"
TYPED = {"library_id": "", "name": "Bursar", "start": "32", "prefix": "ABC", "padding": "10"}


@pytest.fixture
def client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("user_administrator")


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def added(client: Client, **typed: Any) -> BursarSequence:
    assert client.post(f"{LIST}new/", {**TYPED, **typed}).status_code == 302
    return BursarSequence.objects.latest("pk")


def test_a_sequence_is_added_with_the_fields_of_the_seed(client, library):
    assert "No sequences" in words(client.get(LIST))
    page = words(client.get(f"{LIST}new/"))
    labels = ["Library", "Sequence Name", "Sequence Start", "Method", "Prefix", "Padding"]
    places = [page.index(f">{label}</label>") for label in labels]
    assert places == sorted(places)
    assert "Prefix + Sequence" in page and ">Add Row</button>" in page

    sequence = added(client)

    assert (sequence.library, sequence.start, sequence.prefix, sequence.padding) == (None, 32, "ABC", 10)
    shown = words(client.get(LIST))
    assert "ABC0000000032" in shown and "user_administrator-account" in shown
    assert "<h1>Bursar Transaction ID Sequence Configuration</h1>" in shown
    for action in ("Add New Sequence", "Edit", "Set Next Sequence Value", "Delete"):
        assert f">{action}</a>" in shown


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ({"start": "32", "prefix": "ABC", "padding": ""}, "ABC32"),
        ({"start": "32", "prefix": "ABC", "padding": "10"}, "ABC0000000032"),
        ({"start": "", "prefix": "ABC", "padding": "10"}, None),
        ({"start": "100", "prefix": "ABC", "padding": "2"}, None),
        ({"start": "x\0", "prefix": "\0", "padding": "99"}, None),
    ],
)
def test_the_example_lives_with_what_is_typed(client, typed, written):
    shown = words(client.get(f"{LIST}new/example/", typed))

    assert shown == (
        "Start, prefix and padding make no id yet."
        if written is None
        else f'The next exported fee gets <strong class="code">{written}</strong>. There is room for '
        f"{'999,999,999,999,999,968' if written == 'ABC32' else '9,999,999,968'} numbers."
    )


def test_the_example_of_a_sequence_in_use_goes_on_from_its_next_number(client, library):
    sequence = added(client)
    take_transaction_ids(library.institution.pk, [None])

    shown = words(client.get(f"{LIST}{sequence.pk}/example/", {"padding": "4"}))

    assert "ABC0033" in shown
    page = words(client.get(f"{LIST}{sequence.pk}/"))
    assert "Numbers were given out, so start and prefix stay as they are." in page


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": ""}, "name", "This cannot be empty."),
        ({"name": "bursar"}, "name", "There is a “Bursar” already."),
        ({"library_id": ""}, "library_id", "There is a sequence for this already. Only one can be."),
        ({"library_id": "999999"}, "library_id", "Choose one from the list."),
        ({"start": "abc"}, "start", "A whole number from 0 to 999999999999999999."),
        ({"start": "1000000000000000000"}, "start", "A whole number from 0 to 999999999999999999."),
        ({"padding": "19"}, "padding", "A whole number from 0 to 18."),
        ({"start": "100", "padding": "2"}, "padding", "The next number is 100, which has more digits."),
        ({"prefix": "ABC7"}, "prefix", "The ids could read like those of “Bursar”"),
    ],
)
def test_what_cannot_be_added_is_said_at_its_field_and_stays_typed(client, library, typed, field, sentence):
    added(client)
    mine = {**TYPED, "library_id": str(library.library.pk), "name": "Main", "prefix": "M", "padding": "", **typed}

    with nothing_configured():
        response = client.post(f"{LIST}new/", mine)

    assert response.status_code == 422
    assert response.context["form"].errors[field][0].startswith(sentence)
    assert f'value="{mine["start"]}"' in words(response)


def test_before_numbers_are_skipped_somebody_is_asked_and_then_they_are_listed(client, library):
    sequence = added(client)
    path = f"{LIST}{sequence.pk}/next/"
    typed = {"next_value": "100", "reason": "New year"}

    with nothing_configured():
        asked = send(client, path, typed)
    assert "The 68 numbers from 32 to 99 would never be given out." in words(asked)
    assert "ABC0000000100" in words(asked) and 'name="confirmed" value="100"' in words(asked)
    assert 'btn-primary" autofocus>Save<' in words(asked)
    assert send(client, path, {**typed, "confirmed": "100"}).status_code == 302

    shown = words(client.get(LIST))
    assert "Saved. The next exported fee gets ABC0000000100." in shown
    assert ">32 to 99</td>" in shown and ">New year</td>" in shown
    assert "<del>32</del>" in words(client.get(f"{LIST}{sequence.pk}/")), "the change is told with the others"


def test_what_was_confirmed_is_the_number_that_is_set(client, library):
    sequence = added(client)

    with nothing_configured():
        asked = send(client, f"{LIST}{sequence.pk}/next/", {"next_value": "1000", "confirmed": "100"})

    assert 'name="confirmed" value="1000"' in words(asked)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("32", "Numbers up to 33 were given out, and none is given twice. The lowest is 34."),
        ("10000000000", "A whole number from 34 to 9999999999."),
        ("", "A whole number from 0 to 999999999999999999."),
        ("next", "A whole number from 0 to 999999999999999999."),
    ],
)
def test_a_number_that_cannot_be_next_is_refused_before_somebody_is_asked(client, library, value, sentence):
    sequence = added(client)
    take_transaction_ids(library.institution.pk, [None, None])

    with nothing_configured():
        refused = send(client, f"{LIST}{sequence.pk}/next/", {"next_value": value})

    assert refused.status_code == 422
    assert refused.context["form"].errors["next_value"] == [sentence]


def test_an_export_while_somebody_is_asked_is_told(client, library):
    sequence = added(client)
    path = f"{LIST}{sequence.pk}/next/"
    seen = opened(client, path)
    take_transaction_ids(library.institution.pk, [None])

    with nothing_configured():
        refused = client.post(path, {**seen, "next_value": "100", "confirmed": "100"})

    assert refused.status_code == 422
    assert "Somebody changed this since the page was made" in words(refused)
    assert "Stands now: 33" in words(refused)


def test_a_sequence_is_deleted_once_it_is_confirmed(client, library):
    sequence = added(client)
    assert ">Confirm</button>" in words(client.get(f"{LIST}{sequence.pk}/delete/"))

    assert send(client, f"{LIST}{sequence.pk}/delete/").status_code == 302

    assert "No sequences" in words(client.get(LIST))


def test_a_full_sequence_says_so(client, library):
    BursarSequence.objects.create(
        institution=library.institution, name="Full", start=1, next_value=100, last_taken=99, padding=2
    )

    assert ">Full</span>" in words(client.get(LIST))


def test_of_many_skipped_numbers_the_latest_are_shown(client, library: Library):
    sequence = added(client)
    rows = [
        SkippedNumbers(institution=library.institution, sequence=sequence, first=number, last=number, created_at=NOON)
        for number in range(101)
    ]
    SkippedNumbers.objects.bulk_create(rows)

    shown = words(client.get(LIST))

    assert "The latest 100 are shown." in shown
    assert ">100</td>" in shown and 'data-label="Numbers">0</td>' not in shown
