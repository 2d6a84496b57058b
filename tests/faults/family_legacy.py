"""Four stand-ins for the legacy writer against five times as many changes of ours, with kills; losses are counted."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.errors import AppError
from models.job import Job
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from tests import build
from tests.faults import yaml_broken_builds
from tests.faults.legacy_crowd import Crowd, facts_of
from tests.faults.legacy_verdict import Account, faults
from tests.faults.legacy_watch import Observer
from tests.faults.yaml_writers import ONCE, SHARED, Operation, Table, Writer, tables
from tests.stand_ins import legacy_writer

NAME = "legacy"
DEFAULT_COUNT = 2_000
STAND_INS, PREFIXES, OURS_PER_WRITE = 4, "xyz", 5
OWNER = 1234
_LONGEST = 3_600.0
_SETTLED_WITHIN = 5.0
_LOOKS = 0.5  # as the watcher of a web process


@dataclass
class Tally:
    kills: dict[str, int] = field(default_factory=dict)
    writes: int = 0
    ours: int = 0
    versions: int = 0
    doubtful: int = 0
    refused: int = 0
    undone_by_each_other: int = 0
    settled: float = 0.0
    longest_pause: float = 0.0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def prove(count: int) -> int:
    """Exit status 0 if nothing of ours and nothing of theirs was lost, and the file was valid at every instant."""
    owners = (0, OWNER) if os.geteuid() == 0 else (0,)
    held = True
    for owner in owners:
        seed = random.SystemRandom().getrandbits(32)
        with tempfile.TemporaryDirectory(prefix="legacy-", dir=in_memory()) as place:
            tally = run(Path(place), count if not owner else max(40, count // 4), seed, owner)
        _report(tally, seed, owner)
        held = held and not tally.faults
    return 0 if held else 1


def in_memory() -> str | None:
    """Where a durable write costs little: the contention is what is tested."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _report(tally: Tally, seed: int, owner: int) -> None:
    broken = yaml_broken_builds.chosen()
    whose = f"a file of user {owner}" if owner else "a file of ours"
    print(f"legacy: {whose}, seed {seed}, {tally.seconds:.0f} s{f', broken build {broken}' if broken else ''}")
    print(f"  {tally.writes:,} writes of {STAND_INS} stand-ins, {tally.ours:,} changes of ours; kills: {tally.kills}")
    print(f"  {tally.versions:,} versions of the file seen; all settled {tally.settled:.1f} s after the last write")
    print(f"  at most {tally.longest_pause:.1f} s between a read of a stand-in and its write")
    print(f"  killed before they were acknowledged (either way is right): {tally.doubtful}")
    print(f"  refused, because the file or its lock was never free, and asked again: {tally.refused}")
    print(f"  edits of the stand-ins undone by another of them, for they take no lock: {tally.undone_by_each_other}")
    for fault in tally.faults[:10]:
        print(f"  FAULT: {fault}")
    print(f"  faults: {len(tally.faults)}", flush=True)


def run(place: Path, count: int, seed: int, owner: int = 0) -> Tally:
    """One round; ends when the stand-ins have written `count` times and we have made five times as many changes."""
    begun, world = time.monotonic(), _World(place, count, random.Random(seed), owner)
    try:
        world.go()
    except _Refused as refused:
        world.tally.faults += refused.faults
    finally:
        world.end()
    world.tally.seconds = time.monotonic() - begun
    return world.tally


class _Refused(Exception):
    """A change of ours was refused, which must not happen here."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(str(faults))
        self.faults = faults


class _World:
    def __init__(self, place: Path, count: int, dice: random.Random, owner: int) -> None:
        self.dice, self.tally, self.count = dice, Tally(), count
        self.share = -(-count * OURS_PER_WRITE // len(PREFIXES))
        self.made = dict.fromkeys(PREFIXES, 0)
        place.chmod(0o755)
        self.folder = build.data_folder(place)
        outside = place / "outside"
        outside.mkdir()
        outside.chmod(0o777)
        self.crowd = Crowd(self.folder.jobs_file, outside, count, owner)
        shared = {f"{prefix}{SHARED}{n}": ("new", 0, "pending") for prefix in PREFIXES for n in range(3)}
        self._fill(shared, owner)
        self.observer = Observer(self.folder.jobs_file)
        self.stand_ins = [self.crowd.start(n, dice.getrandbits(32)) for n in range(STAND_INS)]
        self.writers = [self._writer(p, {k: v for k, v in shared.items() if k[0] == p}, None) for p in PREFIXES]
        self.watcher = _watcher(self.folder)
        self.doubtful: set[str] = set()

    def _fill(self, shared: Table, owner: int) -> None:
        for job_id in shared:
            JobStore(self.folder).create(build.job(id=job_id, name="new"))
        if owner:
            os.chown(self.folder.root, owner, owner)
            os.chown(self.folder.jobs_file, owner, owner)
        self.folder.jobs_file.chmod(0o640)

    def _writer(self, prefix: str, table: Table, first: Operation | None, made: int = 0) -> Writer:
        return Writer(self.folder, prefix, table, self.dice.getrandbits(32), _pace(self.crowd, self.share, made), first)

    def go(self) -> None:
        kills = max(2, self.count // 20)
        for kill in range(kills):
            self._until(lambda kill=kill: self.crowd.done() >= (kill + 1) * self.count // (kills + 1))  # type: ignore[misc]
            self._kill(self.dice.choices(("writer", "stand-in", "watcher"), (4, 4, 2))[0])
        self._until(lambda: self.crowd.done() >= self.count)
        for pid in self.stand_ins:
            os.waitpid(pid, 0)
        self.stand_ins = []
        self._until(lambda: self._acknowledged() == self.share * len(PREFIXES))
        self._judge()

    def _acknowledged(self) -> int:
        for writer in self.writers:
            writer.hear()
        return self.tally.ours + sum(writer.acknowledged for writer in self.writers)

    def _until(self, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _LONGEST
        while not reached():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.crowd.done()} writes, {self._acknowledged()} changes")
            self._acknowledged()
            if failed := [f"writer {writer.prefix}: {writer.failure}" for writer in self.writers if writer.failure]:
                raise _Refused(failed)
            time.sleep(0.01)

    def _kill(self, what: str) -> None:
        self.tally.kills[what] = self.tally.kills.get(what, 0) + 1
        if what == "watcher":
            _end(self.watcher)
            self.watcher = _watcher(self.folder)
        elif what == "stand-in":
            number = self.dice.randrange(STAND_INS)
            _end(self.stand_ins[number])
            self.stand_ins[number] = self.crowd.start(number, self.dice.getrandbits(32))
        else:
            self._kill_writer(self.dice.randrange(len(PREFIXES)))

    def _kill_writer(self, index: int) -> None:
        """What it was about to do is in doubt: such a job is edited again at once, or counts no more."""
        victim = self.writers[index]
        victim.kill()
        self.tally.ours += victim.acknowledged
        self.tally.refused += victim.refused
        self.doubtful |= victim.doubtful
        table, pending, first = dict(victim.table), victim.pending, None
        if pending is not None:
            self.tally.doubtful += 1
        if pending is not None and pending.kind in ONCE:
            self.doubtful.add(pending.job_id)
            table.pop(pending.job_id, None)
        elif pending is not None and pending.facts is not None:
            name, limit, status = pending.facts
            kind = "edit" if pending.kind == "edit" else "status"
            first = Operation(
                pending.job_id, kind, (f"{name} again", limit + 1, status) if kind == "edit" else pending.facts
            )
        self.made[victim.prefix] += victim.acknowledged
        self.writers[index] = self._writer(victim.prefix, table, first, self.made[victim.prefix])

    def _judge(self) -> None:
        ended = time.monotonic()
        found = self._faults()
        while found and time.monotonic() - ended < _SETTLED_WITHIN:
            time.sleep(0.1)
            found = self._faults()
        account = Account.of(self.crowd)
        self.tally.refused += sum(writer.refused for writer in self.writers)
        self.tally.settled = time.monotonic() - ended
        self.tally.ours, self.tally.writes = self._acknowledged(), self.crowd.done()
        self.tally.undone_by_each_other = account.undone_by_each_other()
        self.tally.longest_pause = account.longest_pause()
        self.tally.versions, seen = self.observer.end()
        self.tally.faults = found + seen

    def _faults(self) -> list[str]:
        content = self.folder.jobs_file.read_bytes()
        present = tables(content)
        wrong = [fault for writer in self.writers if (fault := self._lost(writer, present.get(writer.prefix, {})))]
        jobs = legacy_writer.load(self.folder.jobs_file)
        wrong += list(faults(Account.of(self.crowd), facts_of(jobs)))
        try:
            snapshot = JobStore(self.folder).snapshot()
            return wrong if snapshot.writable else [*wrong, f"refused: {snapshot.problems} {snapshot.missing}"]
        except AppError as error:
            return [*wrong, error.message]

    def _lost(self, writer: Writer, found: Table) -> str:
        known = {job_id: facts for job_id, facts in found.items() if job_id not in self.doubtful | writer.doubtful}
        if known == writer.table:
            return ""
        keys = sorted(known.keys() | writer.table.keys())
        return "; ".join(
            f"{key}: found {known.get(key)}, acknowledged {writer.table.get(key)}"
            for key in keys
            if known.get(key) != writer.table.get(key)
        )

    def end(self) -> None:
        for pid in (*self.stand_ins, self.watcher):
            _end(pid)
        for writer in self.writers:
            writer.kill()


def _pace(crowd: Crowd, share: int, made: int) -> Callable[[int], None]:
    """As fast as the stand-ins, so that both work all the time; nothing more once the share is made."""

    def wait(done: int) -> None:
        while True:
            allowed = min(share, (crowd.done() + 4) * OURS_PER_WRITE // len(PREFIXES))
            if made + done < allowed:
                return
            time.sleep(0.002)

    return wait


def _watcher(folder: DataFolder) -> int:
    """What the watcher of a web process does for jobs.yaml, until it is killed."""
    pid = os.fork()
    if pid == 0:
        yaml_broken_builds.apply(yaml_broken_builds.chosen())
        store: Any = None
        while True:
            store = store or JobStore(folder)
            jobs: dict[str, Job] = dict(store.snapshot().jobs)
            del jobs
            time.sleep(_LOOKS)
    return pid


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
