"""What the steps of a run found out, collected, counted and judged; it compares nothing itself."""

from collections.abc import Callable, Iterable

from engines.base import Verdict
from models.findings import UNPROVEN, Finding, Tally, Verification, What
from models.run import RunState
from storage.findings import FindingsLog
from utils.sizes import size
from utils.text import plural

_COMPARED: tuple[What, ...] = ("verified", "attributes", "mismatch", "missing", "unproven", "meanwhile")
_PIECE = 2000


class Proof:
    """The evidence of one run, on disk before it counts. `tell` may say of a finding what it is in this run."""

    def __init__(self, log: FindingsLog) -> None:
        self._log = log
        self.tell: Callable[[Finding], Finding] = lambda finding: finding
        self._waiting: list[Finding] = []
        self._tallies: dict[What, Tally] = {}

    def begin(self) -> None:
        """A new try: what an earlier one found proves nothing about this one."""
        self._log.clear()
        self._waiting.clear()
        self._tallies.clear()

    def take(self, findings: Iterable[Finding]) -> None:
        """Any number of findings: they are put on disk piece by piece. `StoreUnavailable`."""
        for finding in findings:
            self._waiting.append(self.tell(finding))
            if len(self._waiting) >= _PIECE:
                self.keep()

    def keep(self) -> None:
        """Put on disk what was taken, and count it; `StoreUnavailable`."""
        self._log.add(self._waiting)
        self._log.flush()
        for finding in self._waiting:
            known = self._tallies.get(finding.what, Tally(finding.what))
            self._tallies[finding.what] = Tally(finding.what, known.files + 1, known.bytes + (finding.size or 0))
        self._waiting.clear()

    @property
    def tallies(self) -> tuple[Tally, ...]:
        return tuple(self._tallies.values())

    def verification(self, mode: str, ended: bool, verdict: Verdict | None = None) -> Verification:
        """What the comparison amounts to; one that did not end by itself has neither passed nor failed.

        `verdict` is the tool's: it may know of something that it could not compare.
        """
        counts = {what: self.count(what) for what in _COMPARED}
        is_whole = verdict is None or verdict.state is RunState.DONE
        return Verification(
            mode,
            files_checked=sum(counts.values()),
            bytes_checked=sum(tally.bytes for tally in self.tallies if tally.what in _COMPARED),
            mismatches=counts["mismatch"],
            missing=counts["missing"],
            unproven=counts["unproven"],
            passed=is_whole and not any(counts[what] for what in (*UNPROVEN, "meanwhile")) if ended else None,
        )

    def count(self, what: What) -> int:
        return self._tallies[what].files if what in self._tallies else 0


def judged(verdict: Verdict, found: Verification, proof: Proof) -> Verdict:
    """The verdict on a comparison that ended: a copy found wanting is never `done`.

    What the source changed meanwhile is no fault of the copy; it is not proven either.
    """
    if verdict.state is RunState.FAILED:
        return verdict
    if found.passed:
        return Verdict(verdict.state, _all_the_same(found, proof.count("attributes")))
    if wanting := _wanting(found):
        return Verdict(RunState.FAILED, f"The copy is not proven: {', '.join(wanting)}.", _next_step(found))
    if verdict.state is not RunState.DONE:
        return Verdict(RunState.FAILED, f"The copy is not proven. {verdict.reason}", verdict.next_step)
    changed = proof.count("meanwhile")
    words = f"{plural(found.files_checked - changed, 'file')} compared, all the same."
    return Verdict(
        RunState.DONE_WITH_WARNINGS,
        f"{words} {plural(changed, 'file')} changed at the source during the run and "
        f"{'is' if changed == 1 else 'are'} not proven.",
        "The next run copies and compares them again.",
    )


def _all_the_same(found: Verification, attributes: int) -> str:
    """`5,000 files compared, all the same. Proven.`"""
    if not found.files_checked:
        return "There was no file to compare."
    words = f"{plural(found.files_checked, 'file')} compared, {size(found.bytes_checked)}, all the same. Proven."
    if attributes:
        words += f" Of {plural(attributes, 'file')} only owner, rights or times differ."
    return words


def _wanting(found: Verification) -> list[str]:
    kinds = (
        (found.mismatches, "at the destination differs from the source", "at the destination differ from the source"),
        (found.missing, "is missing there", "are missing there"),
        (found.unproven, "could not be compared", "could not be compared"),
    )
    return [f"{plural(number, 'file')} {one if number == 1 else many}" for number, one, many in kinds if number]


def _next_step(found: Verification) -> str:
    if found.mismatches:
        return "See the list of files. A run with the verification “checksum” copies again what differs."
    if found.missing:
        return "See the list of files. Run the job to copy what is missing."
    return "See the list of files and the log: somebody has to be given the right to read them."
