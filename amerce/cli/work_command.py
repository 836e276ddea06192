"""``amerce work``."""

import argparse
import signal
from threading import Event
from types import FrameType


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes no options."""


def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; the slice that is being done is ended first."""
    from django.utils import timezone

    from amerce.jobs.claim import new_worker
    from amerce.jobs.worker import work

    stop = Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    work(worker=new_worker(), clock=timezone.now, stop=stop)
    return 0
