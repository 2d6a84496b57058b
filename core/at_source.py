"""What becomes of the source's files behind a comparison: here they stay; deleting them is `deletion`'s."""

from collections.abc import Callable
from typing import Protocol

from core.journal import RunJournal
from core.runner import StepEnd
from engines.base import Context, Step, Verdict
from models.findings import Verification

CarryOut = Callable[[Step], tuple[StepEnd, Verdict]]


class AtSource(Protocol):
    """Asked once for each try of a run."""

    def begin(self) -> None:
        """A new try: what was noted for an earlier one says nothing about it."""

    def prepare(self) -> None:
        """Note how the source stands, before the comparison begins."""

    def carry_out(
        self, end: StepEnd, verdict: Verdict, found: Verification, context: Context, carry_out: CarryOut
    ) -> tuple[StepEnd, Verdict]:
        """Do what the comparison allows; the end and the verdict with that in it. `StoreUnavailable`."""


class SourceStays:
    """For runs that delete nothing, and for the one that was told to skip it."""

    def __init__(self, journal: RunJournal) -> None:
        self._journal = journal

    def begin(self) -> None:
        deletion = self._journal.run.deletion
        if deletion and deletion.phase == "skipped":
            self._journal.say("info", deletion.reason)

    def prepare(self) -> None:
        """There is nothing to note."""

    def carry_out(
        self,
        end: StepEnd,
        verdict: Verdict,
        found: Verification,  # noqa: ARG002
        context: Context,  # noqa: ARG002
        carry_out: CarryOut,  # noqa: ARG002
    ) -> tuple[StepEnd, Verdict]:
        return end, verdict
