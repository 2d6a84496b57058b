"""What the steps of a run found out, collected, counted and judged; it compares nothing itself."""

from collections.abc import Callable, Iterable

from engines.base import Verdict
from models.findings import UNPROVEN, Finding, Tally, Verification, What
from models.run import RunState
from storage.findings import FindingsLog
from utils.text import plural

_COMPARED: tuple[What, ...] = ("verified", "attributes", "mismatch", "missing", "unproven", "meanwhile")


class Proof:
    """The evidence of one run, on disk before it counts. `tell` may say of a finding what it is in this run."""

    def __init__(self, log: FindingsLog) -> None:
        self._log = log
        self.tell: Callable[[Finding], Finding] = lambda finding: finding
        self._tallies: dict[What, Tally] = {}

    def begin(self) -> None:
        """A new try: what an earlier one found proves nothing about this one."""
        self._log.clear()
        self._tallies.clear()

    def take(self, findings: Iterable[Finding]) -> None:
        found = tuple(self.tell(finding) for finding in findings)
        self._log.add(found)
        for finding in found:
            known = self._tallies.get(finding.what, Tally(finding.what))
            self._tallies[finding.what] = Tally(finding.what, known.files + 1, known.bytes + (finding.size or 0))

    def keep(self) -> None:
        """Put on disk what was taken; `StoreUnavailable`."""
        self._log.flush()

    @property
    def tallies(self) -> tuple[Tally, ...]:
        return tuple(self._tallies.values())

    def verification(self, mode: str, ended: bool) -> Verification:
        """What the comparison amounts to; one that did not end by itself has not passed."""
        counts = {what: self._count(what) for what in _COMPARED}
        is_whole = ended and not any(counts[what] for what in UNPROVEN)
        return Verification(
            mode,
            files_checked=sum(counts.values()),
            bytes_checked=sum(tally.bytes for tally in self.tallies if tally.what in _COMPARED),
            mismatches=counts["mismatch"],
            missing=counts["missing"],
            unproven=counts["unproven"],
            passed=is_whole if ended else None,
        )

    def _count(self, what: What) -> int:
        return self._tallies[what].files if what in self._tallies else 0


def judged(verdict: Verdict, found: Verification) -> Verdict:
    """The verdict on a comparison that ended: a copy found wanting is never `done`."""
    if verdict.state is RunState.FAILED or found.passed:
        return verdict
    parts = [
        words
        for number, words in (
            (found.mismatches, f"{plural(found.mismatches, 'file')} at the destination differ from the source"),
            (found.missing, f"{plural(found.missing, 'file')} are missing there"),
            (found.unproven, f"{plural(found.unproven, 'file')} could not be compared"),
        )
        if number
    ]
    return Verdict(
        RunState.FAILED,
        f"The copy is not proven: {', '.join(parts)}.",
        "See the list below. Start the job with the verification “checksum” to copy them again.",
    )
