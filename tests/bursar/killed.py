"""The command line, killed by ``kill -9`` before or after a function was called so many times.

``python -m tests.bursar.killed MODULE FUNCTION before|after TIMES ARGUMENT…``
"""

import os
import signal
import sys
from importlib import import_module
from typing import Any


def main(module_name: str, function: str, when: str, times: str, *arguments: str) -> int:
    from amerce.cli import main as command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amerce.config.settings")
    import django

    django.setup()
    module = import_module(module_name)
    inner, left = getattr(module, function), [int(times)]

    def dying(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = inner(*given, **named)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(module, function, dying)
    return command_line.main(list(arguments))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
