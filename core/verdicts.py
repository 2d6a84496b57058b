"""How a tool's end becomes a state and a sentence; evidence is the exit, never the text."""

from core.orders import SHUTDOWN
from core.runner import StepEnd
from engines.base import Engine, Purpose, Verdict
from engines.signals import signal_verdict
from models.findings import Tally
from models.progress import Progress
from models.run import GOOD, WRITING, Outcome, Run, RunState
from utils.sizes import size
from utils.text import plural

_NAMED = 100
RETRY_AGAIN = "Ask again for the files that are left out, or start the job."
_HOST_LOST = Verdict(
    RunState.FAILED,
    "The connection to the other side failed.",
    "Check the network and the other side, then start the job again; what was copied is kept.",
    retry=True,
)


def judge(engine: Engine, end: StepEnd, purpose: Purpose = "transfer") -> Verdict:
    """What the end of a step means."""
    if end.is_lost:
        return _HOST_LOST
    if end.code < 0:
        return signal_verdict(-end.code)
    return engine.verdict(end.code, end.tail, purpose)


def outcome_of(end: StepEnd, verdict: Verdict, run: Run) -> Outcome:
    """The end in words, with the evidence."""
    reason = verdict.reason
    if verdict.state is RunState.DONE:
        done = copied(run) if run.kind in WRITING else ""
        reason = " ".join(filter(None, (done, reason)))
    elif verdict.state is RunState.DONE_WITH_WARNINGS and end.failed_count:
        reason = f"{plural(end.failed_count, 'file')} could not be copied. {reason}"
    return Outcome(
        reason=reason,
        next_step=verdict.next_step,
        exit_code=end.code if end.code >= 0 else None,
        signal=-end.code if end.code < 0 else None,
        failed_files=end.failed_files,
        failed_count=end.failed_count,
    )


def copied(run: Run) -> str:
    """`312 files copied, 1.2 GB.`"""
    statistics = run.statistics
    if statistics.files_transferred is None:
        return ""
    if statistics.files_transferred == 0:
        return "Nothing had changed."
    amount = statistics.transferred_bytes or 0
    return f"{plural(statistics.files_transferred, 'file')} copied, {size(amount)}."


def foreseen(tallies: tuple[Tally, ...]) -> str:
    """`10 files would be copied, 1.2 GB, and 2 files replaced, 3.1 MB. Nothing was changed.`"""
    found = {tally.what: tally for tally in tallies}
    new, changed = found.get("new", Tally("new")), found.get("changed", Tally("changed"))
    if not new.files and not changed.files:
        return "Nothing would be copied: the destination has it all."
    parts = [f"{plural(new.files, 'new file')} would be copied, {size(new.bytes)}"] if new.files else []
    if changed.files:
        parts.append(f"{plural(changed.files, 'file')} would be replaced, {size(changed.bytes)}")
    return f"{', and '.join(parts)}. This was a preview: nothing was changed."


def repaired(verdict: Verdict, files: int) -> Verdict:
    """The verdict on a copy by content that met `files` of which size and time did not give away what had happened."""
    if not files or verdict.state not in GOOD:
        return verdict
    held = "file at the destination held" if files == 1 else "files at the destination held"
    reason = f"{files:,} {held} other content than the source, with the same size and time, and"
    return Verdict(
        RunState.DONE_WITH_WARNINGS,
        " ".join(filter(None, (f"{reason} {'was' if files == 1 else 'were'} copied again.", verdict.reason))),
        "If nobody put back a file's time on purpose, check the disks' health: content went bad.",
    )


def with_earlier(earlier: tuple[StepEnd, Verdict] | None, end: StepEnd, verdict: Verdict) -> tuple[StepEnd, Verdict]:
    """A step's end with the warnings of the one before it: a good comparison does not undo them."""
    if earlier is None or verdict.state not in GOOD:
        return end, verdict
    end_before, before = earlier
    end = end._replace(failed_files=(*end_before.failed_files, *end.failed_files)[:_NAMED],
                  failed_count=end_before.failed_count + end.failed_count)  # fmt: skip
    if before.state is RunState.DONE:
        return end, verdict._replace(reason=" ".join(filter(None, (before.reason, verdict.reason))))
    end = end._replace(code=end_before.code)
    reason = " ".join(filter(None, (before.reason, verdict.reason)))
    return end, Verdict(before.state, reason, before.next_step or verdict.next_step)


def stopped(order: str, kind: str = "backup") -> Outcome:
    """A run that we stopped."""
    if kind not in WRITING:
        return Outcome("Stopped before its end, so it proves nothing and nothing was changed.", "Start it again.")
    if kind == "retry":
        return Outcome("Stopped. What was copied is kept.", RETRY_AGAIN)
    if order == SHUTDOWN:
        return Outcome("The machine is shutting down. What was copied is kept.", "Resume carries on there.")
    return Outcome("Paused. What was copied is kept.", "Resume carries on there.")


def source_went_away(path: str) -> Verdict:
    return Verdict(
        RunState.FAILED,
        f"The source {path} went away during the run.",
        "Bring it back or plug in its disk, then start the job again; what was copied is kept.",
    )


def stayed_silent(host: str) -> Verdict:
    return Verdict(
        RunState.FAILED,
        f"{host} has not answered for a whole day.",
        "Check that it is switched on and on this network, then start the job again; what was copied is kept.",
    )


def supervisor_lost(same_boot: bool, kind: str = "backup") -> Outcome:
    """A run whose supervisor is gone without a word."""
    next_step = RETRY_AGAIN if kind == "retry" else "Resume carries on there."
    if same_boot:
        return Outcome("The process that watched this run was ended from outside. What was copied is kept.", next_step)
    return Outcome("The machine restarted. What was copied is kept.", next_step)


def closing_figures(run: Run, state: RunState) -> Progress:
    """The last figures: whole at a good end, and in no case still moving."""
    progress = run.progress._replace(speed_bytes=0, eta_seconds=None, current_file="")
    if state not in GOOD:
        return progress
    total = run.statistics.total_bytes
    if total is None:
        total = progress.total_bytes or progress.bytes_transferred
    done = progress.files_total or progress.files_done
    return progress._replace(
        bytes_transferred=total,
        total_bytes=total,
        percent=100.0,
        eta_seconds=0,
        files_done=done,
    )
