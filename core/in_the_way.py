"""Which files in the way of a restore are newer than the copy's; it looks at times and replaces nothing."""

import os
from collections.abc import Iterable, Iterator

from core.journal import RunJournal
from core.pipeline import Pipeline
from core.plan import Plan
from core.proof import Proof
from core.runner import StepEnd
from engines.base import Context, Engine, Location, Verdict
from models.findings import Finding
from models.run import GOOD
from storage.data_folder import DataFolder
from storage.findings import each_finding
from utils.clock import parse_utc


class RestorePreview:
    """Stands in the pipeline's place for the preview of a restore. Lives in the supervisor's only thread."""

    def __init__(
        self, folder: DataFolder, journal: RunJournal, engine: Engine, plan: Plan, proof: Proof, pipeline: Pipeline
    ) -> None:
        self._folder, self._journal, self._engine = folder, journal, engine
        self._plan, self._proof, self._pipeline = plan, proof, pipeline

    def one_try(self, context: Context) -> tuple[StepEnd, Verdict]:
        """What the engine found, and of the files that would be replaced those that are newer."""
        end, verdict = self._pipeline.one_try(context)
        if verdict.state in GOOD and not end.order:
            run = self._journal.run
            changed = each_finding(self._folder, run.job_id, run.id, ("changed",))
            self._proof.take(newer(changed, *self._engine.locations(self._plan.job), self._plan.backup_at))
            self._proof.keep()
            self._journal.record(tallies=self._proof.tallies)
        return end, verdict


def newer(changed: Iterable[Finding], copy: Location, target: Location, backup_at: str) -> Iterator[Finding]:
    """A `newer` finding for each file at the target that was changed after the copy's.

    Where the copy is elsewhere its times are not known here: then what was changed after the
    last good backup began is newer. Nothing is said of a target elsewhere.
    """
    if not target.is_local or not (copy.is_local or backup_at):
        return
    began = parse_utc(backup_at).timestamp() if backup_at else 0.0
    for finding in changed:
        there = _changed_at(target.path, finding.name)
        copied = _changed_at(copy.path, finding.name) if copy.is_local else began
        if there is not None and copied is not None and there > copied + _PRECISION:
            yield Finding("newer", finding.name, finding.size)


_PRECISION = 1.0  # seconds: not every file system keeps fractions


def _changed_at(folder: str, name: bytes) -> float | None:
    try:
        return os.lstat(os.path.join(os.fsencode(folder), name)).st_mtime
    except OSError:
        return None
