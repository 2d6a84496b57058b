"""Stand-ins for the legacy writer that work on one jobs.yaml together, and their own account of what they did.

They are several writers of one app, so they wait for each other in two places, with locks that our
code does not know: while one writes `jobs.tmp` (a torn one would be their own fault), and a creation or
a deletion waits until no other of them sits on what it has read (else they would undo each other).
"""

import fcntl
import json
import mmap
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.stand_ins import legacy_writer
from tests.stand_ins.legacy_writer import Job

OWN, SHARED = "legacy-", "-shared-"
BETWEEN_DELETIONS = 1.0  # seconds: a person confirms each
SETTLED_AFTER = 5.0
_MOST_OWN = 10
NOTE = "legacy_note"
Facts = dict[str, dict[str, Any]]


def facts_of(jobs: list[Job]) -> Facts:
    """What of the file is the stand-ins' business: `dest` and one setting of the shared jobs and of their own."""
    found: Facts = {}
    for job in jobs:
        if job["id"].startswith(OWN) or SHARED in job["id"]:
            found[job["id"]] = {"dest": job["dest"], NOTE: job["settings"].get(NOTE)}
    return found


@dataclass(frozen=True)
class Crowd:
    """Where they work, and how many writes all of them make."""

    jobs_file: Path
    place: Path
    count: int
    owner: int = 0
    counter: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, 8))

    @property
    def account(self) -> Path:
        return self.place / "account.jsonl"

    def start(self, number: int, seed: int) -> int:
        """A new stand-in; its pid."""
        pid = os.fork()
        if pid == 0:
            _be_stand_in(self, number, random.Random(seed))
        return pid

    def done(self) -> int:
        """Writes that were made by now, as every process that was forked since can see."""
        return int.from_bytes(self.counter[:8], "little")

    def count_one(self) -> None:
        self.counter[:8] = (self.done() + 1).to_bytes(8, "little")

    def records(self) -> list[dict[str, Any]]:
        lines = self.account.read_bytes().split(b"\n") if self.account.exists() else []
        return [json.loads(line) for line in lines if line]


def _be_stand_in(crowd: Crowd, number: int, dice: random.Random) -> None:
    """Never returns."""
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if crowd.owner:
            os.setgroups([])
            os.setgid(crowd.owner)
            os.setuid(crowd.owner)
        os.umask(0o027)
        while crowd.done() < crowd.count:
            _one_write(crowd, number, dice)
        code = 0
    finally:
        os._exit(code)


def _one_write(crowd: Crowd, number: int, dice: random.Random) -> None:
    kind = dice.choices(("edit", "create", "delete", "nothing"), (78, 8, 7, 7))[0]
    is_alone = kind in ("create", "delete")
    with _turn(crowd, alone=is_alone):
        begun = time.time()
        jobs = legacy_writer.load(crowd.jobs_file)
        _note(crowd, "read", number, at=begun, until=time.time(), facts=facts_of(jobs))
        time.sleep(legacy_writer.pause(dice))
        kind, job_id, given, jobs = _changed(crowd, kind, jobs, dice)
        with _held(crowd.place / "tmp.lock", fcntl.LOCK_EX):
            serial = f"{number}-{dice.getrandbits(48):x}"
            about = {"serial": serial, "kind": kind, "job": job_id, "given": given}
            _note(crowd, "about", number, **about, facts=facts_of(jobs), at=time.time())
            legacy_writer.save(crowd.jobs_file, jobs)
            crowd.count_one()
            _note(crowd, "done", number, serial=serial, at=time.time())


def _changed(
    crowd: Crowd, kind: str, jobs: list[Job], dice: random.Random
) -> tuple[str, str, dict[str, Any], list[Job]]:
    """What it did, to which job, the values it gave on purpose, and all jobs after it."""
    own = [job["id"] for job in jobs if job["id"].startswith(OWN)]
    shared = [job["id"] for job in jobs if SHARED in job["id"]]
    if kind == "create" and len(own) < _MOST_OWN:
        job = legacy_writer.new_job(f"{OWN}{dice.getrandbits(48):012x}", dest=_word(dice))
        return kind, job["id"], facts_of([job])[job["id"]], [*jobs, job]
    settled = [job["id"] for job in jobs if job["id"] in own and _is_settled(job)]
    if kind == "delete" and settled and _may_delete(crowd):
        job_id = dice.choice(settled)
        return kind, job_id, {}, legacy_writer.without(jobs, job_id)
    if kind == "nothing" or not (shared or own):
        return "nothing", "", {}, jobs
    job_id = dice.choice([*shared, *shared, *own])
    (job,) = [job for job in jobs if job["id"] == job_id]
    given = {dice.choice(["dest", "dest", NOTE]): _word(dice)}
    settings = job["settings"] | {key: value for key, value in given.items() if key == NOTE}
    changes = {key: value for key, value in given.items() if key != NOTE} | {"settings": settings}
    return "edit", job_id, given, legacy_writer.edited(jobs, job_id, **changes)


def _word(dice: random.Random) -> str:
    return f"/srv/{dice.getrandbits(40):x}"


def _is_settled(job: Job) -> bool:
    """Nobody sits any more on what was read before it was created."""
    age = datetime.now() - datetime.fromisoformat(job["created_at"])  # noqa: DTZ005  as the legacy app writes
    return age.total_seconds() > SETTLED_AFTER


def _may_delete(crowd: Crowd) -> bool:
    mark = crowd.place / "deleted"
    if mark.exists() and time.time() - mark.stat().st_mtime < BETWEEN_DELETIONS:
        return False
    mark.touch()
    return True


def _note(crowd: Crowd, word: str, number: int, **rest: Any) -> None:
    line = json.dumps({"word": word, "by": number, **rest}).encode() + b"\n"
    descriptor = os.open(crowd.account, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


@contextmanager
def _turn(crowd: Crowd, *, alone: bool) -> Iterator[None]:
    """Beside the others, or alone: who wants to be alone keeps the gate closed while the others end."""
    with _held(crowd.place / "gate.lock", fcntl.LOCK_EX):
        turns = _locked(crowd.place / "turns.lock", fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
    try:
        yield
    finally:
        os.close(turns)


@contextmanager
def _held(path: Path, how: int) -> Iterator[None]:
    descriptor = _locked(path, how)
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(path: Path, how: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    fcntl.flock(descriptor, how)
    return descriptor
