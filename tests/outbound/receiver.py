"""A real HTTP server on this machine that keeps what it was sent and answers as it is told."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answering = Callable[[BaseHTTPRequestHandler], None]


def says(status: int = 200, body: bytes = b"thanks", **headers: str) -> Answering:
    """Answer with ``status`` and ``body``."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@dataclass
class Receiver:
    """``answer`` is how it answers from now on; ``ended`` lets hanging answers go."""

    port: int
    answer: Answering = field(default_factory=says)
    got: list[Got] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def hang(self, handler: BaseHTTPRequestHandler) -> None:
        """Say nothing until the test is over."""
        self.ended.wait(30)

    def trickle_head(self, handler: BaseHTTPRequestHandler) -> None:
        """Say a letter now and then and never come to the end of the first header."""
        self._trickle(handler, b"HTTP/1.0 200 OK\r\nX-Slow: ")

    def trickle_body(self, handler: BaseHTTPRequestHandler) -> None:
        """Promise a body and never come to its end."""
        self._trickle(handler, b"HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\n")

    def _trickle(self, handler: BaseHTTPRequestHandler, beginning: bytes) -> None:
        try:
            handler.wfile.write(beginning)
            while not self.ended.wait(0.05):
                handler.wfile.write(b"x")
        except OSError:
            pass


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver that runs meanwhile; with ``certificate`` (key and certificate in PEM) it speaks TLS."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            receiver.got.append(Got(self.command, self.path, dict(self.headers), body))
            receiver.answer(self)

        do_POST = do_GET = answer  # noqa: N815

        def log_message(self, *words: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *whose: object) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver = Receiver(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
