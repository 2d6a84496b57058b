"""A container on a data folder, with a tool that is told what to do; like the web process, without the web."""

import os
from pathlib import Path
from typing import Any

import pytest

from core.container import Container, build_container
from models.events import Event
from models.job import Job, JobDraft, JobSettings
from models.run import Run
from tests.core.arena import Arena, wait_for


class House:
    """One process of ours. Several may stand on one arena."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.parts: Container = build_container(arena.folder.root)
        self.events: list[Event] = []
        self.parts.bus.subscribe(self.events.append)
        arena.closers.append(self.close)

    def create(self, name: str = "Photos", **changes: Any) -> Job:
        values = {"source": f"{self.arena.source}/", "dest": str(self.arena.dest), "type": "rsync", **changes}
        settings = values.pop("settings", JobSettings())
        return self.parts.manager.create(JobDraft(name=name, settings=settings, **values))

    def start(self, job: Job, **how: Any) -> Run:
        run = self.parts.manager.start(job.id, **how)
        self.arena.runs.append(run)
        return run

    def ended(self, run: Run, seconds: float = 30.0) -> Run:
        """The end of the run, while this process tends the runs as its watcher would."""

        def gone() -> bool:
            self.parts.watcher.step()
            return not (self.arena.folder.active / run.id).exists()

        wait_for(gone, seconds)
        self.parts.watcher.step()  # it may have ended just behind the last look
        return self.parts.manager.run(run.id)

    def close(self) -> None:
        """Be left by the supervisors that this process started; those of a failed test are ended."""
        children = self.parts.chores._dispatcher._children  # type: ignore[attr-defined]
        for child in children:
            if (self.arena.folder.active / Path(child.args[-1]).name).exists():
                child.kill()
            child.wait(15)


def use_tool(arena: Arena, *tries: list[list[Any]]) -> None:
    """Have every process on this data folder use a stand-in, for as long as the settings name it."""
    arena.dest.mkdir(exist_ok=True)
    tool = arena.stand_in(*tries)
    arena.folder.config_file.write_text(f"rsync: {tool.path}\n")
    os.chmod(arena.folder.config_file, 0o600)


@pytest.fixture
def house(arena: Arena) -> House:
    """With a stand-in for rsync, which ends at once unless `use_tool` says otherwise."""
    use_tool(arena, [["end", 0]])
    return House(arena)
