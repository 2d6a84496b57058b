"""What a run's evidence amounts to, in sentences: comparison, deletion, single files; it judges nothing."""

from dataclasses import dataclass

from flask_app.utils.kinds import tally
from models.findings import Deletion, Finding, Verification, What
from models.run import Run, RunState
from utils.sizes import size
from utils.text import plural


@dataclass(frozen=True, slots=True)
class Statement:
    """A title, a sentence below it, and how it looks."""

    title: str
    sentence: str
    icon: str
    tone: str


# In the order in which they are shown. `sentence` says what it means and what becomes of such files.
WHATS = {
    "failed": Statement("Not copied", "They could not be read, or not be written.", "octagon-x", "error"),
    "unset": Statement(
        "Without owner, rights or times", "Copied, but these could not be set.", "triangle-alert", "warn"
    ),
    "mismatch": Statement("Differ", "The content at the destination is not that of the source.", "octagon-x", "error"),
    "missing": Statement("Missing", "Not at the destination.", "octagon-x", "error"),
    "unproven": Statement("Could not be compared", "They cannot be read on both sides.", "triangle-alert", "error"),
    "kept": Statement("Kept at the source", "Changed since, or could not be removed.", "shield-check", "warn"),
    "meanwhile": Statement("Changed meanwhile", "The source changed during the run.", "history", "warn"),
    "attributes": Statement("Other attributes", "Same content, other owner, rights or times.", "info", "neutral"),
    "changed": Statement("Overwritten", "Another version is at the destination.", "file-pen-line", "warn"),
    "newer": Statement("Newer in the way", "Changed after the copy's version.", "triangle-alert", "warn"),
    "copied": Statement("Copied", "There was none at the destination, or another version.", "file-plus", "ok"),
    "deleted": Statement("Deleted at the source", "Each was proven to be in the copy before.", "trash-2", "info"),
    "new": Statement("New", "Not at the destination yet.", "file-plus", "ok"),
    "extra": Statement("Only at the destination", "They stay there.", "info", "neutral"),
    "left": Statement("Left as they were", "Another version was there, and was not replaced.", "info", "neutral"),
    "verified": Statement("Proven", "Compared by content, and the same.", "circle-check", "ok"),
}
WOULD_BE: dict[What, str] = {"changed": "Would be overwritten", "new": "New"}
# What the list on a run's own page is about; the rest is a click away.
TROUBLES: tuple[What, ...] = ("mismatch", "missing", "unproven", "kept", "meanwhile")


def comparison(run: Run) -> Statement | None:
    """How the comparison of a run came out; None where none was asked for, or it has not begun."""
    found = run.verification
    if found is None or found.passed is None:
        return None if run.is_active or (run.kind != "verify" and found is None) else _UNFINISHED
    if run.is_way_back:
        return _way_back(run, found)
    if not found.files_checked and found.passed:
        return Statement("Nothing was compared", "There was no file to compare.", "circle-dashed", "neutral")
    if found.passed:
        return Statement("The copy is proven", _proven(found), "shield-check", "ok")
    return Statement("The copy is not proven", _wanting(run, found), "shield-alert", "warn" if run.is_good else "error")


_UNFINISHED = Statement(
    "The comparison did not end",
    "So it proves nothing. Verify again when you like.",
    "circle-dashed",
    "warn",
)


def _way_back(run: Run, found: Verification) -> Statement:
    """Of a restore or rehearsal: what came back was compared with the copy."""
    if found.passed:
        words = _proven(found).replace("with the source", "with the copy")
        return Statement("What came back is proven", words, "shield-check", "ok")
    tone = "warn" if run.is_good else "error"
    return Statement("What came back is not proven", _wanting(run, found), "shield-alert", tone)


def _proven(found: Verification) -> str:
    many = f"All {plural(found.files_checked, 'file')}" if found.files_checked != 1 else "The one file"
    verb = "were" if found.files_checked != 1 else "was"
    return f"{many} ({size(found.bytes_checked)}) {verb} compared by content with the source and {verb} the same."


def _wanting(run: Run, found: Verification) -> str:
    changed = tally(run, "meanwhile")[0]
    parts = [
        words
        for number, words in (
            (found.mismatches, f"{found.mismatches:,} {'differs' if found.mismatches == 1 else 'differ'}"),
            (found.missing, f"{found.missing:,} {'is' if found.missing == 1 else 'are'} missing"),
            (found.unproven, f"{found.unproven:,} could not be compared"),
            (changed, f"{changed:,} changed at the source meanwhile"),
        )
        if number
    ]
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:]))) or "not all could be compared"
    return f"Of {plural(found.files_checked, 'file')}, {listed}."


def deletion(run: Run) -> Statement | None:
    """What became of the files at the source; None where nothing was to be deleted."""
    found = run.deletion
    if found is None:
        return None
    if found.phase == "waiting":
        return _waiting(run)
    if found.phase == "deleting":
        words = f"{_deleted(found)} so far, of {plural(found.files_total, 'proven file')}."
        if run.is_active:
            return Statement("Deleting at the source", words, "trash-2", "info")
        return Statement("Deleting at the source was stopped", words, "circle-stop", "warn")
    if found.phase == "completed":
        kept = f" {plural(found.files_kept, 'file')} stayed." if found.files_kept else ""
        return Statement("Deleted at the source", f"{_deleted(found)}, each proven before.{kept}", "trash-2", "ok")
    if found.files_deleted:
        return Statement(
            "Deleting at the source was stopped", f"{_deleted(found)}. {found.reason}", "circle-stop", "warn"
        )
    is_asked = found.phase == "skipped"
    looks = ("circle-off", "neutral") if is_asked else ("shield-alert", "warn")
    return Statement("The source stays as it is", found.reason, *looks)


def _waiting(run: Run) -> Statement:
    if run.is_active:
        words = "Proven files are deleted at the source after the comparison. Until then nothing is."
        return Statement("The source is untouched so far", words, "hourglass", "neutral")
    words = "The copy was not proven, so nothing was deleted there."
    return Statement("The source stays as it is", words, "shield-check", "neutral")


def _deleted(found: Deletion) -> str:
    amount = f", {size(found.bytes_deleted)}" if found.bytes_deleted else ""
    return f"{plural(found.files_deleted, 'file')} deleted{amount}"


def in_folder(finding: Finding) -> Finding:
    """The same under its bare name, for where its folder stands above."""
    return finding._replace(name=finding.name.rstrip(b"/").rpartition(b"/")[2])


def whats_of(run: Run) -> tuple[str, ...]:
    """The kinds of findings that a run has, in their order."""
    return tuple(what for what in WHATS if tally(run, what)[0] and not (what == "failed" and _was_stopped(run)))


def _was_stopped(run: Run) -> bool:
    """What a tool complains of when it is stopped is no failure."""
    return run.state in (RunState.PAUSING, RunState.PAUSED, RunState.INTERRUPTED)


def troubles_of(run: Run) -> tuple[What, ...]:
    return tuple(what for what in TROUBLES if tally(run, what)[0])
