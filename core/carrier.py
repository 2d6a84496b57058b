"""Who carries out the tries of a run: the pipeline, or what stands around it on the way back; no logic of its own."""

from typing import Protocol

from core.journal import RunJournal
from core.orders import Orders
from core.pipeline import Pipeline
from core.plan import Plan
from core.proof import Proof
from core.runner import StepEnd
from engines.base import Context, Engine, Verdict
from storage.data_folder import DataFolder
from utils.clock import Clock


class Carrier(Protocol):
    def one_try(self, context: Context) -> tuple[StepEnd, Verdict]:
        """All of the work once; the first part that does not end well ends the try."""


def carrier_of(
    folder: DataFolder, journal: RunJournal, orders: Orders, engine: Engine, plan: Plan, proof: Proof,
    pipeline: Pipeline, clock: Clock,
) -> Carrier:  # fmt: skip
    # Imported where they are needed: a backup's supervisor starts in well under 100 ms and 20 MB.
    if plan.kind == "rehearsal":
        from core.rehearsal import Rehearsal

        return Rehearsal(folder, journal, orders, engine, plan, proof, pipeline, clock)
    if plan.kind == "preview" and plan.original:
        from core.in_the_way import RestorePreview

        return RestorePreview(folder, journal, engine, plan, proof, pipeline)
    if plan.kind == "restore":
        from core.restoration import Restoration

        return Restoration(journal, engine, plan, proof, pipeline)
    return pipeline
