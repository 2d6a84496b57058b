"""Sentences about jobs and runs for the pages: state, since when, cause, what to do."""

import re

from core.views import DashboardView, JobView
from flask_app.utils.figures import bytes_of
from flask_app.utils.kinds import done_words, kind_of
from flask_app.utils.moments import seconds_between, when
from models.run import Run, RunState
from utils.sizes import duration, size

TRIGGERS = {
    "hand": "by hand",
    "api": "through the API",
    "command": "from the command line",
    "resume": "as a resume",
    "launch": "at the start of the service",
}
ACTIONS = {
    "start": ("Start", "play"),
    "resume": ("Resume", "play"),
    "retry": ("Retry", "rotate-cw"),
    "pause": ("Pause", "pause"),
    "cancel": ("Cancel", "x"),
    "preview": ("Preview", "eye"),
    "verify": ("Verify now", "shield-check"),
    "enable": ("Enable", "power"),
    "disable": ("Disable", "circle-off"),
    "duplicate": ("Duplicate", "copy"),
    "template": ("Save as template…", "file-plus"),
    "export": ("Export", "download"),
    "rehearse": ("Rehearse a restore", "history"),
}
ENGINE_WORDS = {
    "rsync": "Folders here, servers with ssh, NAS boxes. Keeps owners, rights and links.",
    "rclone": "Clouds and other remotes. Copies files and their times.",
}
VERIFY_WORDS = {
    "fast": (
        "By size and date",
        "Quick. It does not see damage that leaves size and date as they are, such as a flipped bit on a disk.",
    ),
    "checksum": (
        "By content, before copying",
        "Reads every file on both sides and copies again what differs. Takes as long as reading everything.",
    ),
    "verify_after": (
        "By content, after copying",
        "Copies by size and date, then reads everything on both sides. A copy that differs counts as failed.",
    ),
}
DELETION_WORDS = {
    "verify_then_delete": ("All or nothing", "Nothing is deleted unless every file is proven."),
    "per_file": ("File by file", "Each proven file is deleted, also where others could not be proven."),
}
OPTION_WORDS = {
    "hard_links": ("Keep hard links", "Files that are one on the disk stay one in the copy. Needs more memory."),
    "acls": ("Keep access control lists", "Copies permissions beyond owner, group and mode."),
    "xattrs": ("Keep extended attributes", "Copies labels that programs attach to files."),
    "numeric_ids": ("Keep owner numbers", "Copies numbers of owners instead of looking up their names."),
    "one_file_system": ("Stay on one file system", "Leaves out other disks that are mounted below the source."),
    "compress": ("Compress on the way", "Worth it on a slow line, slower on a fast one."),
    "sparse": ("Keep holes in files", "Disk images do not grow to their full size in the copy."),
}

# As core/network words what a run waits for.
_HOST = re.compile(r"\bfor (\S+) to answer")


def copied_bytes(run: Run) -> int:
    """What the run itself sent, by the tool's own report where there is one: a resume sends less than whole files."""
    report = run.statistics
    sent = report.transferred_bytes if report.literal_bytes is None else report.literal_bytes
    return run.progress.bytes_transferred if sent is None else sent


def took(run: Run) -> str:
    return duration(seconds_between(run.started_at, run.ended_at)) if run.started_at else ""


def result(run: Run) -> str:
    """`1.2 GB in 14 min`, or the cause."""
    if run.state is RunState.DONE:
        return f"{size(copied_bytes(run))} in {took(run)}"
    if run.state in {RunState.PAUSED, RunState.INTERRUPTED}:
        kept = f"{bytes_of(run.progress)} kept" if run.progress.bytes_transferred else ""
        return run.outcome.reason or kept or "Nothing was copied yet"
    return run.outcome.reason or run.note


def job_sentence(view: JobView) -> str:
    """The second line of a job's state in a list."""
    if view.active:
        return view.active.note
    if view.doubt == "foreign":
        return "Started by another program on this data folder. It is left alone."
    if view.doubt == "abandoned":
        return "The file says that it runs, but nothing does it."
    if view.problem:
        return view.problem
    if view.unproven:
        return view.unproven.outcome.reason
    if view.state == "disabled":
        return "It does not start until it is enabled"
    if view.settled:
        return f"{view.settled.outcome.reason} They had been left out before."
    return result(view.last) if view.last else "It has not run yet"


def attention_state(view: JobView) -> str:
    """`Failed at 06:00`, beside the name in "Needs attention"."""
    if view.doubt == "abandoned":
        return "Says that it runs"
    if view.doubt == "foreign":
        return "Run by another program"
    if view.problem:
        return "Cannot start"
    if view.unproven:
        return f"Not proven {when(view.unproven.ended_at)}"
    if view.last and view.last.state is RunState.DONE_WITH_WARNINGS:
        return "Done with warnings"
    if view.state == "interrupted":
        return f"Interrupted{_at_percent(view.last)}" if view.last else "Interrupted"
    return f"Failed {_at(view.last.ended_at)}" if view.last else "Failed"


def _at(text: str) -> str:
    """`at 02:14 today`, `on Mon 16 Nov, 21:00`."""
    words = when(text)
    return f"{'at' if words[0].isdigit() else 'on'} {words}"


def attention_sentence(view: JobView) -> str:
    """Cause and remedy."""
    if view.doubt or view.problem or not view.last:
        return job_sentence(view)
    if view.unproven:
        return f"{view.unproven.outcome.reason} {view.unproven.outcome.next_step}".rstrip()
    return " ".join(part for part in (result(view.last), view.last.outcome.next_step) if part)


def activity(run: Run) -> str:
    """`finished in 14 min, 1.2 GB copied`: what follows the job's name in the activity list."""
    name = "" if run.kind == "backup" else f"{kind_of(run).name.lower()} "
    return name + _what_happened(run)


def _what_happened(run: Run) -> str:
    if run.state is RunState.DONE:
        return done_words(run, took(run), copied_bytes(run))
    if run.state in {RunState.DONE_WITH_WARNINGS, RunState.FAILED}:
        verb, joint = ("failed", ":") if run.state is RunState.FAILED else ("finished", ";")
        return f"{verb}{joint} {in_sentence(gist(run.outcome.reason))}" if run.outcome.reason else verb
    if run.state is RunState.PAUSED:
        return f"paused{_at_percent(run)}"
    if run.state is RunState.INTERRUPTED:
        return f"was interrupted{_at_percent(run)}"
    if run.state is RunState.CANCELLED:
        return "was taken out of the queue"
    if run.state is RunState.DELETING:
        return "deletes proven files at the source"
    if run.state in {RunState.QUEUED, RunState.WAITING}:
        return f"waits: {in_sentence(run.note)}" if run.note else "waits for its turn"
    return f"started {TRIGGERS.get(run.trigger, '')}".rstrip()


def _at_percent(run: Run) -> str:
    return "" if run.progress.percent is None else f" at {int(run.progress.percent)} %"


def gist(reason: str) -> str:
    """A reason without its details: what stands before the colon, if that is more than a word or two."""
    first, colon, _ = reason.partition(": ")
    return first if colon and first.count(" ") > 1 else reason


def in_sentence(text: str) -> str:
    """A sentence as part of another: no full stop, small first letter where it is an article."""
    text = text.removesuffix(".")
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first in {"The", "A", "An", "This", "No", "It"} else text


def waiting_hosts(board: DashboardView) -> dict[str, tuple[JobView, ...]]:
    """What jobs wait for on the network (`nas.lan`), and which jobs."""
    found: dict[str, tuple[JobView, ...]] = {}
    for view in board.waiting:
        note = view.active.note if view.active else ""
        if host := _HOST.search(note):
            found[host[1]] = (*found.get(host[1], ()), view)
    return found


def moment_of_run(run: Run) -> str:
    return run.ended_at or run.started_at or run.created_at


def run_title(run: Run) -> str:
    """`Run of 07:02 today`, `Verification of 07:02 today`."""
    return f"{kind_of(run).name} of {when(run.started_at or run.created_at)}"
