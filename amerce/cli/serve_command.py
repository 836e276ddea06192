"""``amerce serve``: the pages, by gunicorn.

Why refusals first: a server that starts without a secret or on old tables fails later, at somebody's desk.
"""

import argparse
import os
import socket
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from django.utils.module_loading import import_string
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from amerce.cli.refusal import Refusal
from amerce.cli.tables import refuse_pending_migrations

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
_LAST_PORT = 65_535
_GRACEFUL_S = 10
_SQLITE_THREADS, _POSTGRESQL_THREADS = 16, 4
_MOST_WORKERS = 4


def arguments(parser: argparse.ArgumentParser) -> None:
    """``--port`` and ``--host``."""
    parser.add_argument("--port", type=port_number, default=DEFAULT_PORT, help="default: %(default)s")
    parser.add_argument("--host", default=DEFAULT_HOST, help="address to listen on, default: %(default)s")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    refuse_without_secret()
    refuse_pending_migrations()
    refuse_taken_port(args.host, args.port)
    connections.close_all()  # a connection must not be shared with the workers that are forked now
    _Gunicorn(args.host, args.port).run()
    return 0


def port_number(typed: str) -> int:
    """A port as typed. Raises what argparse turns into exit code 2."""
    port = int(typed) if typed.isascii() and typed.isdigit() else 0
    if not 0 < port <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{typed} is not a port from 1 to {_LAST_PORT}")
    return port


def refuse_without_secret() -> None:
    """Django itself only refuses at the first page that signs something."""
    try:
        settings.SECRET_KEY  # noqa: B018  reading it is the test
    except ImproperlyConfigured:
        raise Refusal(
            f"Set AMERCE_SECRET_KEY to a long random text, or keep one in {settings.DATA_DIR / 'secret-key'}."
        ) from None


def refuse_taken_port(host: str, port: int) -> None:
    """gunicorn would try for five seconds and fill the terminal."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise Refusal(f"Cannot listen on {host}:{port}: {reason}. Choose another with --port.") from None


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings and none from files. SQLite has one process, so that writers wait in one place."""

    def __init__(self, host: str, port: int) -> None:
        on_sqlite = connection.vendor == "sqlite"
        self.options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "worker_class": "gthread",
            "workers": 1 if on_sqlite else min(_MOST_WORKERS, 1 + (os.cpu_count() or 1)),
            "threads": _SQLITE_THREADS if on_sqlite else _POSTGRESQL_THREADS,
            "graceful_timeout": _GRACEFUL_S,
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": "amerce",
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return import_string(settings.WSGI_APPLICATION)
