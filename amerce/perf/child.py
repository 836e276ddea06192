"""The process that does the work, in a database of its own: ``python -m amerce.perf.child``.

Why a process: Django takes its database from the environment once, and peak memory is a process's. Each line it
prints is one JSON object: ``done`` for progress, ``measurement``, ``remark``, ``memory_mib`` or ``scale``.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from typing import Any

import django


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--operations", type=int, default=1)
    parser.add_argument("--memory-of", help="only our side of this case, and the peak of memory")
    parser.add_argument("--lend", type=int, help="only make so many late loans")
    parser.add_argument("--charge", action="store_true", help="only run the job over them")
    parser.add_argument("--owe", type=int, help="only make so many patrons who owe something")
    parser.add_argument("--notify", action="store_true", help="only run the notifications over them")
    parser.add_argument("--owe-bulk", type=int, help="only make so many fees for a bulk waiver, and as many by hand")
    parser.add_argument("--waive", action="store_true", help="only waive them, by the job and by hand")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amerce.config.settings")
    django.setup()
    if options.lend:
        _lend(options.lend)
    elif options.charge:
        _charge()
    elif options.owe:
        _owe(options.owe)
    elif options.notify:
        _notify()
    elif options.owe_bulk:
        _owe_bulk(options.owe_bulk)
    elif options.waive:
        _waive()
    elif options.memory_of:
        _memory(options.memory_of, options.operations)
    else:
        _measure_all(options.rounds, options.operations)
    return 0


def _measure_all(rounds: int, operations: int) -> None:
    from django.core.management import call_command

    from amerce.perf import accrual, letters, monitor_page, patron_page
    from amerce.perf.ground import lay_ground
    from amerce.perf.measure import measure
    from amerce.perf.plain import Plain
    from amerce.perf.registry import CASES

    call_command("migrate", interactive=False, verbosity=0)
    ground, plain = lay_ground(), Plain()
    _say(done="the library")
    for case in CASES:
        _say(measurement=asdict(measure(case, ground, plain, rounds=rounds, operations=operations)))
    plain.close()
    for said in (accrual, patron_page, monitor_page, letters):
        for remark in said.remarks(ground):
            _say(remark=remark)


def _memory(name: str, operations: int) -> None:
    """Our side alone, in the database that was measured: neither the limit nor the making of tables counts."""
    from amerce.perf.ground import found_ground
    from amerce.perf.plain import Plain
    from amerce.perf.registry import CASES
    from amerce.perf.scale import peak_memory_mib

    ground, plain = found_ground(), Plain()
    case = next(each for each in CASES if each.name == name)
    for work in case.prepare(ground, case.works(operations)):
        case.ours(ground, plain, work)
    _say(memory_mib=peak_memory_mib())


def _lend(loans: int) -> None:
    from django.core.management import call_command

    from amerce.perf.ground import lay_ground
    from amerce.perf.scale import lend_late

    call_command("migrate", interactive=False, verbosity=0)
    lend_late(lay_ground(patrons=1), loans)
    _say(done="the loans")


def _charge() -> None:
    """In a process of its own: the memory that making the loans took does not count."""
    from amerce.perf.ground import found_ground
    from amerce.perf.scale import charge_all

    _say(scale=asdict(charge_all(found_ground(), lambda looked_at: _say(looked_at=looked_at))))


def _owe(patrons: int) -> None:
    from django.core.management import call_command

    from amerce.perf.ground import lay_ground
    from amerce.perf.notifications import owe

    call_command("migrate", interactive=False, verbosity=0)
    owe(lay_ground(patrons=1), patrons)
    _say(done="the patrons")


def _notify() -> None:
    """In a process of its own, as the fines."""
    from amerce.perf.ground import found_ground
    from amerce.perf.notifications import notify_all

    _say(notified=asdict(notify_all(found_ground(), lambda looked_at: _say(looked_at=looked_at))))


def _owe_bulk(fees: int) -> None:
    from django.core.management import call_command

    from amerce.perf.bulk import owe
    from amerce.perf.ground import lay_ground

    call_command("migrate", interactive=False, verbosity=0)
    owe(lay_ground(patrons=1), fees)
    _say(done="the fees")


def _waive() -> None:
    """In a process of its own, as ``_charge``."""
    from amerce.perf.bulk import waive_all
    from amerce.perf.ground import found_ground

    _say(scale=asdict(waive_all(found_ground(), lambda looked_at: _say(looked_at=looked_at))))


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    sys.exit(main())
