"""Deletes at the source what this run has proven to be at the destination, and nothing else; it compares nothing.

The files of the source are noted before the comparison begins. Only what is still exactly as noted
afterwards goes, name by name.
"""

import os
from dataclasses import dataclass, replace

from core import deletion_words as words
from core.at_source import CarryOut
from core.deleting import Deleting, batches
from core.durable import make_durable
from core.file_systems import keeps_exact_times
from core.journal import RunJournal
from core.leftovers import sweep
from core.manifest import Manifest, Overlapping
from core.orders import Orders
from core.overlap import overlap
from core.plan import Plan
from core.proof import Proof
from core.runner import StepEnd
from core.selection import for_tool
from core.tree import Tree
from engines.base import Context, Engine, Verdict
from models.findings import PROVEN, Deletion, Verification
from models.job import Job
from models.run import GOOD, RunState
from storage.deletions_log import DeletionsLog, named
from storage.findings import FindingsLog, verified_names
from utils.clock import Clock
from utils.text import plural

_EXACT_TICK, _COARSE_TICK = 0.05, 2.1  # seconds: how long two changes of a file may carry the same time
_LOOK = 0.2


@dataclass(frozen=True, slots=True)
class Places:
    """Where names of findings are rooted on this machine: `source`, and `copy` ("" = elsewhere).

    `dest` is the local destination as typed ("" = elsewhere), `only` the name of a single file (b"" = a folder).
    """

    source: str
    copy: str
    dest: str
    only: bytes = b""


def places_of(engine: Engine, job: Job) -> Places:
    copy, original = engine.restored(job)
    there, here = engine.locations(job._replace(source=copy, dest=original))
    _, dest = engine.locations(job)
    places = Places(here.path if here.is_local else "", there.path if there.is_local else "", dest.path)
    if not dest.is_local:
        places = replace(places, dest="")
    if not os.path.isfile(places.source.rstrip("/")):
        return places
    folder, name = os.path.split(places.source.rstrip("/"))
    return replace(places, source=folder, copy=os.path.dirname(places.copy.rstrip("/")), only=os.fsencode(name))


class SourceDeletion:
    """Asked once for each try of a run: `begin`, `prepare` before the comparison, `carry_out` behind it."""

    def __init__(
        self, journal: RunJournal, orders: Orders, engine: Engine, plan: Plan, proof: Proof, findings: FindingsLog,
        log: DeletionsLog, clock: Clock,
    ) -> None:  # fmt: skip
        self._journal, self._orders, self._engine, self._plan = journal, orders, engine, plan
        self._proof, self._findings, self._log, self._clock = proof, findings, log, clock
        self._manifest: Manifest | None = None
        self._places = Places("", "", "")
        self._refusal = ""

    def begin(self) -> None:
        """What was noted for an earlier try says nothing about this one."""
        if self._manifest:
            self._manifest.close()
        self._manifest, self._refusal = None, ""
        if self._deletion.phase == "skipped":
            self._journal.say("info", self._deletion.reason)

    def prepare(self) -> None:
        """Note how the source stands, once in a try. An order cuts it short: then nothing may be deleted."""
        if not self._plan.deletion_mode or self._manifest or self._refusal:
            return
        self._places = places_of(self._engine, self._plan.job)
        if not self._places.source:
            return
        try:
            self._refusal = self._note(self._places)
        except Overlapping:
            self._refusal = words.OVERLAPS
        except OSError as error:
            self._refusal = words.unreadable(error)

    def _note(self, places: Places) -> str:
        """The refusal, where there is one already."""
        if places.dest and overlap(places.source, places.dest):
            return words.OVERLAPS
        copy = Tree(places.copy) if places.copy else None
        self._manifest = Manifest(Tree(places.source), copy, places.only)
        for _ in self._manifest.take():
            self._journal.note(f"noting the source's files: {len(self._manifest):,}")
            if not self._goes_on(0):
                return words.NOT_COMPARED
        self._let_time_pass(_EXACT_TICK if keeps_exact_times(places.source) else _COARSE_TICK)
        return ""

    def _let_time_pass(self, seconds: float) -> None:
        """So that no change after this carries the time of one before it."""
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0 and self._goes_on(left):
            pass

    def _goes_on(self, seconds: float = _LOOK) -> bool:
        """Wait a little and show what is to be shown; False once there is an order."""
        self._journal.tick()
        self._orders.wait(seconds)
        self._orders.look()
        return not self._orders.current

    def carry_out(
        self, end: StepEnd, verdict: Verdict, found: Verification, context: Context, carry_out: CarryOut
    ) -> tuple[StepEnd, Verdict]:
        """Delete what the comparison `found` allows; the end and the verdict with that in it. `StoreUnavailable`."""
        if not self._plan.deletion_mode:
            return end, verdict
        refusal = self._refused(found, verdict) or self._unsafe(self._places)
        if self._orders.current and verdict.state in GOOD:
            return end._replace(order=self._orders.current), verdict._replace(state=RunState.FAILED)
        if refusal:
            return end, self._refuse(verdict, refusal)
        self._sweep()
        self._begin_deleting()
        if self._manifest is None:
            return self._elsewhere(end, verdict, context, carry_out)
        return self._here(end, verdict, self._manifest)

    def _refused(self, found: Verification, verdict: Verdict) -> str:
        """Why nothing may be deleted, as far as the comparison decides.

        Files that the source changed meanwhile are no fault of the copy: they stay, the others go.
        """
        if found.passed is None:
            return words.NOT_COMPARED
        if found.mode == "download" and not self._places.source:
            return words.NO_CHECKSUM
        is_wanting = found.mismatches or found.missing or found.unproven or verdict.state not in GOOD
        if self._plan.deletion_mode != "per_file" and is_wanting:
            return words.NOT_PROVEN
        return self._refusal

    def _unsafe(self, places: Places) -> str:
        """Put the copy on its disk; why that is not enough to delete anything ("" = it is)."""
        if not places.copy:
            self._journal.say("warn", "How much room is left at the destination cannot be known from here.")
            return ""
        if refusal := words.too_full(places.copy):
            return f"{refusal} Nothing was deleted."
        trees = [self._manifest.source, self._manifest.copy] if self._manifest else [Tree(places.copy)]
        self._journal.note("putting the copy on the disk")
        try:
            copy = trees[-1] or Tree(places.copy)
            make_durable(copy.root, bool(self._manifest and len(self._manifest.devices) == 1), self._goes_on)
        except OSError as error:
            return words.not_durable(error)
        return "" if all(tree.is_in_place() for tree in trees if tree) else words.MOVED_AWAY

    def _refuse(self, verdict: Verdict, refusal: str) -> Verdict:
        deletion = self._deletion._replace(phase="refused", reason=refusal)
        self._journal.record(deletion=deletion)
        self._journal.say("warn", refusal)
        return words.ended(verdict, deletion, refusal)

    @property
    def _deletion(self) -> Deletion:
        return self._journal.run.deletion or Deletion(self._plan.deletion_mode)

    def _sweep(self) -> None:
        """What stopped tries left at the destination is known by its namesakes in the source: it goes first."""
        if self._places.dest and (removed := sweep(self._engine, self._plan.job, self._journal.run)):
            self._journal.say("info", f"Removed {plural(removed, 'temporary file')} of stopped tries.")

    def _begin_deleting(self) -> None:
        """Into the record and the list, before the first file goes."""
        total = sum(tally.files for tally in self._proof.tallies if tally.what in PROVEN)
        self._log.write("begun", [{"source": self._places.source or self._plan.job.source, "files": total}])
        deletion = Deletion(self._plan.deletion_mode, "deleting", files_total=total)
        self._journal.move(RunState.DELETING, note=words.under_way(deletion), deletion=deletion)

    def _here(self, end: StepEnd, verdict: Verdict, manifest: Manifest) -> tuple[StepEnd, Verdict]:
        work = Deleting(manifest, self._journal, self._proof, self._log)
        is_whole = work.delete(verified_names(self._findings.verified), self._may_go_on)
        return self._close(end, verdict, work.deletion, words.told(work.deletion, work.kept), is_whole)

    def _may_go_on(self) -> bool:
        """Asked again and again: neither an order nor a disk that filled up meanwhile."""
        self._refusal = words.too_full(self._places.copy) if self._places.copy else ""
        return self._goes_on(0) and not self._refusal

    def _elsewhere(
        self, end: StepEnd, verdict: Verdict, context: Context, carry_out: CarryOut
    ) -> tuple[StepEnd, Verdict]:
        """By the engine's tool, from the list of proven names; it looks at each of them once more itself."""
        chosen = for_tool(self._engine, context._replace(selection=str(self._findings.verified)), overlapping=False)
        step = self._engine.deletion_step(self._plan.job, chosen)
        if step is None:
            return end, self._refuse(verdict, words.CANNOT)
        for batch in batches(verified_names(self._findings.verified)):
            self._log.write("about", [named(name) for name in batch])
        end_of_step, judged = carry_out(step)
        if judged.state not in GOOD and (judged.retry or end_of_step.order):
            return end_of_step, judged
        deletion = words.counted(self._deletion, self._proof.tallies, judged.state is RunState.DONE)
        sentence = " ".join(filter(None, (words.told_elsewhere(deletion), judged.reason)))
        return self._close(end, verdict, deletion, sentence, is_whole=True)

    def _close(
        self, end: StepEnd, verdict: Verdict, deletion: Deletion, sentence: str, is_whole: bool
    ) -> tuple[StepEnd, Verdict]:
        """The record of what was done, and the verdict on the run with it."""
        sentence = " ".join(filter(None, (sentence, self._refusal)))
        order = "" if is_whole or self._refusal else self._orders.current
        phase = "completed" if is_whole else "refused" if self._refusal else "deleting"
        deletion = deletion._replace(phase=phase, reason="" if is_whole else self._refusal)
        self._log.write("ended", [{"phase": phase, "files": deletion.files_deleted}])
        self._journal.record(deletion=deletion, tallies=self._proof.tallies, note="")
        if order:
            self._journal.say("info", sentence)
            return end._replace(order=order), verdict._replace(state=RunState.FAILED)
        return end, words.ended(verdict, deletion, sentence)
