"""A real server on a folder of its own, for measurements; knows how to start it and how to ask it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
STAND_IN = ROOT / "tests" / "bench" / "stand_in_rsync.py"


@dataclass
class Server:
    """A running server; `process` is gunicorn's master."""

    port: int
    data: Path
    process: "subprocess.Popen[bytes]"

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One JSON call: status and decoded answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def create_job(self, name: str, source: Path, dest: Path, **settings: Any) -> str:
        draft = {"name": name, "type": "rsync", "source": str(source), "dest": str(dest), "settings": settings}
        status, answer = self.ask("POST", "/api/v1/jobs", draft)
        if status != 201:
            raise AssertionError(answer)
        return str(answer["data"]["id"])

    def memory(self) -> int:
        """Resident bytes of the process that serves."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        pages = int(Path(f"/proc/{children[0]}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    data: Path, app: str = "", environment: Mapping[str, str] | None = None, under: tuple[str, ...] = ()
) -> Iterator[Server]:
    """Start the product (or another `app` by the same gunicorn settings) and stop it at the end.

    `under` is a command that runs the server in its own place, such as one that gives up rights.
    """
    port = free_port()
    command = [sys.executable, "flask_app.py"]
    if app:
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", app]
    process = subprocess.Popen(
        [*under, *command],
        cwd=ROOT,
        env={
            **os.environ,
            "BACKUP_MANAGER_DATA_DIR": str(data),
            "BACKUP_MANAGER_PORT": str(port),
            **(environment or {}),
        },
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, process)
        yield Server(port, data, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")


def time_pages(
    port: int, path: str, count: int, headers: Mapping[str, str] | None = None
) -> tuple[list[float], int, int]:
    """Seconds per answer on one kept-alive connection, the last status and its body's size in bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    taken, status, size = [], 0, 0
    for _ in range(count):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": "gzip", **(headers or {})})
        answer = connection.getresponse()
        size = len(answer.read())
        status = answer.status
        taken.append(time.perf_counter() - began)
    connection.close()
    return taken, status, size
