"""The bursar of the sample: two profiles, exports of some months, what was paid there, and a file that was checked.

Why by the jobs: the files, the ids and the reports of the runs are what any library would have.
"""

from datetime import datetime, timedelta

from amerce.access.actors import actor_for, system_actor
from amerce.access.privileges import Privilege
from amerce.bursar.export_job import BURSAR_EXPORT
from amerce.bursar.import_job import BURSAR_IMPORT
from amerce.bursar.models import BursarImport, BursarLine, BursarRun
from amerce.bursar.places import exchange
from amerce.bursar.profiles import ProfileFacts
from amerce.bursar.save_profile import save_profile
from amerce.bursar.undo_import import begin_undo_import
from amerce.bursar.uploads import keep_upload
from amerce.bursar.write_file import NAMESPACE, Manner
from amerce.jobs.enqueue import enqueue
from amerce.patrons.models import Patron
from amerce.patrons.queries import user_groups
from amerce.provision.demo.job_runs import finish
from amerce.provision.demo.places import DAYS, Campus

STUDENTS, COLLECTION = "SIS", "COLLECT"
_PAID_OF_TEN = 6
"""How many of ten fees are paid until the bursar tells it."""
_TESTED = 3
_TEST = "A test of the bursar's office: nobody has paid these"
_CHECKED_MOST = 12
"""How many lines the file has that was only checked."""


def make_profiles(campus: Campus, long: Patron) -> None:
    """Student accounts, which report back, and a collection agency, which does not. ``long`` keeps the long list."""
    actor, at = actor_for(campus.accounts["sysadmin"], None), campus.moment(-DAYS - 1, 9)
    theirs = long.group.code if long.group else ""
    groups = tuple(each.code for each in user_groups(campus.institution.pk) if each.code != theirs)
    save_profile(
        actor=actor,
        at=at,
        facts=ProfileFacts(
            code=STUDENTS,
            name="Student accounts",
            imports=True,
            rows="both",
            user_groups=groups,
            min_age_days=60,
            min_amount_minor=15_00,
            destination="folder",
            folder="student-accounts",
            import_folder="student-accounts/paid",
        ),
    )
    save_profile(
        actor=actor,
        at=at,
        facts=ProfileFacts(
            code=COLLECTION,
            name="Collection agency",
            user_groups=groups,
            fee_types=("LOSTITEMREPLACEMENTFEE", "LOSTITEMPROCESSFEE"),
            min_age_days=45,
            min_amount_minor=25_00,
            min_basis="patron",
            writes_zone=False,
        ),
    )


def export_by(campus: Campus, at: datetime, code: str) -> BursarRun | None:
    """Run the export of a profile at that moment; what it made."""
    number = _run(campus, at, BURSAR_EXPORT.name, code)
    return BursarRun.objects.filter(institution=campus.institution, number=number).first()


def pay_some(campus: Campus, at: datetime, run: BursarRun) -> None:
    """Six of ten fees of the run were paid at the bursar, every fifth of them in part and the first with 5.00 too much.

    A second file, on the same day, names nobody and is rejected. The first time the bursar had sent a test before.
    """
    manner = Manner.of(run.profile)
    if not BursarImport.objects.filter(institution=campus.institution).exists():
        _undo_a_test(campus, at, run, manner)
    lines = BursarLine.objects.filter(run=run, state=BursarLine.State.POSTED, posted_minor__gt=0).select_related("fee")
    paid = [line for place, line in enumerate(lines.order_by("pk")) if place % 10 < _PAID_OF_TEN]
    fees = _fees(manner, [(line, line.posted_minor) for line in paid])
    nobody = _line("LU99999999", "12.5", manner.currency.code)
    folder = exchange(run.profile, run.profile.import_folder)
    (folder / f"paid-{at:%Y%m%d}.xml").write_text(_content(run, fees), encoding="utf-8")
    (folder / f"phone-{at:%Y%m%d}.xml").write_text(_content(run, nobody), encoding="utf-8")
    _run(campus, at, BURSAR_IMPORT.name, run.profile.code)


def _undo_a_test(campus: Campus, at: datetime, run: BursarRun, manner: Manner) -> None:
    """A test of the bursar's office was booked, and undone by the clerk."""
    lines = BursarLine.objects.filter(run=run, state=BursarLine.State.POSTED, posted_minor__gt=0).select_related("fee")
    fees = "".join(
        _line(
            line.fee.bursar_transaction_id or str(line.fee_id),
            manner.amount(line.posted_minor),
            manner.currency.code,
        )
        for line in lines.order_by("-pk")[:_TESTED]
    )
    folder = exchange(run.profile, run.profile.import_folder)
    (folder / f"test-{at:%Y%m%d}.xml").write_text(_content(run, fees), encoding="utf-8")
    _run(campus, at, BURSAR_IMPORT.name, run.profile.code)
    undo = begin_undo_import(
        actor=actor_for(campus.accounts["bursar"], None),
        at=at,
        import_id=BursarImport.objects.filter(institution=campus.institution, state="done").latest("pk").pk,
        reason=_TEST,
    )
    finish(undo.run.pk, lambda: at + timedelta(seconds=1))


def check_some(campus: Campus, at: datetime) -> None:
    """More of an export was paid, by a file that was uploaded and only checked so far.

    Why no file in the folder: it would lie there for whoever makes the sample anew in the same place.
    """
    owing = BursarRun.objects.filter(institution=campus.institution, lines__fee__transferred_minor__gt=0)
    run = owing.filter(profile__code=STUDENTS).order_by("pk").first()
    if run is None:
        return
    manner = Manner.of(run.profile)
    lines = BursarLine.objects.filter(run=run, fee__transferred_minor__gt=0).select_related("fee").order_by("pk")
    paid = [(line, line.fee.transferred_minor) for line in lines[:_CHECKED_MOST]]
    content = _content(run, _fees(manner, paid)).encode()
    name = keep_upload(
        actor=actor_for(campus.accounts["bursar"], None),
        at=at,
        name=f"paid-{at:%Y%m%d}.xml",
        size=len(content),
        pieces=[content],
    )
    _run(campus, at, BURSAR_IMPORT.name, STUDENTS, check="yes", upload=name)


def _fees(manner: Manner, paid: list[tuple[BursarLine, int]]) -> str:
    """A line for each of ``paid`` and what was at the bursar of it."""
    return "".join(
        _line(
            line.fee.bursar_transaction_id or str(line.fee_id),
            manner.amount(_paid_minor(open_minor, place)),
            manner.currency.code,
        )
        for place, (line, open_minor) in enumerate(paid)
    )


def _paid_minor(open_minor: int, place: int) -> int:
    if place == 0:
        return open_minor + 5_00
    return open_minor if (place + 1) % 5 else open_minor // 2


def _content(run: BursarRun, fees: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xb:xml-fragment xmlns:xb="{NAMESPACE}"><xb:userExportedFineFees>'
        f"<xb:exportNumber>{run.number}</xb:exportNumber></xb:userExportedFineFees><xb:userExportedFineFees>"
        "<xb:userExportedList><xb:userExportedFineFeesList><xb:finefeeList>"
        f"{fees}</xb:finefeeList></xb:userExportedFineFeesList></xb:userExportedList></xb:userExportedFineFees>"
        "</xb:xml-fragment>\n"
    )


def _line(transaction_id: str, amount: str, currency_code: str) -> str:
    return (
        f"<xb:userFineFee><xb:compositeSum><xb:currency>{currency_code}</xb:currency><xb:sum>{amount}</xb:sum>"
        f"</xb:compositeSum><xb:bursarTransactionId>{transaction_id}</xb:bursarTransactionId></xb:userFineFee>"
    )


def _run(campus: Campus, at: datetime, name: str, code: str, **more: str) -> int:
    actor = system_actor(campus.institution.pk, "schedule", Privilege.JOB_RUN, Privilege.FEE_EXPORT)
    queued = enqueue(actor=actor, at=at, name=name, given={"profile": code, **more})
    finish(queued.pk, lambda: at + timedelta(seconds=1))
    return queued.pk
