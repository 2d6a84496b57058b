"""The status language: icon, word and tone of every state, for jobs and for runs."""

from dataclasses import dataclass

from core.views import JobView


@dataclass(frozen=True, slots=True)
class Look:
    word: str
    icon: str
    tone: str


RUN_LOOKS = {
    "queued": Look("Queued", "hourglass", "neutral"),
    "waiting": Look("Waiting", "hourglass", "neutral"),
    "starting": Look("Starting", "loader-circle", "info"),
    "checking": Look("Checking", "scan-search", "info"),
    "transferring": Look("Transferring", "loader-circle", "info"),
    "verifying": Look("Verifying", "shield-check", "info"),
    "deleting": Look("Deleting", "loader-circle", "info"),
    "pausing": Look("Stopping", "circle-stop", "neutral"),
    "done": Look("Done", "circle-check", "ok"),
    "done_with_warnings": Look("Done with warnings", "triangle-alert", "warn"),
    "failed": Look("Failed", "octagon-x", "error"),
    "paused": Look("Paused", "circle-pause", "neutral"),
    "interrupted": Look("Interrupted", "unplug", "warn"),
    "cancelled": Look("Cancelled", "circle-off", "neutral"),
}
JOB_LOOKS = RUN_LOOKS | {
    "queued": Look("Waiting", "hourglass", "neutral"),
    "starting": Look("Running", "loader-circle", "info"),
    "transferring": Look("Running", "loader-circle", "info"),
    "done": Look("Protected", "circle-check", "ok"),
    "disabled": Look("Disabled", "circle-off", "neutral"),
    "never_run": Look("Never run", "circle-dashed", "neutral"),
    "foreign": Look("Run by another program", "info", "info"),
    "abandoned": Look("Says it runs", "unplug", "warn"),
}
_CANNOT_START = Look("Cannot start", "circle-alert", "error")
_UNPROVEN = Look("Not proven", "shield-alert", "error")
_QUIET = frozenset({"done", "queued", "waiting", "starting", "checking", "transferring", "verifying", "deleting"})


def run_look(state: str) -> Look:
    return RUN_LOOKS[str(state)]


def job_look(view: JobView) -> Look:
    if view.unproven and view.active is None and not view.doubt:
        return _UNPROVEN
    if view.problem and view.active is None and not view.doubt:
        return _CANNOT_START
    return JOB_LOOKS[view.state]


def is_quiet(view: JobView) -> bool:
    """Whether a list shows the state bare, without a tinted pill: nothing asks for attention."""
    return not ((view.problem or view.unproven) and view.active is None) and view.state in _QUIET


def bar_tone(state: str) -> str:
    """The tone of a progress bar in this state."""
    return RUN_LOOKS[str(state)].tone
