"""Every call that changes something, in both forms and with the key in either place (rows G1, G2)."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from amerce.charges.models import Fee
from amerce.patrons.models import Patron
from tests.api.programs import BASE, Program
from tests.charges.acts import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.money]
FEES = "/users/jdoe/fees"
NEW_FEE = {
    "json": '{"type": {"value": "SERVICEFEE"}, "original_amount": "5.00", "owner": {"value": "MAIN"}}',
    "xml": "<fee><type>SERVICEFEE</type><original_amount>5.00</original_amount><owner>MAIN</owner></fee>",
}
USER = {
    "json": '{"primary_id": "anew", "first_name": "Ann", "last_name": "%s", "account_type": {"value": "INTERNAL"}}',
    "xml": "<user><primary_id>anew</primary_id><first_name>Ann</first_name><last_name>%s</last_name>"
    "<account_type>INTERNAL</account_type></user>",
}


@dataclass
class Speaker:
    """A program that speaks one form and says its key in one place."""

    key: str
    form: str
    place: str

    def ask(self, method: str, path: str, body: str = "") -> Any:
        headers = {"Accept": f"application/{self.form}"}
        if self.place == "header":
            headers["Authorization"] = f"apikey {self.key}"
        else:
            path += ("&" if "?" in path else "?") + f"apikey={self.key}"
        call = getattr(Client(), method)
        response = call(BASE + path, data=body, content_type=f"application/{self.form}", headers=headers)
        assert response.status_code == 200, response.content
        assert response["Content-Type"].startswith(f"application/{self.form}")
        return json.loads(response.content) if self.form == "json" else etree.fromstring(response.content)

    def said(self, answer: Any, name: str) -> str:
        """The text of one field, whichever the form."""
        if self.form == "xml":
            return str(answer.findtext(name) or "")
        value = answer[name]
        return str(value["value"] if isinstance(value, dict) else value)

    def first_transaction(self, answer: Any) -> tuple[str, str]:
        found = answer["transaction"][0] if self.form == "json" else answer.find("transactions/transaction")
        return self.said(found, "type"), self.said(found, "amount")


@pytest.fixture(params=["json", "xml"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["header", "query"])
def speaker(request: pytest.FixtureRequest, program: Program, form: str) -> Speaker:
    return Speaker(program.key, form, request.param)


def test_a_fee_is_charged(speaker: Speaker, desk: Desk) -> None:
    made = speaker.ask("post", FEES, NEW_FEE[speaker.form])

    fee = Fee.objects.get()
    assert (speaker.said(made, "id"), speaker.said(made, "type"), speaker.said(made, "balance")) == (
        str(fee.pk), "SERVICEFEE", "5.0",
    )  # fmt: skip
    assert (fee.original_minor, fee.remaining_minor) == (500, 500)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("op=pay&amount=4.00&method=CASH", ("ACTIVE", "6.0", ("PAYMENT", "4.0"))),
        ("op=pay&amount=10&method=ONLINE", ("CLOSED", "0.0", ("PAYMENT", "10.0"))),
        ("op=waive&amount=2.50&reason=GOODWILL", ("ACTIVE", "7.5", ("WAIVE", "2.5"))),
        ("op=dispute", ("INDISPUTE", "10.0", ("DISPUTE", "10.0"))),
    ],
)
def test_a_fee_is_paid_waived_and_disputed(
    speaker: Speaker, desk: Desk, query: str, told: tuple[str, str, tuple[str, str]]
) -> None:
    fee = desk.charge(1000)

    done = speaker.ask("post", f"{FEES}/{fee.pk}?{query}")

    assert (speaker.said(done, "status"), speaker.said(done, "balance"), speaker.first_transaction(done)) == told


def test_a_fee_is_restored(speaker: Speaker, desk: Desk) -> None:
    fee = desk.charge(1000)
    desk.dispute(fee)

    done = speaker.ask("post", f"{FEES}/{fee.pk}?op=restore")

    assert (speaker.said(done, "status"), speaker.first_transaction(done)) == ("ACTIVE", ("RESTORE", "10.0"))


def test_all_fees_are_paid(speaker: Speaker, desk: Desk) -> None:
    desk.charge(1000)
    desk.charge(250)

    left = speaker.ask("post", f"{FEES}/all?op=pay&amount=12.00&method=CASH")

    totals = left if speaker.form == "json" else left.attrib
    assert (str(totals["total_record_count"]), str(totals["total_sum"])) == ("1", "0.5")


def test_a_user_is_made_and_changed(speaker: Speaker) -> None:
    made = speaker.ask("post", "/users", USER[speaker.form] % "Before")
    changed = speaker.ask("put", "/users/anew", USER[speaker.form] % "After")

    assert (speaker.said(made, "last_name"), speaker.said(changed, "last_name")) == ("Before", "After")
    assert Patron.objects.get(primary_id="anew").last_name == "After"
