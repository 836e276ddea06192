"""The process that does the work, in a database of its own: ``python -m amerce.perf.child``.

Why a process: Django takes its database from the environment once, and peak memory is a process's. Each line it
prints is one JSON object: ``done`` or ``looked_at`` for progress, ``measurement``, ``remark``, ``memory_mib``,
``found``, or the columns of a ``Piece``.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from typing import Any

import django
from django.utils.module_loading import import_string

SCALES = {
    "loans": ("amerce.perf.scale.lend_late", "amerce.perf.scale.charge_all"),
    "patrons": ("amerce.perf.notifications.owe", "amerce.perf.notifications.notify_all"),
    "fees": ("amerce.perf.bulk.owe", "amerce.perf.bulk.waive_all"),
    "bursar": ("amerce.perf.bursar_scale.owe", ""),
    "bursar-alone": ("amerce.perf.bursar_scale.owe_alone", ""),
}
"""What is measured at full size, by the option of ``amerce bench``: what makes so many, and the work on them, unless
that is done by sides."""
SIDES = {"ours": "amerce.perf.bursar_scale.ours", "by_hand": "amerce.perf.bursar_scale.by_hand"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--operations", type=int, default=1)
    parser.add_argument("--memory-of", help="only our side of this case, and the peak of memory")
    parser.add_argument("--prepare", choices=SCALES, help="only make what this scale works on")
    parser.add_argument("--count", type=int, help="how many of it")
    parser.add_argument("--act", choices=SCALES, help="only do the work of this scale")
    parser.add_argument("--side", choices=SIDES, help="only this side, a piece of work for each line that is read")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amerce.config.settings")
    django.setup()
    if options.prepare:
        _prepare(options.prepare, options.count)
    elif options.act:
        _act(options.act)
    elif options.side:
        _take_turns(options.side)
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


def _prepare(scale: str, count: int) -> None:
    from django.core.management import call_command

    from amerce.perf.ground import lay_ground

    call_command("migrate", interactive=False, verbosity=0)
    import_string(SCALES[scale][0])(lay_ground(patrons=1), count)
    _say(done=scale)


def _act(scale: str) -> None:
    """In a process of its own: the memory that making it all took does not count."""
    from amerce.perf.ground import found_ground

    act = import_string(SCALES[scale][1])
    _say(found=asdict(act(found_ground(), lambda looked_at: _say(looked_at=looked_at))))


def _take_turns(side: str) -> None:
    """Work only when it is this side's turn, so that the other, in a process of its own, feels the same load."""
    from amerce.perf.ground import found_ground

    pieces = import_string(SIDES[side])(found_ground())
    for _turn in sys.stdin:
        piece = next(pieces, None)
        if piece is None:
            return
        _say(**asdict(piece))


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    sys.exit(main())
