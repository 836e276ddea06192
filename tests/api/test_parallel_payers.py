"""Twenty payers at once, over HTTP, with one external transaction id: one payment (row G2)."""

from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

import pytest

from amerce.ledger.models import Transfer
from amerce.ledger.verify import verify
from tests.api.programs import Program
from tests.charges.acts import Desk, now
from tests.world import Library

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.money]
PAYERS = 20


def test_one_external_id_pays_once_however_many_send_it(flushable: None, library: Library, live_server) -> None:  # type: ignore[no-untyped-def]
    fee = Desk(library).charge(1000)
    program = Program.of(library)
    url = f"{live_server.url}/almaws/v1/users/jdoe/fees/{fee.pk}?op=pay&amount=4&method=ONLINE"

    def pay(_: int) -> tuple[int, str]:
        asked = Request(
            f"{url}&external_transaction_id=T-1",
            method="POST",
            headers={"Authorization": f"apikey {program.key}"},
        )
        with urlopen(asked, timeout=60) as response:
            return response.status, response.headers.get("Amerce-Replayed", "")

    with ThreadPoolExecutor(PAYERS) as payers:
        answers = list(payers.map(pay, range(PAYERS)))

    assert sorted(answers) == [(200, "")] + [(200, "true")] * (PAYERS - 1)
    assert Transfer.objects.filter(kind="PAYMENT").count() == 1
    assert now(fee).remaining_minor == 600
    assert verify().findings == []
