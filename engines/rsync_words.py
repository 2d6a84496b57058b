"""The verdict on each exit code of rsync, in words; the code decides, output only refines."""

from engines.base import Purpose, Verdict
from engines.causes import find_cause
from engines.rsync_causes import CAUSES
from models.run import RunState

_DONE, _WARN, _FAILED = RunState.DONE, RunState.DONE_WITH_WARNINGS, RunState.FAILED
_AGAIN = "Start the job again; what was copied is kept."
_REPORT = "Open the run's log for rsync's own message."
_NETWORK = "Check the network and the other host, then start the job again; what was copied is kept."

VERDICTS: dict[int, Verdict] = {
    0: Verdict(_DONE),
    1: Verdict(_FAILED, "rsync did not accept the command it was given.", _REPORT),
    2: Verdict(
        _FAILED,
        "The rsync on the other side speaks a protocol that does not fit this one.",
        "Update rsync on both sides.",
    ),
    3: Verdict(
        _FAILED,
        "rsync could not choose its files: the source or the destination cannot be used.",
        "Check that both paths exist and are folders.",
    ),
    4: Verdict(
        _FAILED,
        "An option of this job is not supported by rsync on one of the two sides.",
        "Switch off the option named in the log, or update rsync there.",
    ),
    5: Verdict(
        _FAILED,
        "The other side refused before the transfer began.",
        "Check the module, the user and the password.",
    ),
    6: Verdict(_FAILED, "The rsync daemon could not write its log.", "Mend the daemon's log file."),
    10: Verdict(_FAILED, "The network connection failed.", _NETWORK, retry=True),
    11: Verdict(
        _FAILED,
        "A file could not be read or written.",
        "Check the destination's disk, its free space and its rights.",
    ),
    12: Verdict(_FAILED, "The connection between the two rsyncs broke off.", _NETWORK, retry=True),
    13: Verdict(_FAILED, "rsync could not write its own messages.", _REPORT),
    14: Verdict(
        _FAILED,
        "The processes of rsync could not talk to each other.",
        "Look at this machine's memory and process limits, then start the job again.",
    ),
    15: Verdict(_FAILED, "One of rsync's processes crashed.", "Update rsync. " + _AGAIN),
    16: Verdict(
        _FAILED,
        "One of rsync's processes was killed, by a person or for lack of memory.",
        "Look for “out of memory” in the machine's log, then start the job again.",
    ),
    19: Verdict(_FAILED, "rsync was ended by another of its processes.", _AGAIN),
    20: Verdict(_FAILED, "rsync was stopped by another program.", _AGAIN),
    21: Verdict(_FAILED, "rsync lost sight of one of its own processes.", _AGAIN),
    22: Verdict(
        _FAILED,
        "rsync ran out of memory.",
        "Free memory on both sides, or split the job into smaller folders.",
    ),
    23: Verdict(
        _WARN,
        "Some files or their attributes could not be copied.",
        "See the list of files and the log, mend the cause, then start the job again.",
    ),
    24: Verdict(_DONE, "Some files vanished from the source while it was read."),
    25: Verdict(
        _FAILED,
        "rsync stopped at the delete limit, so some files were not deleted.",
        "Look at what would be deleted before raising the limit.",
    ),
    30: Verdict(_FAILED, "The other side did not answer for too long.", _NETWORK, retry=True),
    35: Verdict(_FAILED, "The rsync daemon did not answer in time.", _NETWORK, retry=True),
    124: Verdict(_FAILED, "The command on the other host did not run.", _REPORT),
    125: Verdict(_FAILED, "The command on the other host was killed.", _NETWORK, retry=True),
    126: Verdict(
        _FAILED,
        "rsync on the other host cannot be executed.",
        "Make rsync executable for that user there.",
    ),
    127: Verdict(
        _FAILED,
        "rsync was not found on the other host, or ssh was not found on this one.",
        "Install rsync there and ssh here.",
    ),
    255: Verdict(
        _FAILED,
        "The ssh connection failed.",
        "Check the host's name, port and key, then start the job again.",
        retry=True,
    ),
}


# What a comparison, a preview or a deletion says otherwise than a copy.
_OF_LOOKING = {
    23: Verdict(
        _WARN,
        "Some files could not be read, so nothing is known about them.",
        "See the log, mend the cause, then start it again.",
    )
}

_OF_DELETING = {23: Verdict(_WARN, "Files that are not what was compared any more stay at the source, see the log.")}


def verdict(exit_code: int, tail: tuple[str, ...], purpose: Purpose = "transfer") -> Verdict:
    """What the exit means. `tail` may sharpen words and `retry`; the state is the code's alone."""
    plain = VERDICTS.get(exit_code) or _unknown(exit_code)
    if purpose != "transfer":
        plain = (_OF_DELETING if purpose == "delete" else _OF_LOOKING).get(exit_code, plain)
    if plain.state is _DONE:
        return plain
    cause = find_cause(CAUSES, exit_code, tail)
    if cause is None:
        return plain
    return Verdict(plain.state, cause.reason, cause.next_step, cause.retry)


def _unknown(exit_code: int) -> Verdict:
    return Verdict(_FAILED, f"rsync ended with code {exit_code}, which its manual does not explain.", _REPORT)
