"""Where the server listens and that it listens alone; not what it answers."""

import contextlib
import errno
import ipaddress
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal

from models.errors import AppError

AsyncMode = Literal["eventlet", "threading"]

HALTS_GUNICORN = 4  # gunicorn's "app failed to load": its master stops instead of starting the worker again
RELOAD_PATIENCE = 3.0


class CannotListen(AppError):
    """The server cannot start here; the sentence says why and what to do, in one line."""

    code = "cannot_listen"


@dataclass(frozen=True)
class Address:
    """A host name or IP address and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def is_loopback(self) -> bool:
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"


def listen_address(environ: Mapping[str, str]) -> Address:
    """The address of BACKUP_MANAGER_HOST and BACKUP_MANAGER_PORT."""
    return Address(environ.get("BACKUP_MANAGER_HOST") or "127.0.0.1", _port(environ))


def _port(environ: Mapping[str, str]) -> int:
    text = environ.get("BACKUP_MANAGER_PORT") or "5001"
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise CannotListen(f"BACKUP_MANAGER_PORT is {text!r}; allowed is a whole number from 1 to 65535.")
    return int(text)


def async_mode(environ: Mapping[str, str]) -> AsyncMode:
    """The mode that BACKUP_MANAGER_ASYNC_MODE asks for."""
    text = environ.get("BACKUP_MANAGER_ASYNC_MODE") or "eventlet"
    if text == "eventlet":
        return "eventlet"
    if text == "threading":
        return "threading"
    raise CannotListen(f"BACKUP_MANAGER_ASYNC_MODE is {text!r}; allowed is eventlet or threading.")


def running_mode() -> AsyncMode:
    """The mode this process really is in: eventlet only where gunicorn's eventlet worker has patched it."""
    patcher = sys.modules.get("eventlet.patcher")
    return "eventlet" if patcher and patcher.is_monkey_patched("socket") else "threading"


def require_free(address: Address) -> None:
    """Raise CannotListen, naming the holder, where the address cannot be bound."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise CannotListen(_why(address, error)) from error


def _why(address: Address, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        other = address.port + 1 if address.port < 65535 else 5002
        return (
            f"Port {address.port} is already in use by {holder_of(address.port)}. "
            f"Stop it, or choose another port: BACKUP_MANAGER_PORT={other} script/server"
        )
    if error.errno == errno.EACCES:
        return f"BACKUP_MANAGER_PORT is {address.port}, and ports below 1024 need root; allowed here is 1024 to 65535."
    return f"BACKUP_MANAGER_HOST is {address.host!r}, which is not an address of this machine ({error.strerror})."


def holder_of(port: int) -> str:
    """Name and pid of the process that listens on a TCP port, as far as this user may see it."""
    inodes = _listening_inodes(port)
    for links in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):  # the process ended, or it is another user's
            if any(os.readlink(link) in inodes for link in links.iterdir()):
                return f"{(links.parent / 'comm').read_text().strip()} (pid {links.parent.name})"
    return "a program of another user (as root, `ss -ltnp` names it)"


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            columns = line.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{columns[9]}]")
    return inodes


def refuse_second_worker() -> None:
    """Stop a gunicorn that has more than one worker: Socket.IO sessions live in one process.

    Does nothing outside a gunicorn worker. On a reload (HUP) the new worker waits for the old one,
    which lets go as soon as it is told to stop.
    """
    if "gunicorn.workers.base" not in sys.modules:
        return
    claim = _claimed(f"\0backup-manager-worker-{os.getppid()}-{_started(os.getppid())}")
    if claim is None:
        print("More than one worker is not supported: start gunicorn with --workers 1.", file=sys.stderr, flush=True)
        sys.exit(HALTS_GUNICORN)
    _on_term(lambda: claim.close())  # noqa: PLW0108 - the bare method would let eventlet's socket be collected


def _claimed(name: str) -> socket.socket | None:
    """A socket bound to an abstract name, which the kernel frees with the process; None if it stays taken."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    deadline = time.monotonic() + RELOAD_PATIENCE
    while True:
        try:
            claim.bind(name)
        except OSError:
            if time.monotonic() > deadline:
                claim.close()
                return None
            time.sleep(0.05)
        else:
            return claim


def _started(pid: int) -> str:
    """The start time of a process in clock ticks; with the pid it names the process for good."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def _on_term(action: Callable[[], None]) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def handle(number: int, frame: FrameType | None) -> None:
        action()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, handle)
