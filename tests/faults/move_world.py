"""The world of the moves: a server, a tree that is moved, somebody who writes to it meanwhile; judges what is lost."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from core.process_facts import groups_of_run
from models.run import Run
from storage.data_folder import DataFolder
from storage.live_figures import choose_live_folder
from storage.run_store import RunStore
from tests.faults.kills_world import Server, Wrong, supervisors

BROKEN = ("no-stat-check", "trusts-names")
AWKWARD = ("plain", "new\nline", "-dash", " blank", "ümläut", "quote'\"", ".hidden", "\udcff\udcfe", "n" * 240)


class World:
    """One server; every round has its own tree and destination. The first transfer takes `seconds` by its limit."""

    def __init__(self, files: int, broken: str = "", seconds: float = 1.2) -> None:
        self.files, self.seconds = files, seconds
        self.root = Path(tempfile.mkdtemp(prefix="move-"))
        self.data = self.root / "data"
        self.data.mkdir()
        self.server = Server(self.data, broken)
        self.store = RunStore(DataFolder(self.data))

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

    def shown(self, job: str, run: str) -> Run:
        """The run as its supervisor shows it at this moment."""
        return self.store.read_live(job, run) or self.store.read(job, run)


class Tree:
    """A folder that is to be moved, what was ever written to it, and the program that goes on writing."""

    def __init__(self, root: Path, files: int, dice: random.Random) -> None:
        self.place = root / f"round-{dice.getrandbits(40):x}"
        self.source, self.dest = self.place / "source", self.place / "dest"
        self.truth: dict[str, str] = {}
        for number in range(files):
            self._write(f"folder {number % 7}/{dice.choice(AWKWARD)}{number}", dice.randbytes(dice.randrange(0, 9000)))
        (self.place / "workshop").mkdir()
        command = [sys.executable, str(Path(__file__).with_name("move_meddler.py")), str(self.source)]
        self._meddler = subprocess.Popen(
            [*command, str(self.place / "workshop"), str(dice.getrandbits(32))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self._hear()

    def _write(self, name: str, content: bytes) -> None:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.truth[name] = hashlib.sha256(content).hexdigest()

    def _hear(self) -> str:
        assert self._meddler.stdout is not None  # a pipe
        return self._meddler.stdout.readline()

    def _tell(self) -> str:
        assert self._meddler.stdin is not None  # a pipe
        self._meddler.stdin.write("\n")
        return self._hear()

    def hold(self) -> None:
        """Nobody writes from here on; what was written is known."""
        self.truth |= json.loads(self._tell())

    def go_on(self) -> None:
        self._tell()

    def judge(self, when: str) -> None:
        """`Wrong` unless the newest content of every file is whole at the source or at the destination."""
        lost = [name for name, wanted in self.truth.items() if not self._is_safe(name, wanted)]
        if lost:
            raise Wrong(f"{when}: {len(lost)} of {len(self.truth)} files are lost: {lost[:3]}")

    def _is_safe(self, name: str, wanted: str) -> bool:
        return any(_digest(side / name) == wanted for side in (self.source, self.dest))

    def left(self) -> list[str]:
        return [os.path.join(place, name) for place, _, names in os.walk(self.source) for name in names]

    def close(self) -> None:
        self._meddler.communicate()
        shutil.rmtree(self.place)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
