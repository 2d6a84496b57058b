"""What each kind of run is called and does, in words; what a run found out is told by `proofs`."""

from dataclasses import dataclass

from models.run import Run, RunState, job_status
from utils.sizes import size
from utils.text import plural


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` begins a title, `deed` stands behind the route on the run's page, `measured` above its bytes.

    `again` is the key of the action that asks for another one ("" = there is no such button).
    """

    name: str
    deed: str
    measured: str
    again: str = ""


KINDS = {
    "backup": Kind("Run", "copy", "Copied"),
    "retry": Kind("Retry", "single files copied", "Copied"),
    "verify": Kind("Verification", "compared by content", "Compared", "verify"),
    "preview": Kind("Preview", "compared", "To copy", "preview"),
    "restore": Kind("Restore", "copied back", "Restored"),
    "rehearsal": Kind("Rehearsal", "restored for a test, compared and removed", "Restored"),
}


def kind_of(run: Run) -> Kind:
    return KINDS[run.kind]


def told_status(run: Run) -> str:
    """The job's legacy word; a run that is no backup leaves it as it was."""
    is_settling = run.kind == "retry" and run.settles and run.state is RunState.DONE
    return job_status(run) if run.kind == "backup" or is_settling else run.status_before


def tally(run: Run, *whats: str) -> tuple[int, int]:
    """Files of a run that were found to be one of `whats`, and their bytes."""
    found = [one for one in run.tallies if one.what in whats]
    return sum(one.files for one in found), sum(one.bytes for one in found)


def to_copy(run: Run) -> tuple[int, int]:
    """What a preview found that a run would copy: files and bytes."""
    return tally(run, "new", "changed")


def done_words(run: Run, took: str, copied: int) -> str:
    """`finished in 14 min, 1.2 GB copied`, for a run that ended well."""
    checked = run.verification.files_checked if run.verification else 0
    if run.kind == "preview":
        files, amount = to_copy(run)
        return f"finished in {took}, {plural(files, 'file')} to copy, {size(amount)}"
    if run.kind == "verify":
        return f"finished in {took}, {plural(checked, 'file')} proven"
    if run.kind == "rehearsal":
        return f"finished in {took}, {plural(checked, 'file')} restored and compared"
    return f"finished in {took}, {size(copied)} {'restored' if run.kind == 'restore' else 'copied'}"
