"""A service manager is told how the server stands: the protocol of systemd over a real socket."""

import array
import contextlib
import os
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from flask_app.listen import AsyncMode
from tests.e2e import hostile_tree
from tests.flask_app.test_gunicorn_conf import GUNICORN, free_port
from tests.servers import DEADLINE, ROOT, serving, until

pytestmark = pytest.mark.both_modes
READY = "READY=1\nSTATUS=Serving."
STOPPING = "STOPPING=1\nSTATUS=Stopping. Running backups go on."


class Manager:
    """What systemd does: it listens, and hears which process speaks. `address` is for NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self._socket.settimeout(DEADLINE)

    def hears(self) -> tuple[str, int]:
        """The next message and the pid of its sender."""
        size = struct.calcsize("3i")
        message, more, _, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(size))
        ((_, _, credentials),) = more
        return message.decode(), array.array("i", credentials)[0]

    def has_heard_nothing(self) -> bool:
        self._socket.setblocking(False)
        try:
            self._socket.recv(4096)
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with contextlib.closing(Manager(str(tmp_path / "notify"))) as known:
        yield known


@contextlib.contextmanager
def started(mode: AsyncMode, manager: Manager, data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server as a service starts it, not waited for; and its address."""
    port = str(free_port())
    setting = {"BACKUP_MANAGER_DATA_DIR": str(data), "BACKUP_MANAGER_PORT": port, "BACKUP_MANAGER_ASYNC_MODE": mode}
    process = subprocess.Popen(
        [GUNICORN, "-c", str(ROOT / "gunicorn.conf.py"), "flask_app:create_app()"],
        cwd=ROOT, env=os.environ | setting | {"NOTIFY_SOCKET": manager.address}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE)


def test_ready_is_said_by_the_main_process_when_the_app_answers(
    manager: Manager, server_mode: AsyncMode, tmp_path: Path
) -> None:
    with started(server_mode, manager, tmp_path / "data") as (process, address):
        assert manager.hears() == (READY, process.pid)
        assert process.stdout
        printed = os.read(process.stdout.fileno(), 65_536).decode()  # what is there by now
        assert "Backup Manager is at " in printed
        assert requests.get(f"{address}/healthz", timeout=5).ok


def test_an_abstract_name_is_found_as_well(server_mode: AsyncMode, tmp_path: Path) -> None:
    with (
        contextlib.closing(Manager(f"@backup-manager-test-{os.getpid()}")) as manager,
        started(server_mode, manager, tmp_path / "data") as (process, _),
    ):
        assert manager.hears() == (READY, process.pid)


def test_a_server_that_cannot_serve_never_says_ready(manager: Manager, server_mode: AsyncMode, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with started(server_mode, manager, tmp_path / "data") as (process, _):
        assert process.wait(DEADLINE) != 0
    assert manager.has_heard_nothing()


def test_a_reload_says_so_and_then_ready_again(manager: Manager, server_mode: AsyncMode, tmp_path: Path) -> None:
    with started(server_mode, manager, tmp_path / "data") as (process, address):
        assert manager.hears()[0] == READY
        process.send_signal(signal.SIGHUP)
        message, pid = manager.hears()
        assert message.startswith("RELOADING=1\nMONOTONIC_USEC=")
        assert pid == process.pid
        assert manager.hears() == (READY, process.pid)
        assert requests.get(f"{address}/healthz", timeout=5).ok


def test_stopping_is_said_at_once_and_the_backup_goes_on_and_is_found_again(
    manager: Manager, server_mode: AsyncMode, tmp_path: Path
) -> None:
    source, dest, data = tmp_path / "source", tmp_path / "copy", tmp_path / "data"
    hostile_tree.make(source, 20, 20_000_000)
    with serving(data, server_mode, NOTIFY_SOCKET=manager.address) as server:
        assert manager.hears() == (READY, server.process.pid)
        run_id = server.start(server.create_job(source, dest, settings={"bandwidth_limit": 2_000}))
        until(lambda: server.run(run_id)["percent"])
        supervisor = next(iter(processes_of(run_id)))
        assert b"NOTIFY_SOCKET" not in Path(f"/proc/{supervisor}/environ").read_bytes()
        server.process.terminate()
        assert manager.hears() == (STOPPING, server.process.pid)
        assert server.process.wait(DEADLINE) == 0
    assert processes_of(run_id) == [supervisor]
    with serving(data, server_mode) as server:
        assert server.run(run_id)["state"] == "transferring"
        job_id = server.run(run_id)["job_id"]
        server.api("POST", f"/jobs/{job_id}/pause")
        assert server.ended(run_id)["state"] == "paused"


def processes_of(run_id: str) -> list[int]:
    """The supervisor of the run, by its argument."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if b"core.supervisor" in words and run_id.encode() in words:
            found.append(int(path.parent.name))
    return found
