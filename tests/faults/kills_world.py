"""The world of the kills: a server that can be killed, a tree worth copying, eyes for strays; judges nothing."""

import http.client
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from core.process import ROOT
from core.process_facts import RUN_VARIABLE, all_pids, group_members, groups_of_run, identity
from storage.live_figures import choose_live_folder
from tests.bench.server import free_port

BROKEN = ("no-recovery", "no-sweep", "trusting", "no-session")
SMALL, BIG = 2_000, 30
Found = TypeVar("Found")


class Wrong(Exception):
    """A promise was broken."""


def until(question: Callable[[], Found], seconds: float, words: str) -> Found:
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise Wrong(f"{words}: not within {seconds:g} s")
        time.sleep(0.02)
    return answer


class Server:
    """The real server on a data folder and a port of its own."""

    def __init__(self, data: Path, broken: str = "") -> None:
        self.data, self.port, self.process = data, free_port(), None
        self.broken = broken
        self._environment = {
            **os.environ,
            "BACKUP_MANAGER_DATA_DIR": str(data),
            "BACKUP_MANAGER_PORT": str(self.port),
        }
        if broken:
            self._environment |= {"PROVE_BROKEN": broken, "PYTHONPATH": str(Path(__file__).parent / "kills_broken")}

    process: "subprocess.Popen[bytes] | None"

    def start(self) -> float:
        """Start it and wait for its first answer; the moment of that."""
        with (self.data.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "flask_app.py"],
                cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until(lambda: self.ask("GET", "/jobs?per_page=1")[0] == 200, 40, "the server answers")
        return time.monotonic()

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Master and worker at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            group = self.process.pid
            until(lambda: not group_members(group), 10, "the killed server is gone")

    def stop(self) -> float:
        """SIGTERM; seconds until it was gone."""
        if self.process is None:
            return 0.0
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
        return time.monotonic() - begun

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One call of the API; status 0 where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, f"/api/v1{path}", json.dumps(body or {}), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            connection.close()

    def data_of(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        found, answer = self.ask(method, path, body)
        if found != status:
            raise Wrong(f"{method} {path}: {found} {answer}")
        return answer["data"] if answer else None


class World:
    """One source tree, one server, a fresh destination for every round.

    A whole transfer takes `seconds` by its bandwidth limit.
    """

    def __init__(self, megabytes: int, seconds: float, broken: str = "") -> None:
        self.seconds = seconds
        self.root = Path(tempfile.mkdtemp(prefix="kills-"))
        self.source, self.data = self.root / "source", self.root / "data"
        self.data.mkdir()
        self.bytes = grow(self.source, megabytes * 1_000_000)
        self.server = Server(self.data, broken)

    def close(self) -> None:
        self.server.kill()
        for run in self.data.glob("runs/*/*/run.json"):
            for group in groups_of_run(run.parent.name):
                os.killpg(group, signal.SIGKILL)
        for pid in supervisors(self.data):
            os.kill(pid, signal.SIGKILL)
        live = choose_live_folder(self.data)
        if live is not None:
            shutil.rmtree(live)
        shutil.rmtree(self.root)


def grow(source: Path, amount: int) -> int:
    """Many small files with awkward names among them, and some large ones; their bytes."""
    dice, written = random.Random(7), 0
    sizes = [dice.randrange(100, 16_000) for _ in range(SMALL)]
    left = amount - sum(sizes)
    sizes += [left // BIG + dice.randrange(-left // BIG // 2, left // BIG // 2) for _ in range(BIG)]
    dice.shuffle(sizes)
    for number, size in enumerate(sizes):
        name = dice.choice(("plain", "new\nline", "-dash", " blank", "ümläut", "quote'\"", ".hidden", "\udcff\udcfe"))
        path = source / f"folder {number % 40}" / f"{name}{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dice.randbytes(size))
        written += size
    return written


def bytes_in(folder: Path) -> int:
    """What lies there now, temporary files included."""
    total = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except FileNotFoundError:
                continue
    return total


def temporary_files(folder: Path, source: Path | None = None) -> list[str]:
    """Files and folders of ours that must not outlive a completed run."""
    found = []
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            theirs = source and os.path.lexists(source / os.path.relpath(os.path.join(place, name), folder))
            if not theirs and _is_temporary(name):
                found.append(os.path.join(place, name))
    return found


def _is_temporary(name: str) -> bool:
    return (
        name.startswith(".rsync-partial")
        or re.fullmatch(r"\..+\.[A-Za-z0-9]{6}", name, re.DOTALL) is not None
        or name.endswith((".backup-manager-new", ".tmp", ".new"))
        or name in ("tool.out", "password")
    )


def marks() -> dict[int, str]:
    """The run id that each process carries in its environment, by pid."""
    found = {}
    for pid in all_pids():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        for entry in environment:
            if entry.startswith(RUN_VARIABLE.encode() + b"=") and identity(pid):
                found[pid] = entry.partition(b"=")[2].decode()
    return found


def supervisors(data: Path) -> list[int]:
    """Supervisors of this data folder."""
    found = []
    for pid in all_pids():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"core.supervisor" in command and any(part.startswith(os.fsencode(data)) for part in command):
            found.append(pid)
    return [pid for pid in found if identity(pid)]
