"""almapipy, a program that universities wrote for Alma, as it is published, against a server of ours (row G1)."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from almapipy import AlmaCnxn
from almapipy.utils import AlmaError

from tests.api.programs import Program
from tests.charges.acts import Desk
from tests.world import Library

pytestmark = pytest.mark.django_db(transaction=True)
_ITS_HOST = "https://api-na.hosted.exlibrisgroup.com"


@pytest.fixture
def desk(flushable: None, library: Library) -> Desk:
    return Desk(library)


@pytest.fixture
def alma(live_server, library: Library, desk: Desk) -> Iterator[Any]:  # type: ignore[no-untyped-def]
    key = Program.of(library).key

    def connected(data_format: str) -> AlmaCnxn:
        """Its base address is written into it; nothing else of it is changed."""
        connection = AlmaCnxn(key, data_format=data_format)
        for each in _clients(connection):
            full = each.cnxn_params.get("api_uri_full", "")
            each.cnxn_params["api_uri_full"] = full.replace(_ITS_HOST, live_server.url)
        return connection

    yield connected


def _clients(client: Any) -> Iterator[Any]:
    for each in vars(client).values():
        if hasattr(each, "cnxn_params"):
            yield each
            yield from _clients(each)


def test_it_reads_users_fees_loans_and_requests_in_json(alma: Any, desk: Desk) -> None:
    fee = desk.charge(1250)
    desk.pay(fee, amount=250)
    connection = alma("json")

    assert connection.users.get("jdoe")["last_name"] == "Doe"
    assert [each["primary_id"] for each in connection.users.get(query={"last_name": "doe"})["user"]] == ["jdoe"]
    listed = connection.users.fees.get("jdoe")
    assert (listed["total_sum"], listed["fee"][0]["transaction"][0]["amount"]) == (10.0, 2.5)
    assert connection.users.fees.get("jdoe", fee_id=str(fee.pk))["balance"] == 10.0
    assert connection.users.loans.get("jdoe") == {"total_record_count": 0}
    assert connection.users.requests.get("jdoe") == {"total_record_count": 0}


def test_it_reads_fees_and_errors_in_xml(alma: Any, desk: Desk) -> None:
    desk.charge(1250)
    connection = alma("xml")

    listed = connection.users.fees.get("jdoe")
    assert isinstance(listed, ElementTree.Element)
    assert (listed.get("total_sum"), listed.findtext("fee/balance")) == ("12.5", "12.5")
    with pytest.raises(AlmaError) as refused:
        connection.users.get("nobody")
    assert refused.value.message.startswith("401861 - User with identifier nobody was not found.")


def test_it_pages_through_all_users(alma: Any, library: Library) -> None:
    for number in range(12):
        library.new_patron(f"p{number:02}", last_name="Many")

    found = alma("json").users.get(query={"last_name": "many"}, all_records=True)

    assert len(found["user"]) == 12


def test_it_reads_the_configuration(alma: Any) -> None:
    connection = alma("json")

    assert connection.conf.units.get_libaries()["library"][0]["code"] == "MAIN"
    assert connection.conf.units.get_libaries("MAIN")["name"] == "Main Library"
    assert connection.conf.units.get_departments()["department"][0]["code"] == "DESK1"
    assert connection.conf.general.get_code_table("PaymentMethod")["row"][0]["code"] == "CASH"
    assert connection.conf.general.get()["institution"]["value"] == "MAIN"
