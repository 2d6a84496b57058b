"""What a deletion at the source says of itself: sentences; it decides nothing."""

import os
from collections.abc import Iterable, Mapping
from typing import Literal

from engines.base import Verdict
from models.findings import PROVEN, Deletion, Tally
from models.run import GOOD, RunState
from utils.sizes import size
from utils.text import plural

Reason = Literal["changed", "busy", "refused", "gone", "elsewhere"]
NOT_PROVEN = "The copy is not proven, so nothing was deleted at the source."
NOT_COMPARED = "The comparison did not reach its end, so nothing was deleted at the source."
OVERLAPS = "Source and destination are, or hold, the same folder, so nothing was deleted at the source."
MOVED_AWAY = "Source or destination is not the folder any more that was compared, so nothing was deleted at the source."
CANNOT = "The tool cannot delete at this source, so nothing was deleted there."
# There the tool could only compare sizes once more before it deletes.
NO_CHECKSUM = (
    "Source and copy have no kind of checksum in common, so it could not be told whether a file changed since it was "
    "compared. Nothing was deleted at the source."
)
SKIPPED = "This run was told to leave the source as it is."
MARGIN = 10
REASONS: dict[Reason, str] = {
    "changed": "changed meanwhile",
    "busy": "open for writing in another program",
    "refused": "deleting was refused",
    "gone": "gone already",
    "elsewhere": "the log says why",
}


def unreadable(error: OSError) -> str:
    reason = (error.strerror or "input/output error").lower()
    return f"The source or its copy could not be looked at ({reason}), so nothing was deleted at the source."


def not_durable(error: OSError) -> str:
    reason = (error.strerror or "input/output error").lower()
    return (
        f"The destination's disk reported an error ({reason}), so nothing was deleted at the source. Check that disk."
    )


def too_full(path: str) -> str:
    """A refusal where the file system of `path` has less free than the margin, "" where it has more or does not say."""
    try:
        found = os.statvfs(path)
    except OSError as error:
        return unreadable(error)
    if found.f_blocks and 100 * found.f_bavail < MARGIN * found.f_blocks:
        free = 100 * found.f_bavail / found.f_blocks
        return f"The destination has only {free:.1f} % free. Deleting at the source needs {MARGIN} %."
    return ""


def knows_its_size(path: str) -> bool:
    return os.statvfs(path).f_blocks > 0


def under_way(deletion: Deletion) -> str:
    """`deleting: 120 of 2,000 files, 1.2 GB`"""
    total = plural(deletion.files_total, "file")
    return f"deleting: {deletion.files_deleted:,} of {total}, {size(deletion.bytes_deleted)}"


def told(deletion: Deletion, kept: Mapping[Reason, int]) -> str:
    """`Deleted at the source: 1,997 files, 1.2 GB. 3 files stayed there: 2 changed meanwhile, 1 open for …`"""
    amount = f", {size(deletion.bytes_deleted)}" if deletion.bytes_deleted else ""
    gone = f"Deleted at the source: {plural(deletion.files_deleted, 'file')}{amount}."
    if not deletion.files_kept:
        return gone
    reasons = ", ".join(f"{number:,} {REASONS[reason]}" for reason, number in kept.items() if reason != "gone")
    return f"{gone} {plural(deletion.files_kept, 'file')} stayed there: {reasons}."


def counted(deletion: Deletion, tallies: Iterable[Tally], had_no_trouble: bool) -> Deletion:
    """What a tool deleted: as many as it named. Some name none (an rsync daemon); then all, if nothing went wrong."""
    went = deletion.files_deleted or (deletion.files_total if had_no_trouble else 0)
    kept = max(0, deletion.files_total - went)
    proven = sum(tally.bytes for tally in tallies if tally.what in PROVEN)
    return deletion._replace(files_deleted=went, files_kept=kept, bytes_deleted=0 if kept else proven)


def told_elsewhere(deletion: Deletion) -> str:
    if deletion.files_total and not deletion.files_deleted:
        return f"Of {plural(deletion.files_total, 'file')} the other side does not say which it deleted; look there."
    return told(deletion, {"elsewhere": deletion.files_kept})


def ended(verdict: Verdict, deletion: Deletion, sentence: str) -> Verdict:
    """The verdict on the copy with what became of the source: whatever stayed there is a warning."""
    is_whole = deletion.phase == "completed" and not deletion.files_kept
    state = verdict.state if is_whole or verdict.state not in GOOD else RunState.DONE_WITH_WARNINGS
    return verdict._replace(state=state, reason=" ".join(filter(None, (verdict.reason, sentence))))
