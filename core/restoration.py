"""A restore: what was there and was not to be replaced is told from what is damaged; files are the pipeline's."""

import os

from core.journal import RunJournal
from core.pipeline import Pipeline
from core.plan import Plan
from core.proof import Proof
from core.runner import StepEnd
from engines.base import Context, Engine, Verdict
from models.findings import Finding
from models.run import GOOD, RunState
from utils.clock import parse_utc
from utils.text import plural


class Restoration:
    """Stands around the pipeline. Lives in the supervisor's only thread."""

    def __init__(self, journal: RunJournal, engine: Engine, plan: Plan, proof: Proof, pipeline: Pipeline) -> None:
        self._journal, self._plan, self._proof, self._pipeline = journal, plan, proof, pipeline
        _, target = engine.locations(plan.job)
        self._target = os.fsencode(target.path) if target.is_local else b""
        if not plan.overwrite:
            proof.tell = self._told

    def one_try(self, context: Context) -> tuple[StepEnd, Verdict]:
        """All steps once, and what came of them in the words of a restore."""
        end, verdict = self._pipeline.one_try(context)
        found = self._journal.run.verification
        if end.order or found is None:
            return end, verdict
        if found.passed is False and verdict.state is RunState.FAILED:
            wrong = found.mismatches + found.missing + found.unproven
            return end, verdict._replace(reason=_NOT_EQUAL.format(plural(wrong, "file")), next_step=_THEN)
        left = self._proof.count("left")
        if left and verdict.state in GOOD:
            verdict = verdict._replace(reason=f"{plural(left, 'other version')} {_LEFT} {verdict.reason}".strip())
        return end, verdict

    def _told(self, finding: Finding) -> Finding:
        """A file that differs was left as it was, if it has not been touched since the restore was first begun.

        Of a target elsewhere that cannot be told: there nothing was replaced, so it is what was there.
        """
        if finding.what != "mismatch" or not self._was_there(finding.name):
            return finding
        return finding._replace(what="left")

    def _was_there(self, name: bytes) -> bool:
        if not self._target:
            return True
        began = parse_utc(self._plan.began_at or self._journal.run.created_at).timestamp()
        try:
            return os.lstat(os.path.join(self._target, name)).st_ctime < began
        except OSError:
            return False


_LEFT = "that were there already were left as they are."
_NOT_EQUAL = "{} of the restored ones could not be shown to equal the copy."
_THEN = "See the list below, and restore them once more to a new folder."
