"""A backup that was made by a real tool, and what is done with its copy; for tests of the way back."""

import os
import shutil
from pathlib import Path

from core.container import Container
from models.findings import What
from models.job import Job
from models.request import RestoreWish
from models.run import Run, RunState
from tests.core.arena import Arena
from tests.core.house import House

HOSTILE = (b"new\nline", b"\xff\xfe not utf-8", b"-rf", b"<script>alert(1)", b"#;* [ab]?{}")
OLD, LATER = 1_000_000_000, 2_000_000_000


class WayBack:
    """One process of ours with one backed up job. Names are bytes relative to the source."""

    def __init__(self, arena: Arena, engine: str, **changes: str) -> None:
        self.arena, self.house = arena, House(arena)
        self.parts: Container = self.house.parts
        self.source, self.copy = os.fsencode(arena.source), os.fsencode(arena.dest)
        for name in HOSTILE:
            self.write(self.source, b"hard/" + name, name * 100)
        self.write(self.source, b"top", b"top" * 1000)
        self.write(self.source, b"folder/sub/deep", b"deep" * 1000)
        self.job: Job = self.house.create(type=engine, **changes)
        self.backup()

    def write(self, root: bytes, name: bytes, content: bytes, at: int | None = None) -> None:
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        if at is not None:
            os.utime(path, (at, at))

    def backup(self) -> Run:
        run = self.house.ended(self.house.start(self.job))
        assert run.state is RunState.DONE, run.outcome
        return run

    def restore(self, *names: bytes, to: Path | str = "", **wish: bool | str) -> Run:
        return self.begun(self.parts.manager.restores.restore(self.job.id, RestoreWish(names, str(to), **wish)))  # type: ignore[arg-type]

    def preview(self, *names: bytes, to: Path | str = "") -> Run:
        return self.begun(self.parts.manager.restores.preview(self.job.id, RestoreWish(names, str(to))))

    def rehearse(self) -> Run:
        return self.begun(self.parts.manager.restores.rehearse(self.job.id))

    def begun(self, run: Run) -> Run:
        """The end of the run."""
        self.arena.runs.append(run)
        return self.house.ended(run)

    def found(self, run: Run, *what: What) -> set[bytes]:
        return {finding.name for finding in self.parts.manager.findings(run.id, what).rows}

    def lose_the_source(self) -> None:
        shutil.rmtree(self.arena.source)


def tree(root: Path | bytes) -> dict[bytes, bytes]:
    """Every file below `root` with its content."""
    top = os.fsencode(root)
    found = {}
    for place, _folders, names in os.walk(top):
        for name in names:
            path = os.path.join(place, name)
            found[os.path.relpath(path, top)] = Path(os.fsdecode(path)).read_bytes()
    return found
