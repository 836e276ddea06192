import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_it_answers_ok_without_a_sign_in_while_the_guards_stand(client: Client) -> None:
    response = client.get(reverse("healthz"))

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_it_names_a_guard_that_is_gone(client: Client) -> None:
    on_table = " ON ledger_transfer" if connection.vendor == "postgresql" else ""
    name = "guard_ledger_transfer_truncate" if on_table else "guard_ledger_transfer_update"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on_table}")

    response = client.get(reverse("healthz"))

    assert (response.status_code, response.json()) == (503, {"status": "guards missing", "guards": [name]})
