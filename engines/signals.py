"""What it means when a tool was ended by a signal that we did not send, for every engine alike."""

import signal

from engines.base import Verdict
from models.run import RunState

_CAUSES = {
    signal.SIGKILL: (
        "The tool was killed (SIGKILL), by a person or because the machine ran out of memory.",
        "Look for “out of memory” in the machine's log, then start the job again.",
    ),
    signal.SIGTERM: (
        "The tool was asked to stop (SIGTERM) by another program.",
        "Start the job again; what was copied is kept.",
    ),
    signal.SIGINT: (
        "The tool was interrupted (SIGINT) by a person or another program.",
        "Start the job again; what was copied is kept.",
    ),
    signal.SIGHUP: (
        "The tool was told that its terminal is gone (SIGHUP).",
        "Start the job again; what was copied is kept.",
    ),
    signal.SIGSEGV: (
        "The tool crashed (SIGSEGV): a defect of the tool or of this machine's memory.",
        "Update the tool. If it happens again, test the machine's memory.",
    ),
    signal.SIGABRT: (
        "The tool gave up by itself (SIGABRT): a defect of the tool or too little memory.",
        "Update the tool, then start the job again.",
    ),
    signal.SIGBUS: (
        "The tool crashed (SIGBUS): a disk or file went away while it was read.",
        "Check the disks, then start the job again.",
    ),
    signal.SIGXFSZ: (
        "A file grew over the size limit of this service (SIGXFSZ).",
        "Raise the file size limit (ulimit -f) of the service.",
    ),
    signal.SIGXCPU: (
        "The tool used up the processor time this service allows (SIGXCPU).",
        "Raise the processor time limit (ulimit -t) of the service.",
    ),
    signal.SIGPIPE: (
        "The connection between the tool's own processes broke (SIGPIPE).",
        "Start the job again; what was copied is kept.",
    ),
}


def signal_name(number: int) -> str:
    """`SIGKILL`, or `signal 99` for a number without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def signal_verdict(number: int) -> Verdict:
    """The verdict for a tool that died of signal `number`: failed, naming the signal."""
    default = (
        f"The tool was ended by {signal_name(number)}, which Backup Manager did not send.",
        "Start the job again; what was copied is kept.",
    )
    reason, next_step = _CAUSES.get(number, default)  # type: ignore[call-overload]
    return Verdict(RunState.FAILED, reason, next_step)
