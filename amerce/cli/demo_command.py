"""``amerce demo``: a sample library, made if it is not there, and served until Ctrl-C.

Why child processes of the real commands: what is tried is what is run in earnest.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from amerce.cli.refusal import Refusal
from amerce.cli.serve_command import DEFAULT_HOST, DEFAULT_PORT, port_number, refuse_taken_port

_STARTS_WITHIN_S, _STOPS_WITHIN_S, _LOOKS_EVERY_S = 60, 15, 0.2
_WORKER_PAUSE_S = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    """``--port`` and ``--no-serve``."""
    parser.add_argument("--port", type=port_number, default=DEFAULT_PORT, help="default: %(default)s")
    parser.add_argument("--no-serve", action="store_true", help="make the sample library and stop")


def run(args: argparse.Namespace) -> int:
    """Prepare the data folder, then serve it."""
    if not args.no_serve:
        refuse_taken_port(DEFAULT_HOST, args.port)
    _prepare()
    return 0 if args.no_serve else _Demo(args.port).run()


def _prepare() -> None:
    """Folder, secret, tables, sample library: each is made if it is not there."""
    from amerce.provision.demo.library import OtherInstitution, make_demo_library
    from amerce.provision.demo.places import DAYS, TIME_ZONE

    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    _keep_secret(settings.DATA_DIR / "secret-key")
    call_command("migrate", interactive=False, verbosity=0)
    console = Console()
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    try:
        with progress:
            task = progress.add_task("Making the sample library", total=DAYS)
            made = make_demo_library(
                today=timezone.localdate(timezone=ZoneInfo(TIME_ZONE)),
                on_day=lambda done, days: progress.update(task, completed=done, total=days),
            )
    except OtherInstitution as other:
        raise Refusal(f"This database holds {other.name}; the sample library is only made in an empty one.") from None
    _keep_api_key(settings.DATA_DIR / "demo-apikey")
    print(f"The sample library is {'made' if made else 'there already'}, in {settings.DATA_DIR}.", flush=True)


def _keep_api_key(path: Path) -> None:
    """An API key of the sample with every scope, for whoever tries the REST interface."""
    from amerce.provision.demo.api_key import make_demo_api_key

    if not path.is_file():
        _write(path, make_demo_api_key(at=timezone.now()))


def _keep_secret(path: Path) -> None:
    """Make the key file if it is not there."""
    if not (path.is_file() and path.read_text().strip()):
        _write(path, secrets.token_urlsafe(50))


def _write(path: Path, text: str) -> None:
    """A file that its owner alone can read, whole or not at all."""
    half_made = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(half_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    half_made.replace(path)


class _Demo:
    """The web and the worker as child processes, watched until one signal ends both."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://{DEFAULT_HOST}:{port}"
        self.told_to_stop = False
        self.worker_ended_at: float | None = None

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        web = self._start("serve", "--host", DEFAULT_HOST, "--port", str(self.port))
        worker = self._start("work")
        try:
            if self._wait_for_pages(web):
                self._say_who_can_sign_in()
            while not self.told_to_stop and web.poll() is None:
                time.sleep(_LOOKS_EVERY_S)
                worker = self._kept_alive(worker)
        finally:
            _end(web, worker)
        if self.told_to_stop:
            return 0
        raise Refusal("The web server stopped by itself; what it said is above.")

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.told_to_stop = True

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "AMERCE_DEMO": "1",
            "AMERCE_BASE_URL": self.url,
            "AMERCE_DATA_DIR": str(settings.DATA_DIR),
        }
        return subprocess.Popen([sys.executable, "-m", "amerce.cli.main", *arguments], env=environment)  # noqa: S603

    def _wait_for_pages(self, web: subprocess.Popen[bytes]) -> bool:
        give_up_at = time.monotonic() + _STARTS_WITHIN_S
        while not self.told_to_stop and web.poll() is None:
            if self._answers():
                return True
            if time.monotonic() > give_up_at:
                raise Refusal(f"The pages did not answer within {_STARTS_WITHIN_S} seconds.")
            time.sleep(_LOOKS_EVERY_S)
        return False

    def _answers(self) -> bool:
        with closing(HTTPConnection(DEFAULT_HOST, self.port, timeout=_STARTS_WITHIN_S)) as pages:
            try:
                pages.request("GET", "/healthz")
                return pages.getresponse().status == HTTPStatus.OK
            except (OSError, HTTPException):
                return False

    def _kept_alive(self, worker: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """A worker that ended is started again: whoever looks at pages need not care."""
        if worker.poll() is None or self.told_to_stop:
            return worker
        if self.worker_ended_at is None:
            self.worker_ended_at = time.monotonic()
            print(f"amerce: The worker stopped; starting it again in {_WORKER_PAUSE_S} seconds.", file=sys.stderr)
        if time.monotonic() < self.worker_ended_at + _WORKER_PAUSE_S:
            return worker
        self.worker_ended_at = None
        return self._start("work")

    def _say_who_can_sign_in(self) -> None:
        from amerce.access.roles import roles_of
        from amerce.institutions.models import Institution
        from amerce.provision.demo.places import CODE, PASSWORD, SIGN_INS

        print(f"Amerce is ready at {self.url}\n", flush=True)
        table = Table("User name", "Role", "Password")
        roles = roles_of(Institution.objects.get(code=CODE).pk)
        for each in SIGN_INS:
            if each.role in roles:  # a sample that was made before has not all of them
                table.add_row(each.username, str(roles[each.role].label), PASSWORD)
        Console().print(table)
        print(f"An API key is in {settings.DATA_DIR / 'demo-apikey'}; calls are described at {self.url}/api/docs.")
        print("Press Ctrl-C to end.", flush=True)


def _end(*children: subprocess.Popen[bytes]) -> None:
    """Ask the children to end what they are at, and insist after a while."""
    for child in children:
        with suppress(ProcessLookupError):
            child.terminate()
    give_up_at = time.monotonic() + _STOPS_WITHIN_S
    for child in children:
        try:
            child.wait(max(0.1, give_up_at - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
