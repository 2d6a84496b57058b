"""The verdict on each exit code of rclone, in words; the code decides, output only refines."""

from engines.base import Purpose, Verdict
from engines.causes import find_cause
from engines.rclone_causes import CAUSES
from engines.rclone_output import COMPARED
from engines.signals import signal_verdict
from models.run import RunState

_SIGNALLED, _NOT_RETRIED = 128, 6
_DONE, _FAILED = RunState.DONE, RunState.FAILED
_AGAIN = "Start the job again; what was copied is kept."
_REPORT = "Open the run's log for rclone's own message."
_NETWORK = "Check the network and the remote, then start the job again; what was copied is kept."

VERDICTS: dict[int, Verdict] = {
    0: Verdict(_DONE),
    1: Verdict(_FAILED, "rclone could not copy everything.", _REPORT),
    2: Verdict(_FAILED, "rclone did not accept the command it was given.", _REPORT),
    3: Verdict(_FAILED, "A folder of this job does not exist.", "Check that both paths exist and are folders."),
    4: Verdict(_FAILED, "A file of this job does not exist.", "Check the paths, then start the job again."),
    5: Verdict(_FAILED, "The remote has a passing problem.", _NETWORK, retry=True),
    6: Verdict(_FAILED, "Some files could not be copied.", "See the list of files and the log. " + _AGAIN),
    7: Verdict(_FAILED, "The remote refused to go on, for example because the account is full or blocked.", _REPORT),
    8: Verdict(_FAILED, "rclone stopped at a limit for the amount of data.", _AGAIN),
    9: Verdict(_DONE),
    10: Verdict(_FAILED, "rclone stopped at a limit for its duration.", _AGAIN),
}


def verdict(exit_code: int, tail: tuple[str, ...], purpose: Purpose) -> Verdict:
    """What the exit means. `tail` may sharpen words and `retry`; of a comparison it says whether it came to its end."""
    if purpose == "verify" and exit_code in (0, 1):
        return _compared(exit_code, tail)
    if purpose == "delete" and exit_code == _NOT_RETRIED:
        return Verdict(RunState.DONE_WITH_WARNINGS, "Files that differ from their copies by now were kept.")
    plain = VERDICTS.get(exit_code) or _unknown(exit_code)
    if plain.state is _DONE:
        return plain
    cause = find_cause(CAUSES, exit_code, tail)
    return Verdict(plain.state, cause.reason, cause.next_step, cause.retry) if cause else plain


def _compared(exit_code: int, tail: tuple[str, ...]) -> Verdict:
    """A comparison that ended sums up; differences make its exit 1."""
    if any(line.startswith(COMPARED) for line in tail):
        return Verdict(_DONE)
    cause = find_cause(CAUSES, max(exit_code, 1), tail)
    if cause:
        return Verdict(_FAILED, cause.reason, cause.next_step, cause.retry)
    return Verdict(_FAILED, "rclone did not compare everything.", _REPORT)


def _unknown(exit_code: int) -> Verdict:
    if 0 < exit_code - _SIGNALLED < 65:  # rclone catches some signals and ends as a shell would say it
        return signal_verdict(exit_code - _SIGNALLED)
    return Verdict(_FAILED, f"rclone ended with code {exit_code}, which its manual does not explain.", _REPORT)
