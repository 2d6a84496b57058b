"""Real servers for tests: gunicorn with our configuration on a free port."""

import contextlib
import os
import re
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests
import socketio

from flask_app.listen import AsyncMode
from tests.flask_app.test_gunicorn_conf import free_port

ROOT = Path(__file__).resolve().parents[1]
GUNICORN = str(Path(sysconfig.get_path("scripts")) / "gunicorn")
DEADLINE = 20.0
Found = TypeVar("Found")


@dataclass(frozen=True)
class Server:
    """A running server. Paths are relative to its address."""

    address: str
    data: Path
    process: subprocess.Popen[bytes]
    printed: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def api(self, method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, f"{self.address}/api/v1{path}", timeout=DEADLINE, **more)

    def create_job(self, source: Path, dest: Path, **more: Any) -> str:
        body = {"name": "Photos", "type": "rsync", "source": f"{source}/", "dest": str(dest), **more}
        answer = self.api("POST", "/jobs", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def start(self, job_id: str) -> str:
        answer = self.api("POST", f"/jobs/{job_id}/start")
        assert answer.status_code == 202, answer.text
        return str(answer.json()["data"]["run_id"])

    def run(self, run_id: str) -> dict[str, Any]:
        return dict(self.api("GET", f"/runs/{run_id}").json()["data"])

    def ended(self, run_id: str) -> dict[str, Any]:
        """The run's record once it has ended."""
        return until(lambda: run if (run := self.run(run_id))["ended_at"] else None)

    @contextlib.contextmanager
    def connected(self, **more: Any) -> Iterator["Live"]:
        """A real Socket.IO client."""
        live = Live()
        with contextlib.closing(live):
            live.client.connect(self.address, wait_timeout=DEADLINE, **more)
            live.connection = live.client.eio.ws
            yield live


class Live:
    """A Socket.IO client that keeps what it hears."""

    def __init__(self) -> None:
        self.client = socketio.Client(reconnection=False)
        self.connection: Any = None
        self.heard: list[tuple[str, Any]] = []
        self.client.on("*", lambda event, payload=None: self.heard.append((event, payload)))

    def of(self, event: str) -> list[Any]:
        return [payload for name, payload in list(self.heard) if name == event]

    def wait_for(self, event: str) -> Any:
        return until(lambda: next(iter(self.of(event)), None) if event in dict(self.heard) else None, empty=({},))

    def close(self) -> None:
        self.client.disconnect()
        if self.connection:
            self.connection.shutdown()  # python-socketio leaves it open where the server ended it


def until(look: Callable[[], Found | None], seconds: float = DEADLINE, empty: tuple[Any, ...] = ()) -> Found:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found or found in empty:
            return found  # type: ignore[return-value]
        time.sleep(0.02)
    raise AssertionError(f"nothing came within {seconds:.0f} s")


@contextlib.contextmanager
def serving(data: Path, mode: AsyncMode, **environ: str) -> Iterator[Server]:
    """A server on that data folder, stopped at the end."""
    port = environ.pop("BACKUP_MANAGER_PORT", str(free_port()))
    places = {"BACKUP_MANAGER_DATA_DIR": str(data), "BACKUP_MANAGER_PORT": port}
    setting = places | {"BACKUP_MANAGER_ASYNC_MODE": mode}
    with tempfile.NamedTemporaryFile(suffix=".log", delete=False) as printed:
        process = subprocess.Popen(
            [GUNICORN, "-c", str(ROOT / "gunicorn.conf.py"), "flask_app:create_app()"],
            cwd=ROOT, env=os.environ | setting | environ, stdout=printed, stderr=printed,
        )  # fmt: skip
    server = Server(f"http://127.0.0.1:{port}", data, process, Path(printed.name))
    try:
        until(lambda: _answers(server))
        yield server
    finally:
        process.terminate()
        process.wait(DEADLINE)
        server.printed.unlink()


def _answers(server: Server) -> bool:
    assert server.process.poll() is None, server.printed.read_text()
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{server.address}/healthz", timeout=DEADLINE).ok
    return False


@dataclass
class Browser:
    """A browser's side of sessions: cookies, and the token of the page it last saw."""

    server: Server
    session: requests.Session
    token: str = ""

    def open(self, path: str) -> requests.Response:
        page = self.session.get(f"{self.server.address}{path}", timeout=DEADLINE)
        if found := re.search(r'name="csrf-token" content="([^"]+)"', page.text):
            self.token = found.group(1)
        return page

    def post(self, path: str, **fields: str) -> requests.Response:
        return self.session.post(
            f"{self.server.address}{path}",
            data={"csrf_token": self.token, **fields},
            headers={"Origin": self.server.address},
            timeout=DEADLINE,
            allow_redirects=False,
        )
