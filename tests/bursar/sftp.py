"""A real SSH server on loopback whose SFTP sees one folder, in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

USER, PASSWORD = "amerce", "harbour-lantern"


@dataclass(frozen=True)
class Server:
    port: int
    folder: Path
    host_key: str
    client_key: str


class _Doors(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


class Dropping(asyncssh.SFTPServer):
    """Renames, and is gone before it says so."""

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        super().posix_rename(oldpath, newpath)
        self.channel.get_connection().abort()


class Plain(asyncssh.SFTPServer):
    """Knows no renaming over a file that is there, as servers that are not OpenSSH may not."""

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("No such request")


@contextmanager
def sftp_server(
    folder: Path, key_type: str = "ssh-ed25519", behaves: type[asyncssh.SFTPServer] = asyncssh.SFTPServer
) -> Iterator[Server]:
    key, client = asyncssh.generate_private_key(key_type), asyncssh.generate_private_key("ssh-ed25519")
    allowed = asyncssh.import_authorized_keys(client.export_public_key().decode())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[key],
            server_factory=_Doors,
            authorized_client_keys=allowed,
            sftp_factory=lambda channel: behaves(channel, chroot=str(folder).encode()),
        )

    async def end() -> None:
        """In the loop's own thread: its last connection may be going in this very moment."""
        acceptor.close()
        await acceptor.wait_closed()

    acceptor = asyncio.run_coroutine_threadsafe(begin(), loop).result(20)
    try:
        host_key = " ".join(key.export_public_key().decode().split()[:2])
        yield Server(acceptor.get_port(), folder, host_key, client.export_private_key().decode())
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
