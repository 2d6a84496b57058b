"""The running product as a script uses it: jobs, runs and waiting for them, by the JSON API."""

import http.client
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.server import Server
from tests.e2e.visitor import Visitor
from tests.e2e.waiting import until

ENDED = ("done", "done_with_warnings", "failed", "paused", "interrupted", "cancelled")
Disk = Callable[..., Path]  # the fixture that mounts a small disk of that size


class Service:
    """One server and what can be asked of it."""

    def __init__(self, server: Server) -> None:
        self.server, self.data = server, server.data
        self.visitor = Visitor(server.port)

    def is_there(self) -> None:
        until(lambda: self.ask("GET", "/jobs")[0] == 200, 20, "the first answer")

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return self.server.ask(method, f"/api/v1{path}", body)

    def text(self, path: str) -> str:
        """A page or a log as it comes over the wire."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        connection.request("GET", path)
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def create(self, source: Path | str, dest: Path | str, password: str | None = None, **settings: Any) -> str:
        draft: dict[str, Any] = {"name": "A job", "type": "rsync", "source": str(source), "dest": str(dest)}
        if password is not None:
            draft["password"] = password
        status, answer = self.ask("POST", "/jobs", {**draft, "settings": settings})
        assert status == 201, answer
        return str(answer["data"]["id"])

    def change(self, job_id: str, **settings: Any) -> None:
        status, answer = self.ask("PATCH", f"/jobs/{job_id}", {"settings": settings})
        assert status == 200, answer

    def start(self, job_id: str, **asked: Any) -> str:
        status, answer = self.ask("POST", f"/jobs/{job_id}/start", asked)
        assert status == 202, answer
        return str(answer["data"]["run_id"])

    def refused_start(self, job_id: str) -> dict[str, Any]:
        """The error of a start that must not succeed."""
        status, answer = self.ask("POST", f"/jobs/{job_id}/start", {})
        assert status == 409, answer
        return dict(answer["error"])

    def pause(self, job_id: str) -> None:
        status, answer = self.ask("POST", f"/jobs/{job_id}/pause", {})
        assert status == 202, answer

    def run(self, run_id: str) -> dict[str, Any]:
        status, answer = self.ask("GET", f"/runs/{run_id}")
        assert status == 200, answer
        return dict(answer["data"])

    def runs(self, job_id: str) -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/jobs/{job_id}/runs?limit=100")[1]["data"])

    def log(self, run_id: str) -> str:
        return self.text(f"/api/v1/runs/{run_id}/log")

    def wait(self, run_id: str, *states: str, seconds: float = 30) -> dict[str, Any]:
        """The run once it is in one of the states; one that ended otherwise fails at once."""

        def look() -> dict[str, Any] | None:
            run = self.run(run_id)
            if run["state"] in states:
                return run
            assert run["state"] not in ENDED, (run["state"], run["reason"], self.log(run_id))
            return None

        found = until(look, seconds, f"run in {states}")
        assert found
        return found

    def noted(self, run_id: str, start: str, seconds: float = 10) -> dict[str, Any]:
        """The waiting run once its note begins so."""

        def look() -> dict[str, Any] | None:
            run = self.wait(run_id, "waiting", seconds=seconds)
            return run if run["note"].startswith(start) else None

        found = until(look, seconds, f"a note that begins with {start!r}")
        assert found
        return found

    def end(self, run_id: str, seconds: float = 30) -> dict[str, Any]:
        return self.wait(run_id, *ENDED, seconds=seconds)

    def backup(self, job_id: str) -> dict[str, Any]:
        """Start the job and see it end."""
        return self.end(self.start(job_id))

    def moving(self, run_id: str, percent: float = 10) -> dict[str, Any]:
        """The run once it has really sent a part."""

        def look() -> dict[str, Any] | None:
            run = self.run(run_id)
            assert run["state"] not in ENDED, (run["state"], run["reason"], self.log(run_id))
            return run if (run["percent"] or 0) >= percent else None

        found = until(look, 30, f"{percent} %")
        assert found
        return found


class ArgumentWatch:
    """Reads the arguments and environments of all processes, over and over, for a secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.looks, self.found = 0, list[str]()

    def __enter__(self) -> "ArgumentWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(10)

    def _watch(self) -> None:
        while not self._stopped.wait(0.02):
            self.looks += 1
            for pid in filter(str.isdigit, os.listdir("/proc")):
                self._look(pid)

    def _look(self, pid: str) -> None:
        for name in ("cmdline", "environ"):
            try:
                content = Path(f"/proc/{pid}/{name}").read_bytes()
            except OSError:
                continue
            if self._secret in content:
                self.found.append(f"{name}: {content!r}")


def files_with(secret: str, folder: Path) -> list[str]:
    """Names of the files below `folder` that hold the secret."""
    holding = []
    for place, _folders, files in os.walk(folder):
        for name in files:
            path = Path(place, name)
            if path.is_file() and secret.encode() in path.read_bytes():
                holding.append(name)
    return sorted(holding)
