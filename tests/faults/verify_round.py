"""One round of the verify family: a proven copy is damaged where nobody looks, and compared again."""

import os
import random
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.recovery import Recovery
from models.findings import Deletion, Finding
from models.run import Run, RunState
from storage.findings import each_finding
from storage.job_store import JobStore
from tests import build
from tests.core.arena import Arena
from tests.e2e import hostile_tree
from tests.e2e.hashes import tree_hash
from utils.clock import SystemClock

FILES, BYTES = 70, 3_000_000
_ALL_OR_NOTHING = "verify_then_delete"


@dataclass(frozen=True)
class Damage:
    """One byte of a copy, changed; its size and time are as before."""

    name: bytes
    size: int


class Round:
    """A tree with hard names and its copy, in an arena of its own."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.arena, self.dice = Arena(folder), dice
        hostile_tree.make(self.arena.source, FILES, BYTES)
        self.job = self.arena.job()
        self.faults: list[str] = []

    def carry_out(self) -> list[str]:
        """What did not hold."""
        try:
            self._prove()
            return self.faults + self.arena.close()
        finally:
            shutil.rmtree(self.arena.root)

    def _prove(self) -> None:
        source = tree_hash(self.arena.source)
        self._expect(_is_proven(self._run(verify="verify_after")), "a sound copy was not proven")
        damage = self._damage()
        self._expect(self._run().state is RunState.DONE, "a fast run saw what it cannot see")
        self._is_found(self._run("verify"), damage)
        self._is_found(self._run(verify="verify_after"), damage)
        self._is_found(self._run(verify="verify_after", deletion_mode=_ALL_OR_NOTHING), damage)
        self._killed(self.dice.choice(("tool", "supervisor")))
        self._expect(tree_hash(self.arena.source) == source, "the source is not what it was")
        repaired = self._run(verify="checksum")
        self._expect(repaired.state is RunState.DONE_WITH_WARNINGS, f"repaired, and {repaired.state}")
        self._expect(
            self._named(repaired) == [Finding("changed", damage.name, damage.size)], "another file was repaired"
        )
        self._expect(_is_proven(self._run("verify")), "a repaired copy was not proven")

    def _run(self, kind: str = "backup", **plan: Any) -> Run:
        run = self._admitted(kind, **plan)
        self.arena.supervise(run)
        return self.arena.ended(run, 60)

    def _admitted(self, kind: str, **plan: Any) -> Run:
        job = self.job
        deletion = Deletion(plan["deletion_mode"]) if plan.get("deletion_mode") else None
        run = build.run(job_id=job.id, source=job.source, dest=job.dest, kind=kind, deletion=deletion)
        return self.arena.admit(job, run=run, kind=kind, **plan)

    def _damage(self) -> Damage:
        copies = [path for path in self.arena.dest.rglob("*") if path.is_file() and not path.is_symlink()]
        chosen = self.dice.choice([path for path in sorted(copies) if path.stat().st_size])
        status = chosen.stat()
        with chosen.open("r+b") as file:
            file.seek(self.dice.randrange(status.st_size))
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1 << self.dice.randrange(8)]))
        os.utime(chosen, ns=(status.st_atime_ns, status.st_mtime_ns))
        return Damage(os.fsencode(chosen.relative_to(self.arena.dest)), status.st_size)

    def _is_found(self, run: Run, damage: Damage) -> None:
        found = run.verification
        self._expect(run.state is RunState.FAILED, f"{run.kind} with a damaged copy is {run.state}")
        self._expect(found is not None and (found.mismatches, found.passed) == (1, False), f"{run.kind}: {found}")
        self._expect(found is not None and found.files_checked == FILES, f"{run.kind} compared {found}")
        self._expect(self._named(run) == [Finding("mismatch", damage.name, damage.size)], f"{run.kind} names others")

    def _named(self, run: Run) -> list[Finding]:
        return list(each_finding(self.arena.folder, run.job_id, run.id))

    def _killed(self, victim: str) -> None:
        """A comparison that is killed proves nothing, and finds nothing out for good."""
        run = self._admitted("verify")
        supervisor = self.arena.supervise(run)
        now = self.arena.until(run, lambda now: (now.tool and now.state is RunState.VERIFYING) or not now.is_active)
        if not now.is_active or now.tool is None:
            return
        if victim == "tool":
            os.killpg(now.tool.pid, signal.SIGKILL)
            ended = self.arena.ended(run, 60)
        else:
            supervisor.kill()
            supervisor.wait(10)
            Recovery(self.arena.store, JobStore(self.arena.folder, SystemClock()), SystemClock()).look()
            ended = self.arena.store.read(run.job_id, run.id)
        passed = ended.verification.passed if ended.verification else None
        is_late = ended.verification is not None and passed is False  # it had ended before the signal came
        self._expect(is_late or (passed is None and ended.state is not RunState.DONE), f"{victim} killed: {ended}")

    def _expect(self, holds: object, otherwise: str) -> None:
        if not holds:
            self.faults.append(otherwise)


def _is_proven(run: Run) -> bool:
    return run.state is RunState.DONE and run.verification is not None and run.verification.passed is True
