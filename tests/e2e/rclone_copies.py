"""Copies by real supervisors and real rclones, to folders and to servers that die and come back; asserts nothing."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.job import Job
from models.run import Run, RunState
from tests import build
from tests.core.arena import Arena, after
from tests.rclones import Kind, Peer, tool, write_remotes

MEBIBYTE = 1 << 20
HOSTILE = (
    "new\nline",
    "x\n= plain",
    "tab\t",
    "esc\x1b[31m",
    "émoji 🙂",
    " lead",
    "trail ",
    "-dash",
    "quo'te\"",
    "a\\b",
)
_SERVERS_OWN = b".rclone_temp_put_"
_ASKED = 0.2  # seconds between two questions whether a host is back


def fill(source: Path, count: int, size: int, large: int = 0, large_in: str = "") -> None:
    """`count` files of `size` bytes in folders of a hundred, some names hard, and a large one.

    rclone takes a large one at the top first, and one in a folder in its turn.
    """
    for number in range(count):
        folder = source / f"folder {number // 100:03}"
        folder.mkdir(parents=True, exist_ok=True)
        name = HOSTILE[number] if number < len(HOSTILE) else f"file {number:05}"
        (folder / name).write_bytes(os.urandom(size))
    if large:
        (source / large_in / "large").write_bytes(os.urandom(large))
    (source / "empty folder").mkdir()


def contents(folder: Path) -> dict[bytes, str]:
    """Every file below with a hash of what it holds; not what a killed server left of its own."""
    top = os.fsencode(folder)
    return {
        os.path.relpath(os.path.join(place, name), top): _hash(os.path.join(place, name))
        for place, _folders, names in os.walk(top)
        for name in names
        if not name.startswith(_SERVERS_OWN)
    }


def _hash(path: bytes) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Copies:
    """One job of one rclone in one arena."""

    def __init__(self, arena: Arena, which: str, dest: str, config: Path | None = None) -> None:
        self.arena, self.tool = arena, tool(which)
        self.config = str(config or "")
        self.job: Job = build.job(type="rclone", source=str(arena.source), dest=dest)

    def turn(self, source: str, dest: Path) -> None:
        """Copy from there to that folder instead."""
        self.job = self.job._replace(source=source, dest=str(dest))

    def start(self, previous: Run | None = None, **plan: Any) -> Run:
        run = build.run(job_id=self.job.id, engine="rclone", source=self.job.source, dest=self.job.dest)
        if previous:
            run = after(run, previous)
        admitted = self.arena.admit(self.job, self.tool, run, config_file=self.config, network_seconds=_ASKED, **plan)
        self.arena.supervise(admitted)
        return admitted

    def carry_out(self, seconds: float = 60, **plan: Any) -> Run:
        return self.arena.ended(self.start(**plan), seconds)

    def moving(self, run: Run, share: float, seconds: float = 60) -> Run:
        """The run once it has sent a part and is not at its end."""
        return self.arena.until(run, lambda now: (now.progress.percent or 0) >= share or not now.is_active, seconds)

    def pause(self, limit: int, seconds: float = 120, share: float = 20) -> tuple[Run, float]:
        """A slow copy, paused in its middle; and after how many seconds it had figures."""
        began = time.monotonic()
        run = self.start(bandwidth_limit=limit)
        self.arena.until(run, lambda now: now.progress.bytes_transferred or not now.is_active, seconds)
        figures = time.monotonic() - began
        self.moving(run, share, seconds)
        self.arena.order(run, "pause")
        return self.arena.ended(run, seconds), figures

    def resume(self, paused: Run, seconds: float = 120) -> Run:
        """At full speed."""
        return self.arena.ended(self.start(paused), seconds)

    def cut_off(self, peer: Peer, limit: int, seconds: float = 180, share: float = 10) -> tuple[Run, Run]:
        """The peer of a slow copy is killed in mid-transfer; the run at that moment, and once it waits."""
        run = self.start(bandwidth_limit=limit)
        moving = self.moving(run, share, seconds)
        peer.kill()
        return moving, self.arena.until(run, lambda now: now.state is RunState.WAITING or not now.is_active, seconds)

    def go_on(self, peer: Peer, waiting: Run, seconds: float = 180) -> Run:
        """The peer is started again."""
        peer.start()
        return self.arena.ended(waiting, seconds)


@contextmanager
def copies_to(arena: Arena, which: str, kind: Kind | None) -> Iterator[tuple[Copies, Path, Peer | None]]:
    """Copies to a folder, or to a peer of that kind; and where the files will lie on this machine."""
    if kind is None:
        yield Copies(arena, which, str(arena.dest)), arena.dest, None
        return
    with Peer(kind, arena.root / "served") as peer:
        remotes = write_remotes(arena.root / "rclone.conf", peer.section("nas"))
        yield Copies(arena, which, f"nas:{peer.root}photos", remotes), peer.place / "photos", peer
