"""Carries out one step of a run: starts the tool, reads it, watches it, stops it; judges nothing."""

import os
import signal
import subprocess  # nosec B404 # for a type; core/process.py starts what there is
from collections import deque
from typing import NamedTuple

from core import leftovers
from core.comparing import comparing, with_total
from core.hold import hold_still
from core.journal import RunJournal
from core.open_work import open_work
from core.orders import Orders
from core.output_file import Line, OutputFile
from core.process import end_groups, start_tool
from core.process_facts import RUN_VARIABLE, Group, identity, io_total
from core.proof import Proof
from core.vigil import Vigil
from engines.base import Engine, OutputReader, Step
from models.errors import CannotStart
from models.progress import Progress
from models.run import WRITING, RunState
from utils.clock import Clock
from utils.sizes import duration

_BETWEEN_READS = 0.025  # seconds: a flood of lines is read in large pieces
_BETWEEN_LOOKS = 1.0
_GRACE = 10.0
_LAST_WORDS = 5.0
_TAIL = 40


class StepEnd(NamedTuple):
    """How the tool ended: `code` as the system reports it (negative for a signal).

    `order` stopped it ("" = none), `killed`: by force. `is_lost`: its other side has gone, so we stopped it.
    """

    code: int
    order: str
    killed: bool
    tail: tuple[str, ...]
    failed_files: tuple[str, ...]
    failed_count: int
    is_lost: bool = False


class StepRunner:
    """One step from start to end. Lives in the supervisor's only thread."""

    def __init__(
        self,
        journal: RunJournal,
        orders: Orders,
        engine: Engine,
        output: OutputFile,
        proof: Proof,
        clock: Clock,
        stall_seconds: float,
    ) -> None:
        self._journal, self._orders, self._engine = journal, orders, engine
        self._output, self._proof, self._clock = output, proof, clock
        self._stall_seconds = stall_seconds
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._failed: list[str] = []
        self._failed_count, self._named = 0, ""
        self._temporary: tuple[str, ...] = ()
        self._stopped_at: float | None = None
        self._killed, self._is_stalled = False, False
        run = journal.run
        self._source, self._dest = os.path.realpath(run.source), os.path.realpath(run.dest)

    def run(self, step: Step, reader: OutputReader, nice: int, umask: int) -> StepEnd:
        """Start the tool and stay with it until it and its children are gone.

        `CannotStart` if there is no such program, or it cannot be executed.
        """
        self._reader, self._phase, self._purpose = reader, step.phase, step.purpose
        if step.purpose != "transfer" and self._journal.run.state is not step.phase:
            self._journal.move(step.phase)
        environment = {**step.environment, RUN_VARIABLE: self._journal.run.id}
        try:
            child = start_tool(step.argv, environment, self._output.tool_end, nice, umask)
        except OSError as error:
            raise CannotStart(_not_started(step.argv[0], error)) from error
        self._group = Group(child.pid)
        try:
            return self._stay_with(child)
        finally:
            self._end_all(child)

    def _stay_with(self, child: "subprocess.Popen[bytes]") -> StepEnd:
        self._journal.record(tool=identity(child.pid))
        order = self._accompany(child)
        self._end_all(child)
        while self._output.has_more:
            self._read()
        self._take(Line(self._output.remainder(), True))
        self._proof.take(self._reader.findings())
        self._remember_unfinished()
        is_lost, tail, failed = not order and self._stopped_at is not None, tuple(self._tail), tuple(self._failed)
        return StepEnd(child.returncode, order, self._killed, tail, failed, self._failed_count, is_lost)

    def _accompany(self, child: "subprocess.Popen[bytes]") -> str:
        vigil = Vigil(self._clock.monotonic)
        looked_at = self._clock.monotonic()
        order, due = "", self._journal.tick()
        while child.poll() is None:
            if not self._output.has_more:
                self._orders.wait(min(due, _BETWEEN_LOOKS), self._output.descriptor)
            self._read()
            due = self._journal.tick()
            now = self._clock.monotonic()
            if now - looked_at >= _BETWEEN_LOOKS:
                looked_at = now
                self._look(vigil)
            order = self._obey(child.pid) or order
            self._orders.wait(_BETWEEN_READS)
        return order

    def _read(self) -> None:
        for line in self._output.read():
            self._take(line)
        self._proof.take(self._reader.findings())

    def _take(self, line: Line) -> None:
        progress = self._reader.progress(line.text)
        if progress is not None:
            self._show(progress)
        if line.is_whole and line.text:  # also behind a figure: an error goes to another stream than those
            self._keep(line.text)

    def _show(self, progress: Progress) -> None:
        if self._journal.run.state is RunState.CHECKING and self._phase is not RunState.CHECKING:
            self._journal.move(self._phase)
        run = self._journal.run
        if self._purpose == "verify":
            progress = with_total(progress, run)
            self._journal.note(run.note if self._is_stalled else comparing(progress))
        if self._purpose == "transfer" or run.kind not in WRITING:
            self._named = progress.current_file
            progress = progress._replace(current_file=self._named or run.progress.current_file)
            self._journal.figures(progress, settled_bytes=self._reader.settled_bytes())

    def _keep(self, line: bytes) -> None:
        notice = self._reader.notice(line)
        if notice is None:
            return
        is_farewell = self._stopped_at is not None  # what a tool complains of when we stop it is no failure
        self._journal.say("info" if is_farewell else notice.level, notice.text)
        if notice.level in ("warn", "error", "info"):
            self._tail.append(notice.text)
        if notice.deleted_file and self._phase is RunState.DELETING:
            self._journal.one_deleted()
        if notice.failed_file:
            self._failed_count += 1
            if len(self._failed) < 100:
                self._failed.append(notice.failed_file)

    def _look(self, vigil: Vigil) -> None:
        """Once a second: what has it open, does it still work?"""
        self._orders.look()
        pids = self._group.members()
        self._remember_open(pids)
        self._name_silence(vigil.look(self._journal.run.progress, io_total(pids)))

    def _remember_open(self, pids: list[int]) -> None:
        seen = open_work(self._engine, pids, self._source, self._dest)
        self._journal.current_file(seen.current_file or self._named)
        if set(seen.temporary) != set(self._temporary):
            kept = {*seen.temporary, *leftovers.still_there(self._engine, self._temporary)}
            self._temporary = tuple(sorted(kept))
            self._journal.remember(self._temporary)

    def _name_silence(self, silence: float) -> None:
        if silence < self._stall_seconds:
            if self._is_stalled:
                self._is_stalled = False
                self._journal.note("")
                self._journal.say("info", "It goes on.")
            return
        if not self._is_stalled:
            self._is_stalled = True
            self._journal.say("warn", f"Stalled: no byte, no file and no reading for {duration(silence)}.")
        self._journal.note(f"stalled for {round(silence)} s")

    def _obey(self, pid: int) -> str:
        """Stop the tool if it was ordered, or works on without its other side; kill it if it does not go."""
        order = self._orders.current
        if not order and not self._reader.has_lost_host():
            return ""
        now, grace = self._clock.monotonic(), _GRACE if order else _LAST_WORDS
        if self._stopped_at is None:
            self._stopped_at = now
            self._stop(pid, order)
        elif now - self._stopped_at >= grace and not self._killed:
            self._killed = True
            self._journal.say("warn", f"It did not stop within {round(grace)} s and is ended by force.")
            self._remember_open(self._group.members())
            end_groups([pid], signal.SIGKILL)
        return order

    def _stop(self, pid: int, order: str) -> None:
        """Held still while its open files are noted, so that none is missed."""
        if order and self._journal.run.state is not RunState.PAUSING:
            self._journal.move(RunState.PAUSING)
        self._remember_open(hold_still([pid], self._clock))
        end_groups([pid], signal.SIGTERM)
        end_groups([pid], signal.SIGCONT)

    def _end_all(self, child: "subprocess.Popen[bytes]") -> None:
        """Nothing of the tool outlives its step.

        Its other processes may still be keeping what they had of a file when the first is gone, so
        they are waited for before they are told.
        """
        told = () if child.poll() is None else ((None, _LAST_WORDS),)
        for number, patience in (*told, (signal.SIGTERM, _GRACE), (signal.SIGKILL, _GRACE)):
            if self._gone_within(child, number, patience):
                return

    def _gone_within(self, child: "subprocess.Popen[bytes]", number: signal.Signals | None, seconds: float) -> bool:
        if number is not None:
            self._killed |= number is signal.SIGKILL
            end_groups([child.pid], number)
            end_groups([child.pid], signal.SIGCONT)
        deadline = self._clock.monotonic() + seconds
        while child.poll() is None or self._group.members():
            if self._clock.monotonic() >= deadline:
                return False
            self._orders.wait(_BETWEEN_READS)
        return True

    def _remember_unfinished(self) -> None:
        earlier = [path for path in self._journal.run.unfinished if os.path.lexists(path)]
        now = leftovers.still_there(self._engine, self._temporary)
        self._journal.remember(tuple(dict.fromkeys([*earlier, *now])))


def _not_started(program: str, error: OSError) -> str:
    """The refusal in words where a program cannot be started."""
    if isinstance(error, FileNotFoundError):
        return f"{program} is not installed any more. Install it again, then start the job."
    if isinstance(error, PermissionError):
        return f"{program} may not be executed by this user. Correct its rights, then start the job."
    reason = (error.strerror or "unknown cause").lower()
    return f"{program} could not be started: {reason}. Look at this machine's memory and process limits."
