"""A real server on a folder of its own, for measurements; knows how to start it and how to ask it."""

import http.client
import json
import os
import re
import secrets
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

from core.container import directly
from core.doors import build_doors
from core.logins import Visitor
from flask_app.secret_key import secret_key
from flask_app.sessions import COOKIE, SessionIds
from models.role import Role
from storage.data_folder import DataFolder

ROOT = Path(__file__).resolve().parent.parent.parent
LOGIN = "BACKUP_MANAGER_BENCH_LOGIN"  # set by `script/bench --login`
STAND_IN = ROOT / "tests" / "bench" / "stand_in_rsync.py"


@dataclass
class Server:
    """A running server; `process` is gunicorn's master, `cookie` what somebody who is logged in sends."""

    port: int
    data: Path
    process: "subprocess.Popen[bytes]"
    cookie: str = ""
    _token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        return {"Cookie": self.cookie} if self.cookie else {}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One JSON call: status and decoded answer."""
        headers = {**self.headers, **(self._intent() if method != "GET" else {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        content = None if body is None else json.dumps(body)
        if body is not None:
            headers["Content-Type"] = "application/json"
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

    def _intent(self) -> dict[str, str]:
        """What a page sends with a change: the token of the session."""
        if self.cookie and not self._token:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            connection.request("GET", "/account/", headers=self.headers)
            found = re.search(r'name="csrf-token" content="([^"]+)"', connection.getresponse().read().decode())
            connection.close()
            assert found
            self._token = found[1]
        return {"X-CSRFToken": self._token} if self._token else {}

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
    With `script/bench --login` the product takes an account, and `cookie` is that of a login.
    """
    port, access, cookie = free_port(), {}, ""
    if LOGIN in os.environ and not app:
        access, cookie = {"BACKUP_MANAGER_AUTH": "required"}, log_in(data)
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
            **access,
            **(environment or {}),
        },
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, process)
        yield Server(port, data, process, cookie)
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


def log_in(data: Path) -> str:
    """A login of an administrator in that data folder; the cookie of it."""
    folder = DataFolder(data)
    folder.prepare()
    doors, session_id = build_doors(folder, directly, lambda _code: None), secrets.token_urlsafe(32)
    account = doors.accounts.find("bench") or doors.accounts.create("bench", Role.ADMINISTRATOR, None)
    doors.logins.begin(account, session_id, Visitor("127.0.0.1", "bench"), is_remembered=False)
    return f"{COOKIE}={SessionIds(secret_key(folder.secret_key_file)).write(session_id)}"


def time_pages(
    server: Server, path: str, count: int, headers: Mapping[str, str] | None = None
) -> tuple[list[float], int, int]:
    """Seconds per answer on one kept-alive connection, the last status and its body's size in bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    sent = {"Accept-Encoding": "gzip", **server.headers, **(headers or {})}
    taken, status, size = [], 0, 0
    for _ in range(count):
        began = time.perf_counter()
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        size = len(answer.read())
        status = answer.status
        taken.append(time.perf_counter() - began)
    connection.close()
    return taken, status, size
