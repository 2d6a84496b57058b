"""A data folder, two trees and real supervisors for tests that look at runs from outside; no assertions."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from core.plan import Plan
from core.process import spawn_supervisor
from core.process_facts import groups_of_run
from engines.base import Tool
from models.job import Job
from models.run import Run, RunState
from storage.live_figures import choose_live_folder
from storage.run_store import RunStore
from tests import build

STAND_IN = Path(__file__).parents[1] / "stand_ins" / "rsync"
RSYNC = Tool("/usr/bin/rsync", (3, 4, 0))
Found = TypeVar("Found")


def wait_for(question: Callable[[], Found], seconds: float = 20.0) -> Found:
    """The first true answer; the one place where tests of processes poll."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {answer!r} after {seconds} s")
        time.sleep(0.005)
    return answer


class Arena:
    """Everything a supervisor needs, and its end at the end of the test."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = build.data_folder(root)
        self.store = RunStore(self.folder)
        self.source, self.dest = root / "source", root / "dest"
        self.source.mkdir()
        self.runs: list[Run] = []
        self.children: list[subprocess.Popen[bytes]] = []
        self.closers: list[Callable[[], None]] = []

    def write(self, **files: Any) -> None:
        """Files of the source: contents, or a number of random bytes; `__` in a name stands for a slash."""
        for name, content in files.items():
            path = self.source / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(os.urandom(content) if isinstance(content, int) else content)

    def job(self, **changes: Any) -> Job:
        return build.job(**{"source": f"{self.source}/", "dest": str(self.dest), **changes})

    def stand_in(self, *tries: list[list[Any]]) -> Tool:
        """A tool that does what each try lists; the last list serves all further tries."""
        place = self.root / "tool" / "rsync"
        place.parent.mkdir(exist_ok=True)
        if not place.exists():
            place.write_text(f"#!{sys.executable} -ISs\n" + STAND_IN.read_text().partition("\n")[2])
            place.chmod(0o755)
        Path(f"{place}.json").write_text(json.dumps(tries))
        return Tool(str(place), (3, 5, 0))

    def tries(self) -> int:
        """How often the stand-in was started."""
        count = self.root / "tool" / "rsync.tries"
        return count.stat().st_size if count.exists() else 0

    def admit(self, job: Job, tool: Tool = RSYNC, run: Run | None = None, **changes: Any) -> Run:
        """A queued run of the job, as the queue would leave it."""
        run = run or build.run(job_id=job.id, job_name=job.name, source=job.source, dest=job.dest)
        self.store.create(run, Plan(job=job, tool=tool, **changes).to_json())
        self.runs.append(run)
        return run

    def supervise(self, run: Run) -> "subprocess.Popen[bytes]":
        child = spawn_supervisor(self.folder.run_folder(run.job_id, run.id))
        self.children.append(child)
        return child

    def start(self, job: Job, tool: Tool = RSYNC, **changes: Any) -> Run:
        run = self.admit(job, tool, **changes)
        self.supervise(run)
        return run

    def carry_out(self, job: Job, tool: Tool = RSYNC, **changes: Any) -> Run:
        """Start a run and wait for its end."""
        return self.ended(self.start(job, tool, **changes))

    def record(self, run: Run) -> Run:
        """The newest that is known: the record, or the live figures where they are ahead."""
        recorded = self.store.read(run.job_id, run.id)
        live = self.store.read_live(run.job_id, run.id) if recorded.is_active else None
        return live if live and live.seq > recorded.seq else recorded

    def until(self, run: Run, holds: Callable[[Run], object], seconds: float = 20.0) -> Run:
        found = wait_for(lambda: [now] if holds(now := self.record(run)) else [], seconds)
        return found[0]

    def until_state(self, run: Run, state: RunState, seconds: float = 20.0) -> Run:
        return self.until(run, lambda now: now.state is state, seconds)

    def ended(self, run: Run, seconds: float = 30.0) -> Run:
        """The record once the end is written everywhere and the supervisor has gone."""
        wait_for(lambda: not (self.folder.active / run.id).exists(), seconds)
        for child in self.children:
            if run.id in str(child.args):
                child.wait(seconds)
        return self.store.read(run.job_id, run.id)

    def order(self, run: Run, action: str) -> None:
        """What the dispatcher does with `pause` and `cancel`."""
        self.store.request(run.job_id, run.id, action)
        supervisor = self.store.read(run.job_id, run.id).supervisor
        if supervisor:
            os.kill(supervisor.pid, signal.SIGUSR1)

    def log(self, run: Run) -> str:
        return (self.folder.run_folder(run.job_id, run.id) / "output.log").read_text("utf-8")

    def supervisor_log(self, run: Run) -> str:
        return (self.folder.run_folder(run.job_id, run.id) / "supervisor.log").read_text("utf-8")

    def close(self) -> list[str]:
        """End whatever still lives; the runs of which something did although they had ended."""
        stray = [run.id for run in self.runs if groups_of_run(run.id) and not self.record(run).is_active]
        for child in self.children:
            child.kill()
            child.wait(10)
        for close in self.closers:
            close()
        for run in self.runs:
            for group in groups_of_run(run.id):
                os.killpg(group, signal.SIGKILL)
        live = choose_live_folder(self.folder.root)
        if live is not None:
            shutil.rmtree(live)
        return stray


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    made = Arena(tmp_path)
    yield made
    assert made.close() == []


def after(run: Run, previous: Run) -> Run:
    """`run` as the manager would make it to carry on with `previous`."""
    return run._replace(
        resumes=previous.id,
        unfinished=previous.unfinished,
        sweep_since=previous.sweep_since,
        settled_bytes=previous.settled_bytes,
    )


def same_trees(source: Path, dest: Path) -> str:
    """What rsync would still have to do; "" for identical trees."""
    return subprocess.run(
        ["rsync", "-aicn", "--delete", f"{source}/", f"{dest}/"], capture_output=True, text=True, check=True
    ).stdout


def folder_of(arena: Arena, run: Run) -> Path:
    return arena.folder.run_folder(run.job_id, run.id)
