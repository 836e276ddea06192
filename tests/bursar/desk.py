"""A bursar's clerk at work in the small library: profiles, runs, files of payments."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from amerce.access.actors import Actor
from amerce.bursar.models import BursarImport, BursarPayment, BursarProfile, BursarRun
from amerce.bursar.places import exchange
from amerce.bursar.profiles import ProfileFacts
from amerce.bursar.save_profile import save_profile
from amerce.bursar.uploads import keep_upload
from amerce.charges.models import Fee
from amerce.jobs.models import JobRun, RunEventRow
from amerce.ledger.models import Transfer
from tests.charges.acts import Desk
from tests.jobs.running import run as run_job
from tests.world import NOON, Library

XB = "http://com/exlibris/urm/rep/externalsysfinesfees/xmlbeans"


@dataclass
class Clerk:
    library: Library
    desk: Desk

    @property
    def administrator(self) -> Actor:
        return self.library.staff("user_administrator")

    @property
    def clerk(self) -> Actor:
        return self.library.staff("bursar_clerk")

    def profile(self, code: str = "SIS", secret: str = "", **columns: Any) -> BursarProfile:
        """A profile that delivers into a folder and takes answers, unless ``columns`` say otherwise."""
        plain = {"name": f"Student {code}", "imports": True, "destination": "folder", "folder": code.lower()}
        facts = ProfileFacts(code=code, **{**plain, "import_folder": f"{code.lower()}/in", **columns})
        made = save_profile(actor=self.administrator, at=NOON, facts=facts, secret=secret)
        return BursarProfile.objects.get(pk=made.profile_id)

    def export(self, profile: BursarProfile, at: datetime = NOON) -> JobRun:
        return run_job(self.library, "bursar-export", at, profile=profile.code)

    def check(self, profile: BursarProfile, at: datetime = NOON, **given: str) -> JobRun:
        return self.take_in(profile, at, check="yes", **given)

    def take_in(self, profile: BursarProfile, at: datetime = NOON, **given: str) -> JobRun:
        return run_job(self.library, "bursar-import", at, profile=profile.code, **given)

    def upload(self, content: bytes, name: str = "paid.xml") -> str:
        """What the file is called that the clerk uploaded."""
        return keep_upload(actor=self.clerk, at=NOON, name=name, size=len(content), pieces=[content])

    def last_run(self) -> BursarRun:
        return BursarRun.objects.latest("pk")

    def last_file(self) -> BursarImport:
        return BursarImport.objects.latest("pk")

    def delivered(self) -> bytes:
        run = self.last_run()
        return (exchange(run.profile, run.profile.folder) / run.file_name).read_bytes()

    def put(self, profile: BursarProfile, name: str, content: bytes) -> Path:
        path = exchange(profile, profile.import_folder) / name
        path.write_bytes(content)
        return path

    def outcomes(self) -> list[tuple[str, str]]:
        rows = BursarPayment.objects.filter(file=self.last_file()).order_by("position")
        return [(row.transaction_id, row.outcome) for row in rows]


def payments(*lines: tuple[object, str], number: object = 77, currency: str = "USD") -> bytes:
    """A file of payments: id and sum of each."""
    fees = "".join(
        f"<xb:userFineFee><xb:compositeSum><xb:currency>{currency}</xb:currency><xb:sum>{sum_text}</xb:sum>"
        f"</xb:compositeSum><xb:bursarTransactionId>{each}</xb:bursarTransactionId></xb:userFineFee>"
        for each, sum_text in lines
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xb:xml-fragment xmlns:xb="{XB}">'
        f"<xb:userExportedFineFees><xb:exportNumber>{number}</xb:exportNumber></xb:userExportedFineFees>"
        "<xb:userExportedFineFees><xb:userExportedList><xb:userExportedFineFeesList><xb:finefeeList>"
        f"{fees}</xb:finefeeList></xb:userExportedFineFeesList></xb:userExportedList></xb:userExportedFineFees>"
        "</xb:xml-fragment>\n"
    ).encode()


def at_bursar(clerk: Clerk, *amounts: int, **columns: Any) -> tuple[BursarProfile, list[Fee]]:
    """A profile, and fees of these amounts that it exported."""
    fees = [clerk.desk.charge(each) for each in amounts]
    profile = clerk.profile(**columns)
    clerk.export(profile)
    return profile, fees


def received() -> int:
    """How many payments of the bursar's are in the ledger."""
    return Transfer.objects.filter(kind="PAYMENT_RECEIVED").count()


class nothing_paid:  # noqa: N801
    """No balance, fee or payment is other than before."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk

    def __enter__(self) -> None:
        self.before = self._look()

    def __exit__(self, *raised: object) -> None:
        assert self._look() == self.before

    def _look(self) -> tuple[object, int, list[dict[str, Any]]]:
        return self.clerk.desk.three_balances(), received(), list(Fee.objects.order_by("pk").values())


def told(run: JobRun) -> list[str]:
    """The codes of what the run's report says."""
    return list(RunEventRow.objects.filter(run=run).order_by("number").values_list("code", flat=True))


def data_dir() -> Path:
    return Path(settings.DATA_DIR)
