"""A restore that is tried out: some files to a folder of ours, compared, and removed again; nobody's files change."""

import os
import random
import stat
from pathlib import Path

from core.browse import remote_entries
from core.journal import RunJournal
from core.orders import Orders
from core.pipeline import Pipeline
from core.plan import Plan
from core.proof import Proof
from core.runner import StepEnd
from core.sample import Candidate, Dice, listed_files, local_files, sample
from engines.base import Context, Engine, Verdict
from models.findings import Finding
from models.job import Job
from models.run import GOOD, RunState
from storage.data_folder import DataFolder
from utils.clock import Clock
from utils.sizes import size
from utils.text import plural, visible_name

_MOST_BYTES = 1 << 30
_ROOM_SHARE = 4  # at most a quarter of the room that is left
_LISTING_SECONDS = 30.0
_PIECE = 1 << 20
_NOTHING_RAN = StepEnd(0, "", False, (), (), 0)


class Rehearsal:
    """Stands in the pipeline's place. Lives in the supervisor's only thread."""

    def __init__(
        self, folder: DataFolder, journal: RunJournal, orders: Orders, engine: Engine, plan: Plan, proof: Proof,
        pipeline: Pipeline, clock: Clock, dice: Dice | None = None,
    ) -> None:  # fmt: skip
        self._place = folder.run_folder(journal.run.job_id, journal.run.id)
        self._journal, self._orders, self._engine = journal, orders, engine
        self._plan, self._proof, self._pipeline, self._clock = plan, proof, pipeline, clock
        self._dice = dice or random.SystemRandom()

    def one_try(self, context: Context) -> tuple[StepEnd, Verdict]:
        """Draw, restore, compare; what was restored is removed however it ends."""
        chosen = self._draw(context)
        if order := self._orders.current:
            return _NOTHING_RAN._replace(order=order), Verdict(RunState.FAILED)
        if not chosen:
            return _NOTHING_RAN, _EMPTY
        (self._place / "selection").write_bytes(b"".join(file.name + b"\0" for file in chosen))
        try:
            end, verdict = self._pipeline.one_try(context)
            if verdict.state in GOOD and not end.order:
                verdict = self._compared(chosen, verdict)
            return end, verdict
        finally:
            _remove(Path(self._plan.job.dest))

    def _draw(self, context: Context) -> tuple[Candidate, ...]:
        room = os.statvfs(self._place)
        budget = min(_MOST_BYTES, room.f_bavail * room.f_frsize // _ROOM_SHARE)
        copy, _ = self._engine.locations(self._plan.job)
        if copy.is_local:
            files = local_files(os.fsencode(copy.path), self._is_stopped)
        else:
            until = self._clock.monotonic() + _LISTING_SECONDS
            files = listed_files(
                lambda folder: remote_entries(self._engine, self._turned_again(), folder, context),
                self._is_stopped,
                lambda: self._clock.monotonic() > until,
                self._dice,
            )
        chosen = sample(files, self._plan.rehearsed_files, budget, self._dice)
        self._journal.say(
            "info", f"Drawn by chance: {plural(len(chosen), 'file')}, {size(sum(f.size for f in chosen))}."
        )
        return chosen

    def _turned_again(self) -> Job:
        """A job whose copy is the folder that this run reads: what an engine lists."""
        job = self._plan.job
        return job._replace(source=self._plan.original, dest=job.source)

    def _is_stopped(self) -> bool:
        self._orders.look()
        return bool(self._orders.current)

    def _compared(self, chosen: tuple[Candidate, ...], verdict: Verdict) -> Verdict:
        """The restored files are the copy's, as the comparison behind them found. Are they also the source's?"""
        answers = {file: self._judged(file) for file in chosen}
        broken = [file for file, answer in answers.items() if answer == "differs"]
        same = sum(answer == "same" for answer in answers.values())
        self._proof.take(Finding("mismatch", file.name, file.size) for file in broken)
        self._proof.keep()
        found = self._journal.run.verification
        if found and broken:
            found = found._replace(mismatches=found.mismatches + len(broken), passed=False)
        self._journal.record(tallies=self._proof.tallies, verification=found)
        return _verdict(broken, same, len(chosen), verdict)

    def _judged(self, file: Candidate) -> str:
        """`same`, `differs`, or `unknown` where the source does not have the file as it was any more."""
        restored = os.path.join(os.fsencode(self._plan.job.dest), file.name)
        answer = _against_source(restored, self._source_of(file))
        words = {"same": "Equal to the source", "differs": "Not the source's content"}
        self._journal.say(
            "error" if answer == "differs" else "info",
            f"{words.get(answer, 'Read twice from the copy')}: {visible_name(file.name)}",
        )
        return answer

    def _source_of(self, file: Candidate) -> bytes:
        original = self._plan.original
        return os.path.join(os.fsencode(original), file.name) if original.startswith("/") else b""


_EMPTY = Verdict(
    RunState.FAILED,
    "The copy holds no file that could be rehearsed.",
    "Look into the copy under Restore; if its disk is unplugged, plug it in.",
)


def _against_source(restored: bytes, source: bytes) -> str:
    """A source file counts as unchanged if it has the size and the time that came back from the copy."""
    try:
        now, then = os.lstat(source), os.lstat(restored)
        is_same_file = stat.S_ISREG(now.st_mode) and now.st_size == then.st_size
        if not is_same_file or abs(now.st_mtime - then.st_mtime) >= 1:
            return "unknown"
        return "same" if _same_content(restored, source) else "differs"
    except OSError:
        return "unknown"


def _same_content(one: bytes, other: bytes) -> bool:
    with open(one, "rb") as first, open(other, "rb") as second:
        while piece := first.read(_PIECE):
            if piece != second.read(_PIECE):
                return False
        return not second.read(1)


def _verdict(broken: list[Candidate], same: int, total: int, verdict: Verdict) -> Verdict:
    if broken:
        names = ", ".join(visible_name(file.name) for file in broken[:3])
        more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
        return Verdict(
            RunState.FAILED,
            f"{plural(len(broken), 'file')} of {total} came back with another content than the unchanged source has: "
            f"{names}{more}.",
            "The copy is damaged. Verify the job to find every such file, and look at the disk of the copy.",
        )
    rest = total - same
    words = f"{same} of {plural(total, 'restored file')} equal the source"
    if rest:
        words += f"; {rest} changed there since, and equal the copy read a second time"
    return verdict._replace(reason=f"{words}. {verdict.reason}".strip())


def _remove(folder: Path) -> None:
    import shutil  # late: the supervisor's start time counts

    shutil.rmtree(folder, ignore_errors=True)
