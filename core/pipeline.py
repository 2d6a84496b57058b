"""One try of a run: its steps one after the other, each judged; tries, waits and ends are `supervision`'s."""

from shlex import join
from typing import Any

from core.at_source import AtSource
from core.journal import RunJournal
from core.orders import Orders
from core.output_file import OutputFile
from core.plan import Plan
from core.proof import Proof, judged
from core.runner import StepEnd, StepRunner
from core.selection import for_tool
from core.verdicts import foreseen, judge, repaired, with_earlier
from engines.base import Context, Engine, Step, Verdict
from models.findings import Verification
from models.run import GOOD, WRITING, RunState, Statistics
from storage.data_folder import DataFolder
from utils.clock import Clock


class Pipeline:
    """Carries out the steps of a plan. Lives in the supervisor's only thread."""

    def __init__(
        self, folder: DataFolder, journal: RunJournal, orders: Orders, engine: Engine, plan: Plan, proof: Proof,
        at_source: AtSource, clock: Clock, umask: int,
    ) -> None:  # fmt: skip
        self._journal, self._orders, self._engine = journal, orders, engine
        self._plan, self._proof, self._clock, self._umask = plan, proof, clock, umask
        self._at_source = at_source
        self._output = folder.run_folder(journal.run.job_id, journal.run.id) / "tool.out"

    def one_try(self, context: Context) -> tuple[StepEnd, Verdict]:
        """All steps once; the first that does not end well ends the try."""
        self._forget()
        context = for_tool(self._engine, context)
        waiting = list(self._engine.steps(self._plan.job, context))
        before: tuple[StepEnd, Verdict] | None = None
        while True:
            step = waiting.pop(0)
            if step.purpose == "verify":
                self._at_source.prepare()
            end, verdict = self.carry_out(step)
            if verdict.state not in GOOD:
                return end, verdict
            more = self._engine.followup(step, self._plan.job, context, self._proof.tallies)
            if end.order and (more or waiting):
                return end, verdict._replace(state=RunState.FAILED)  # what was to come has not been done
            if more:
                if more.purpose == "verify":
                    self._proof.begin()  # what is compared once more, by other means, is judged by that alone
                waiting.insert(0, more)
                continue
            if step.purpose == "verify":
                verdict, found = self._verified(verdict)
                end, verdict = self._at_source.carry_out(end, verdict, found, context, self.carry_out)
            end, verdict = with_earlier(before, end, verdict)
            if verdict.state not in GOOD or not waiting:
                return end, verdict
            before = end, verdict

    def _forget(self) -> None:
        """What an earlier try found out proves nothing about this one."""
        self._proof.begin()
        self._at_source.begin()
        if self._journal.run.verification or self._journal.run.tallies:
            self._journal.record(verification=None, tallies=())

    def carry_out(self, step: Step) -> tuple[StepEnd, Verdict]:
        """One program from start to verdict, its findings on disk."""
        self._journal.say("info", f"Starting {self._engine.name}: {join(step.argv)}")
        run = self._journal.run
        reader = self._engine.reader(self._plan.job, run.settled_bytes, run.progress.total_bytes, step.purpose)
        output = OutputFile(self._output)
        try:
            runner = StepRunner(
                self._journal, self._orders, self._engine, output, self._proof, self._clock, self._plan.stall_seconds
            )
            end = runner.run(step, reader, self._plan.nice, self._umask)
        finally:
            output.close()
        self._proof.keep()
        self._note_down(step, end, reader.statistics())
        return end, self._judged(step, end)

    def _note_down(self, step: Step, end: StepEnd, statistics: Statistics) -> None:
        facts: dict[str, Any] = {"tallies": self._proof.tallies}
        if step.purpose == "transfer":
            facts["statistics"] = statistics
        elif self._journal.run.kind not in WRITING:
            facts["statistics"] = Statistics(files_seen=statistics.files_seen, total_bytes=statistics.total_bytes)
        if step.purpose == "verify":
            facts["verification"] = self._proof.verification(_mode(step), ended=False)
        self._journal.record(note="" if not end.order else self._journal.run.note, **facts)

    def _judged(self, step: Step, end: StepEnd) -> Verdict:
        verdict = judge(self._engine, end, step.purpose)
        if step.purpose == "transfer" and self._plan.kind in ("backup", "retry"):  # a restore is for that
            return repaired(verdict, self._proof.count("changed"))
        if step.purpose == "preview" and verdict.state is RunState.DONE:
            return Verdict(verdict.state, foreseen(self._proof.tallies))
        return verdict

    def _verified(self, verdict: Verdict) -> tuple[Verdict, Verification]:
        run = self._journal.run
        mode = run.verification.mode if run.verification else "checksum"
        found = self._proof.verification(mode, ended=True, verdict=verdict)
        self._journal.record(verification=found)
        return judged(verdict, found, self._proof), found


def _mode(step: Step) -> str:
    return "download" if "--download" in step.argv else "checksum"
