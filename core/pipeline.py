"""One try of a run: its steps one after the other, each judged; tries, waits and ends are `supervision`'s."""

from shlex import join

from core.deletion import SourceDeletion
from core.journal import RunJournal
from core.orders import Orders
from core.output_file import OutputFile
from core.plan import Plan
from core.proof import Proof, judged
from core.runner import StepEnd, StepRunner
from core.selection import for_tool
from core.verdicts import judge
from engines.base import Context, Engine, Step, Verdict
from models.findings import Verification
from models.run import GOOD
from storage.data_folder import DataFolder
from utils.clock import Clock


class Pipeline:
    """Carries out the steps of a plan. Lives in the supervisor's only thread."""

    def __init__(
        self, folder: DataFolder, journal: RunJournal, orders: Orders, engine: Engine, plan: Plan, proof: Proof,
        deletion: SourceDeletion, clock: Clock, umask: int,
    ) -> None:  # fmt: skip
        self._journal, self._orders, self._engine = journal, orders, engine
        self._plan, self._proof, self._clock, self._umask = plan, proof, clock, umask
        self._deletion = deletion
        self._output = folder.run_folder(journal.run.job_id, journal.run.id) / "tool.out"

    def one_try(self, context: Context) -> tuple[StepEnd, Verdict]:
        """All steps once; the first that does not end well ends the try."""
        self._proof.begin()
        self._deletion.begin()
        context = for_tool(self._engine, context)
        waiting = list(self._engine.steps(self._plan.job, context))
        while True:
            step = waiting.pop(0)
            if step.purpose == "verify":
                self._deletion.prepare()
            end, verdict = self.carry_out(step)
            if verdict.state not in GOOD or end.order:
                return end, verdict
            if more := self._engine.followup(step, self._plan.job, context, self._proof.tallies):
                waiting.insert(0, more)
            elif step.purpose == "verify":
                verdict, found = self._verified(verdict)
                end, verdict = self._deletion.carry_out(end, verdict, found, context, self.carry_out)
            if verdict.state not in GOOD or not waiting:
                return end, verdict

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
        if step.purpose == "transfer":
            self._journal.record(statistics=reader.statistics())
        self._journal.record(tallies=self._proof.tallies)
        return end, judge(self._engine, end, step.purpose)

    def _verified(self, verdict: Verdict) -> tuple[Verdict, Verification]:
        found = self._proof.verification("checksum", ended=True)
        self._journal.record(verification=found)
        return judged(verdict, found), found
